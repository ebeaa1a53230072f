/** Password hashes with other parameters than today's, at the sign-in that renews them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Authentication,
  type AuthenticationSettings,
  createAuthentication,
} from '../../../../src/authentication/authentication.ts';
import { rehash } from '../../../../src/authentication/passwords/rehash.ts';
import { login, register } from '../../../../src/authentication/sign-in/sign-in.service.ts';
import type { Database } from '../../../../src/database/database.ts';
import { findAccountByIdentifier, replacePasswordHash } from '../../../../src/users/user.accounts.ts';
import { User } from '../../../../src/users/user.entity.ts';
import { testDatabases } from '../../../support/database.ts';
import { unlimited } from '../throttling/throttle.world.ts';
import { origin } from '../world.ts';

const now = new Date(Date.UTC(2026, 0, 1, 12));
const password = 'seven green bottles';
const [first, second] = ['a first pepper of 32 bytes or more', 'a second pepper of 32 bytes or more'];

/** A hash of the password `secret`. */
const bcrypted = '$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW';

describe.each(testDatabases())('on $name', ({ open }) => {
  let database: Database;
  let plain: Authentication;
  const authenticationWith = (settings: Partial<AuthenticationSettings>): Promise<Authentication> =>
    createAuthentication(
      {
        algorithm: 'ES256',
        secret: 'a secret of the tests, not of any server',
        issuer: 'https://gatewright.example',
        audience: 'https://gatewright.example/graphql',
        accessTokenTtl: 900,
        refreshTokenTtl: 86_400,
        refreshRetryWindow: 30,
        sessionTtl: 86_400,
        argon2: { memoryCost: 1024, timeCost: 2, parallelism: 1 },
        maxHashes: 2,
        now,
        throttle: { limits: unlimited },
        ...settings,
      },
      database,
    );
  beforeAll(async () => {
    database = await open();
    plain = await authenticationWith({});
  });
  afterAll(() => database.close());

  async function accountOf(username: string, passwordHash?: string): Promise<void> {
    const input = { username, email: `${username}@example.org`, password };
    const { errors } = await register(database.fork(), plain, input, { ...origin, now });
    expect(errors).toEqual([]);
    if (passwordHash !== undefined) await setHash(username, passwordHash);
  }
  async function setHash(username: string, passwordHash: string): Promise<void> {
    await database.fork().nativeUpdate(User, { usernameKey: username }, { passwordHash });
  }
  const hashOf = async (username: string): Promise<string> =>
    (await database.fork().findOneOrFail(User, { usernameKey: username })).passwordHash;
  async function signsIn(authentication: Authentication, identifier: string, attempt: string): Promise<boolean> {
    const { session, errors } = await login(
      database.fork(),
      authentication,
      { identifier, password: attempt },
      { ...origin, now },
    );
    expect(errors.map(({ code }) => code)).toEqual(session ? [] : ['INVALID_CREDENTIALS']);
    return session !== null;
  }

  it('bcrypt becomes argon2id at the first sign-in, and is left alone from then on', async () => {
    await accountOf('imported', bcrypted);
    expect(await signsIn(plain, 'imported', 'secret')).toBe(true);
    const renewed = await hashOf('imported');
    expect(renewed).toMatch(/^\$argon2id\$v=19\$m=1024,t=2,p=1\$/);
    expect(await signsIn(plain, 'imported', 'secret')).toBe(true);
    expect(await hashOf('imported')).toBe(renewed);
    expect(await signsIn(plain, 'imported', 'Secret')).toBe(false);
  });

  it('stays bcrypt when the password is wrong, or the account closed', async () => {
    await accountOf('waiting', bcrypted);
    expect(await signsIn(plain, 'waiting', password)).toBe(false);
    await database.fork().nativeUpdate(User, { usernameKey: 'waiting' }, { isActive: false });
    expect(await signsIn(plain, 'waiting', 'secret')).toBe(false);
    expect(await hashOf('waiting')).toBe(bcrypted);
  });

  it('takes the parameters’ standard order, when it was stored in another', async () => {
    await accountOf('ordered');
    const current = await hashOf('ordered');
    await setHash('ordered', current.replace('t=2,p=1', 'p=1,t=2'));
    expect(await signsIn(plain, 'ordered', 'a wrong one')).toBe(false);
    expect(await hashOf('ordered')).toContain('$m=1024,p=1,t=2$');
    expect(await signsIn(plain, 'ordered', password)).toBe(true);
    expect(await hashOf('ordered')).toContain('$m=1024,t=2,p=1$');
  });

  it('follows the latest configuration', async () => {
    await accountOf('parameters');
    const before = await hashOf('parameters');
    const dearer = await authenticationWith({ argon2: { memoryCost: 2048, timeCost: 3, parallelism: 1 } });
    expect(await signsIn(dearer, 'parameters', 'a wrong one')).toBe(false);
    expect(await hashOf('parameters')).toBe(before);
    expect(await signsIn(dearer, 'parameters', password)).toBe(true);
    expect(await hashOf('parameters')).toMatch(/^\$argon2id\$v=19\$m=2048,t=3,p=1\$/);
    expect(await signsIn(dearer, 'parameters', password)).toBe(true);
  });

  it('follows the pepper: added, changed, taken away', async () => {
    await accountOf('peppered');
    const problems: string[] = [];
    const peppered = (current: string | null, previous: string | null) =>
      authenticationWith({ pepper: { current, previous }, onUnknownPepper: (keyId) => problems.push(keyId) });
    const [added, changed, taken] = [
      await peppered(first, null),
      await peppered(second, first),
      await peppered(null, second),
    ];
    expect(await signsIn(added, 'peppered', password)).toBe(true);
    const hash = await hashOf('peppered');
    expect(hash).toContain(',keyid=');
    expect(await signsIn(changed, 'peppered', 'a wrong one')).toBe(false);
    expect(await hashOf('peppered')).toBe(hash);
    expect(await signsIn(changed, 'peppered', password)).toBe(true);
    expect(await hashOf('peppered')).not.toContain(/,keyid=[^$]+/.exec(hash)?.[0]);
    expect(problems).toEqual([]);

    // A server that has only the first pepper lets nobody in, and reports why.
    expect(await signsIn(added, 'peppered', password)).toBe(false);
    expect(problems).toHaveLength(1);

    expect(await signsIn(taken, 'peppered', password)).toBe(true);
    expect(await hashOf('peppered')).not.toContain('keyid');
    expect(await signsIn(plain, 'peppered', password)).toBe(true);
  });

  it('does not replace a password that was changed in the meantime', async () => {
    await accountOf('changing', bcrypted);
    const em = database.fork();
    const account = await findAccountByIdentifier(em, 'changing');
    const chosen = await plain.passwords.hash('another password');
    await setHash('changing', chosen);
    await rehash(em, plain.passwords, account as NonNullable<typeof account>, 'secret');
    expect(await hashOf('changing')).toBe(chosen);
    expect(await signsIn(plain, 'changing', 'secret')).toBe(false);
    expect(await signsIn(plain, 'changing', 'another password')).toBe(true);
  });

  it('is replaced once, when two sign in at once', async () => {
    await accountOf('twice', bcrypted);
    const { id } = await database.fork().findOneOrFail(User, { usernameKey: 'twice' });
    const replaced = [
      await replacePasswordHash(database.fork(), { id, from: bcrypted, to: 'one' }),
      await replacePasswordHash(database.fork(), { id, from: bcrypted, to: 'two' }),
    ];
    expect([replaced, await hashOf('twice')]).toEqual([[true, false], 'one']);
    await setHash('twice', bcrypted);
    const both = await Promise.all([signsIn(plain, 'twice', 'secret'), signsIn(plain, 'twice', 'secret')]);
    expect(both).toEqual([true, true]);
    expect(await signsIn(plain, 'twice', 'secret')).toBe(true);
  });
});
