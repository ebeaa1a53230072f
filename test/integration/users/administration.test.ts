import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/database/database.ts';
import { newId, toGlobalId } from '../../../src/database/ids.ts';
import { setUserActive, setUserRole } from '../../../src/users/user.administration.ts';
import { User } from '../../../src/users/user.entity.ts';
import type { Viewer } from '../../../src/users/viewer.ts';
import { testDatabases } from '../../support/database.ts';
import { origin } from '../authentication/world.ts';
import { type Account, addUser, later, start } from '../tasks/fixtures.ts';

describe.each(testDatabases())('an administrator on $name', ({ open }) => {
  let database: Database;
  let admin: Account;
  let second: Account;
  let user: Account;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.fork().nativeDelete(User, {});
    admin = await addUser(database.fork(), { role: 'ADMIN' });
    second = await addUser(database.fork(), { role: 'ADMIN' });
    user = await addUser(database.fork());
  });

  const now = later(1000);
  const request = (at = now) => ({ ...origin, now: at });
  const setRole = (userId: string, role: User['role'], viewer: Viewer | null = admin.viewer) =>
    setUserRole(database.fork(), viewer, { userId, role }, request());
  const setActive = (userId: string, isActive: boolean, viewer: Viewer | null = admin.viewer) =>
    setUserActive(database.fork(), viewer, { userId, isActive }, request());
  const stored = (account: Account) => database.fork().findOneOrFail(User, { id: account.id });
  const openAdministrators = () => database.fork().count(User, { role: 'ADMIN', isActive: true });
  const lastAdministrator = (field: string) => ({
    user: null,
    errors: [{ path: ['input', field], code: 'INVALID', message: expect.stringContaining('last') }],
  });

  it('gives an account another role, and changes nothing else', async () => {
    const before = await stored(user);
    const { user: changed, errors } = await setRole(user.globalId, 'ADMIN');
    expect(errors).toEqual([]);
    expect(changed).toMatchObject({ id: user.id, role: 'ADMIN' });
    expect({ ...(await stored(user)) }).toEqual({ ...before, role: 'ADMIN', updatedAt: now });
  });

  it('closes an account, and ends its sessions for good', async () => {
    expect((await setActive(user.globalId, false)).user).toMatchObject({ id: user.id, isActive: false });
    expect(await stored(user)).toMatchObject({ isActive: false, sessionsValidFrom: now, updatedAt: now });
    await setUserActive(database.fork(), admin.viewer, { userId: user.globalId, isActive: true }, request(later(2000)));
    expect(await stored(user)).toMatchObject({ isActive: true, sessionsValidFrom: now, updatedAt: later(2000) });
  });

  it('changes nothing by asking for what is so already', async () => {
    const before = await stored(user);
    expect((await setRole(user.globalId, 'USER')).user).toMatchObject({ role: 'USER' });
    expect((await setActive(user.globalId, true)).user).toMatchObject({ isActive: true });
    expect({ ...(await stored(user)) }).toEqual({ ...before });
    expect(before.sessionsValidFrom).toEqual(start);
  });

  it('is told of an account that does not exist', async () => {
    const none = { user: null, errors: [expect.objectContaining({ path: ['input', 'userId'], code: 'NOT_FOUND' })] };
    for (const id of [toGlobalId('user', newId()), user.id, '', toGlobalId('task', user.id)]) {
      expect(await setRole(id, 'ADMIN')).toEqual(none);
      expect(await setActive(id, false)).toEqual(none);
    }
  });

  it('can step down while another remains, and not as the last', async () => {
    expect((await setRole(second.globalId, 'USER', second.viewer)).errors).toEqual([]);
    expect(await setRole(admin.globalId, 'USER')).toEqual(lastAdministrator('role'));
    expect(await setActive(admin.globalId, false)).toEqual(lastAdministrator('isActive'));
    expect(await stored(admin)).toMatchObject({ role: 'ADMIN', isActive: true, sessionsValidFrom: start });
  });

  it('is the last one when the others are closed', async () => {
    expect((await setActive(second.globalId, false)).errors).toEqual([]);
    expect(await setRole(admin.globalId, 'USER')).toEqual(lastAdministrator('role'));
    expect((await setActive(second.globalId, true)).errors).toEqual([]);
    expect((await setRole(admin.globalId, 'USER')).errors).toEqual([]);
    expect(await openAdministrators()).toBe(1);
  });

  it('remains, of two who step down at once', async () => {
    const outcomes = await Promise.all([
      setRole(admin.globalId, 'USER', admin.viewer),
      setActive(second.globalId, false, second.viewer),
    ]);
    expect(outcomes.filter(({ errors }) => errors.length === 0)).toHaveLength(1);
    expect(await openAdministrators()).toBe(1);
  });

  it('remains, of two who remove each other at once, and the later is denied', async () => {
    const outcomes = await Promise.allSettled([
      setRole(second.globalId, 'USER', admin.viewer),
      setActive(admin.globalId, false, second.viewer),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'FORBIDDEN' } });
    expect(await openAdministrators()).toBe(1);
  });

  it('is denied when none any more, or never one, or nobody', async () => {
    await setRole(second.globalId, 'USER');
    for (const viewer of [second.viewer, user.viewer, null]) {
      const forbidden = {
        code: 'FORBIDDEN',
        extensions: { requires: { scopes: [['user:write:any']], roles: ['ADMIN'], policies: [] } },
      };
      await expect(setRole(user.globalId, 'ADMIN', viewer)).rejects.toMatchObject(forbidden);
      await expect(setActive(user.globalId, false, viewer)).rejects.toMatchObject(forbidden);
    }
    expect(await stored(user)).toMatchObject({ role: 'USER', isActive: true });
  });

  it('is denied from a closed account', async () => {
    await setActive(second.globalId, false);
    await expect(setActive(second.globalId, true, second.viewer)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await stored(second)).toMatchObject({ isActive: false });
  });
});
