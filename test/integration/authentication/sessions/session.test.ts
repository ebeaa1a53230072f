import { LockMode } from '@mikro-orm/core';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { RefreshToken, Session } from '../../../../src/authentication/sessions/session.entity.ts';
import { logout } from '../../../../src/authentication/sessions/session.revocation.ts';
import type { Database } from '../../../../src/database/database.ts';
import { fromGlobalId, newId } from '../../../../src/database/ids.ts';
import type { AuthSession } from '../../../../src/graphql/schema-types.ts';
import { scopesOfRole } from '../../../../src/users/scopes.ts';
import { setUserActive } from '../../../../src/users/user.administration.ts';
import { User } from '../../../../src/users/user.entity.ts';
import type { Viewer } from '../../../../src/users/viewer.ts';
import { testDatabases } from '../../../support/database.ts';
import { createWorld, days, minutes, type World } from '../world.ts';

const refusedRefresh = {
  session: null,
  errors: [{ path: ['input', 'refreshToken'], code: 'INVALID_REFRESH_TOKEN', message: expect.any(String) }],
};

describe.each(testDatabases())('a session on $name', ({ name: databaseName, open }) => {
  let database: Database;
  let world: World;
  let name: string;
  let ada: AuthSession;
  let count = 0;

  beforeAll(async () => {
    database = await open();
    world = await createWorld(database);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    name = `ada${++count}`;
    ada = await world.register(name);
  });

  const refreshed = async (refreshToken: string, scopes?: string[]): Promise<AuthSession> => {
    const { session, errors } = await world.refresh(refreshToken, scopes);
    expect(errors).toEqual([]);
    return session as AuthSession;
  };

  describe('its access token', () => {
    it('makes its bearer the viewer, with the rights of the role', async () => {
      expect(await world.viewer(ada)).toEqual({
        id: fromGlobalId('user', ada.userId),
        roles: ['USER'],
        scopes: scopesOfRole.USER,
        sessionId: expect.any(String),
      });
    });

    it('is refused once it has expired', async () => {
      world.pass(15 * minutes + 4);
      expect(await world.viewer(ada)).not.toBe('refused');
      world.pass(1);
      expect(await world.viewer(ada)).toBe('refused');
    });

    it('is refused after a logout, which leaves other sessions alone', async () => {
      const other = await world.login(name);
      const viewer = await world.viewer(ada);
      if (viewer === 'refused') throw new Error('refused before the logout');
      await world.authentication.sessions.known(logout(database.fork(), viewer, world.request()));
      expect(await world.viewer(ada)).toBe('refused');
      expect(await world.viewer(other)).not.toBe('refused');
    });

    it('is refused while the account is closed, and for good if its sessions were revoked', async () => {
      await world.setUser(name, { isActive: false });
      expect(await world.viewer(ada)).toBe('refused');
      await world.setUser(name, { isActive: true });
      expect(await world.viewer(ada)).not.toBe('refused');

      world.pass(1);
      await world.setUser(name, { sessionsValidFrom: world.now() });
      expect(await world.viewer(ada)).toBe('refused');
      expect(await world.viewer(await world.login(name))).not.toBe('refused');
    });

    it('is worth no more than the role is now', async () => {
      await world.setUser(name, { role: 'ADMIN' });
      const admin = await world.login(name);
      expect(await world.viewer(admin)).toMatchObject({ roles: ['ADMIN'], scopes: scopesOfRole.ADMIN });

      await world.setUser(name, { role: 'USER' });
      expect(await world.viewer(admin)).toMatchObject({ roles: ['USER'], scopes: scopesOfRole.USER });
    });

    it('gains no scope when the role gains some', async () => {
      await world.setUser(name, { role: 'ADMIN' });
      expect(await world.viewer(ada)).toMatchObject({ roles: ['ADMIN'], scopes: scopesOfRole.USER });
    });

    it("is refused with another account's session", async () => {
      const eve = await world.register(`eve${count}`);
      const [mine, hers] = [await world.viewer(ada), await world.viewer(eve)];
      if (mine === 'refused' || hers === 'refused') throw new Error('refused before the exchange');
      const forged = await world.authentication.accessTokens.issue(
        { userId: mine.id, sessionId: hers.sessionId, role: 'USER', scopes: [] },
        world.now(),
      );
      expect(await world.viewer({ accessToken: forged.token })).toBe('refused');
    });
  });

  describe('its refresh token', () => {
    it('is traded for new tokens of the same session', async () => {
      world.pass(10 * minutes);
      const next = await refreshed(ada.refreshToken);
      expect(next).toMatchObject({ tokenType: 'Bearer', expiresIn: 900, scope: ada.scope, userId: ada.userId });
      expect(next.refreshToken).not.toBe(ada.refreshToken);
      const [before, after] = [await world.viewer(ada), await world.viewer(next)];
      expect(after).toEqual(before);
      expect(after).not.toBe('refused');
    });

    it('is stored only as a hash', async () => {
      const stored = await database.fork().find(RefreshToken, {});
      expect(stored.length).toBeGreaterThan(0);
      expect(JSON.stringify(stored)).not.toContain(ada.refreshToken.slice(4));
    });

    it('does not outlive a logout', async () => {
      const viewer = await world.viewer(ada);
      if (viewer === 'refused') throw new Error('refused before the logout');
      await world.authentication.sessions.known(logout(database.fork(), viewer, world.request()));
      expect(await world.refresh(ada.refreshToken)).toEqual(refusedRefresh);
    });

    it('is refused while the account is closed, or once its sessions were revoked', async () => {
      const second = await world.login(name);
      await world.setUser(name, { isActive: false });
      expect(await world.refresh(ada.refreshToken)).toEqual(refusedRefresh);
      world.pass(1);
      await world.setUser(name, { isActive: true, sessionsValidFrom: world.now() });
      expect(await world.refresh(second.refreshToken)).toEqual(refusedRefresh);
      await refreshed((await world.login(name)).refreshToken);
    });

    it('slides: it lives 30 days from its last use', async () => {
      world.pass(30 * days - 1);
      const next = await refreshed(ada.refreshToken);
      world.pass(30 * days - 1);
      await refreshed(next.refreshToken);

      const unused = await world.login(name);
      world.pass(30 * days);
      expect(await world.refresh(unused.refreshToken)).toEqual(refusedRefresh);
    });

    it('never slides past 90 days', async () => {
      let token = ada.refreshToken;
      for (let month = 0; month < 3; month++) {
        world.pass(30 * days - 1);
        token = (await refreshed(token)).refreshToken;
      }
      const last = await refreshed(token);
      world.pass(3);
      expect(await world.refresh(last.refreshToken)).toEqual(refusedRefresh);
      expect(await world.viewer(last)).toBe('refused');
    });

    it.each([
      ['empty', ''],
      ['of another form', 'not a token'],
      ['unknown', `gwr_${'A'.repeat(43)}`],
      ['oversized', `gwr_${'A'.repeat(1_000_000)}`],
      ['with a NUL', `gwr_${'A'.repeat(42)}\0`],
    ])('is refused when it is %s', async (_what, token) => {
      expect(await world.refresh(token)).toEqual(refusedRefresh);
    });
  });

  describe('its scopes', () => {
    it('are those asked for at sign-in, for good', async () => {
      const narrow = await world.login(name, ['task:read']);
      expect(narrow.scope).toBe('task:read');
      expect(await world.viewer(narrow)).toMatchObject({ scopes: ['task:read'] });

      const next = await refreshed(narrow.refreshToken);
      expect(next.scope).toBe('task:read');
      expect((await refreshed(next.refreshToken, ['task:read', 'task:write'])).scope).toBe('task:read');
    });

    it('can be narrowed for one access token only', async () => {
      const next = await refreshed(ada.refreshToken, ['task:read']);
      expect(next.scope).toBe('task:read');
      expect((await refreshed(next.refreshToken)).scope).toBe(ada.scope);
    });

    it('are without those that the account does not have', async () => {
      expect((await world.login(name, ['task:read', 'user:write:any'])).scope).toBe('task:read');
    });

    it('do not include later what the account did not have at sign-in', async () => {
      const narrow = await world.login(name, ['task:read', 'task:read:any']);
      await world.setUser(name, { role: 'ADMIN' });
      expect((await refreshed(narrow.refreshToken)).scope).toBe('task:read');
    });

    it('follow the role at the next refresh when the session was not narrowed', async () => {
      await world.setUser(name, { role: 'ADMIN' });
      const next = await refreshed(ada.refreshToken);
      expect(next).toMatchObject({ role: 'ADMIN', scope: scopesOfRole.ADMIN.join(' ') });

      await world.setUser(name, { role: 'USER' });
      expect((await refreshed(next.refreshToken)).scope).toBe(scopesOfRole.USER.join(' '));
    });

    it('may be none', async () => {
      const none = await world.login(name, []);
      expect(none.scope).toBe('');
      expect(await world.viewer(none)).toMatchObject({ scopes: [] });
      expect((await refreshed(none.refreshToken)).scope).toBe('');
    });

    it('that do not exist are an input error, and spend nothing', async () => {
      expect(await world.refresh(ada.refreshToken, ['task:fly'])).toMatchObject({
        session: null,
        errors: [{ path: ['input', 'scopes'], code: 'INVALID' }],
      });
      await refreshed(ada.refreshToken);
    });
  });

  describe('when its account is closed', () => {
    let admin: Viewer;
    beforeAll(async () => {
      // Created before the accounts that it closes, because rows are locked in this order.
      const { userId } = await world.register('warden');
      await world.setUser('warden', { role: 'ADMIN' });
      const id = fromGlobalId('user', userId) as string;
      admin = { id, roles: ['ADMIN'], scopes: scopesOfRole.ADMIN, sessionId: newId() };
    });

    /** By the clock of a server that is ahead by this many seconds. */
    const setActive = async (isActive: boolean, ahead = 0) => {
      const now = new Date(world.now().getTime() + ahead * 1000);
      const request = { ...world.request(), now };
      const change = setUserActive(database.fork(), admin, { userId: ada.userId, isActive }, request);
      const { errors } = await world.authentication.sessions.known(change);
      expect(errors).toEqual([]);
    };

    it.each([
      ['the same', 0],
      ['behind', -60],
      ['ahead', 60],
    ])('is over for good, by a clock that is %s, and the next one counts', async (_which, ahead) => {
      await setActive(false, ahead);
      expect(await world.viewer(ada)).toBe('refused');
      await setActive(true, ahead);
      expect(await world.viewer(ada)).toBe('refused');
      expect(await world.refresh(ada.refreshToken)).toEqual(refusedRefresh);

      const next = await world.login(name);
      expect(await world.viewer(next)).not.toBe('refused');
      await setActive(false, -60);
      await setActive(true, -60);
      expect(await world.viewer(next)).toBe('refused');
      expect(await world.viewer(await world.login(name))).not.toBe('refused');
    });

    // The embedded database has one connection, so nothing waits for a lock there.
    if (databaseName === 'postgresql') {
      it('is over although it began while the closing waited', async () => {
        const held = Promise.withResolvers<void>();
        const released = Promise.withResolvers<void>();
        const holder = database.fork().transactional(async (tx) => {
          await tx.findOneOrFail(User, { id: admin.id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
          held.resolve();
          await released.promise;
        });
        await held.promise;
        const closing = setActive(false);
        await vi.waitFor(async () => {
          const { rows } = await sql<{ waiting: number }>`
          select count(*)::int as waiting from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`.execute(database.fork().getKysely());
          expect(rows).toEqual([{ waiting: 1 }]);
        });
        world.pass(1);
        const slippedIn = await world.login(name);
        expect(await world.viewer(slippedIn)).not.toBe('refused');
        released.resolve();
        await Promise.all([holder, closing]);

        await setActive(true);
        expect(await world.viewer(slippedIn)).toBe('refused');
        expect(await world.refresh(slippedIn.refreshToken)).toEqual(refusedRefresh);
        expect(await world.viewer(await world.login(name))).not.toBe('refused');
      });
    }
  });

  it('is deleted after it has expired, when the account signs in again', async () => {
    const userId = fromGlobalId('user', ada.userId) as string;
    world.pass(89 * days);
    await world.login(name);
    expect(await database.fork().count(Session, { userId })).toBe(2);
    world.pass(1 * days);
    await world.login(name);
    expect(await database.fork().count(Session, { userId })).toBe(2);
  });
});
