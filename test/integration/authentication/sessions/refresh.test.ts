/** A refresh token that is used again: what is harmless, what ends the session, and what the security log records. */
import { LockMode } from '@mikro-orm/core';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { AuditEvent } from '../../../../src/audit/audit-event.entity.ts';
import type { Authentication } from '../../../../src/authentication/authentication.ts';
import { RefreshToken, Session } from '../../../../src/authentication/sessions/session.entity.ts';
import { listSessions } from '../../../../src/authentication/sessions/session.list.ts';
import { logout, revokeOtherSessions } from '../../../../src/authentication/sessions/session.revocation.ts';
import { changePassword } from '../../../../src/authentication/sign-in/account.service.ts';
import { refresh } from '../../../../src/authentication/sign-in/sign-in.service.ts';
import type { Database } from '../../../../src/database/database.ts';
import { fromGlobalId } from '../../../../src/database/ids.ts';
import type { AuthSession } from '../../../../src/graphql/schema-types.ts';
import { scopesOfRole } from '../../../../src/users/scopes.ts';
import { User } from '../../../../src/users/user.entity.ts';
import type { Viewer } from '../../../../src/users/viewer.ts';
import { testDatabases, waitingIn } from '../../../support/database.ts';
import { withDatabase } from '../../../support/global-setup.ts';
import { createWorld, days, minutes, origin, password, type World } from '../world.ts';

const window = 30;
const refused = {
  session: null,
  errors: [{ path: ['input', 'refreshToken'], code: 'INVALID_REFRESH_TOKEN', message: expect.any(String) }],
};

describe.each(testDatabases())('a refresh token on $name', ({ name: databaseName, open }) => {
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

  const refreshed = async (token: string, scopes?: string[]): Promise<AuthSession> => {
    const { session, errors } = await world.refresh(token, scopes);
    expect(errors).toEqual([]);
    return session as AuthSession;
  };
  const viewerOf = async (session: AuthSession): Promise<Viewer> => {
    const viewer = await world.viewer(session);
    if (viewer === 'refused') throw new Error('refused');
    return viewer;
  };
  const userId = () => fromGlobalId('user', ada.userId) as string;
  const causes = async () => {
    const where = { subjectId: userId(), type: 'REFRESH_TOKEN_REUSED' } as const;
    const events = await database.fork().find(AuditEvent, where, { orderBy: { createdAt: 'asc', id: 'asc' } });
    return events.map(({ cause }) => cause);
  };
  const tokens = async () => {
    const sessions = await database.fork().find(Session, { userId: userId() });
    return await database.fork().find(RefreshToken, { sessionId: { $in: sessions.map(({ id }) => id) } });
  };
  /**
   * Locks the account's row, so that everything that follows waits. Its result lets the calls go on, once as many wait
   * as there are connections. The embedded database has one session, which runs them one after the other.
   */
  const barrier = async (): Promise<() => Promise<void>> => {
    if (databaseName === 'embedded') return async () => {};
    const [held, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holder = database.fork().transactional(async (tx) => {
      await tx.findOneOrFail(User, { id: userId() }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      held.resolve();
      await released.promise;
    });
    await held.promise;
    const monitor = new Client({
      connectionString: withDatabase(inject('server')?.url ?? '', database.orm.config.get('dbName') ?? ''),
    });
    await monitor.connect();
    return async () => {
      await vi.waitFor(async () => expect(await waitingIn(monitor)).toBeGreaterThanOrEqual(9), { timeout: 10_000 });
      await monitor.end();
      released.resolve();
      await holder;
    };
  };
  const live = async () => (await tokens()).filter(({ spentAt }) => spentAt === null).length;

  describe('that was traded', () => {
    it('is answered with the very same successor, for as long as half a minute', async () => {
      const next = await refreshed(ada.refreshToken);
      world.pass(window);
      const again = await refreshed(ada.refreshToken);
      expect(again.refreshToken).toBe(next.refreshToken);
      expect(await world.viewer(again)).toEqual(await world.viewer(next));
      expect(await live()).toBe(1);
      expect(await causes()).toEqual([]);
      await refreshed(next.refreshToken);
    });

    it('ends the session once that has passed: a late retry', async () => {
      const next = await refreshed(ada.refreshToken);
      world.pass(window + 1);
      expect(await world.refresh(ada.refreshToken)).toEqual(refused);
      expect(await world.viewer(next)).toBe('refused');
      expect(await world.refresh(next.refreshToken)).toEqual(refused);
      expect(await causes()).toEqual(['LATE_RETRY', 'AFTER_REUSE']);
    });

    it('ends the session at once where no time is given', async () => {
      const strict = { ...world.authentication, refreshRetryWindow: 0 };
      const trade = () => refresh(database.fork(), strict, { refreshToken: ada.refreshToken }, world.request());
      expect((await trade()).errors).toEqual([]);
      expect(await trade()).toEqual(refused);
      expect(await causes()).toEqual(['LATE_RETRY']);
    });

    it('ends the session when its successor was traded as well, however recently', async () => {
      const next = await refreshed(ada.refreshToken);
      const third = await refreshed(next.refreshToken);
      expect(await world.refresh(ada.refreshToken)).toEqual(refused);
      expect(await world.viewer(third)).toBe('refused');
      expect(await causes()).toEqual(['OLDER_TOKEN']);
    });

    it('leaves other sessions alone when it ends its own', async () => {
      const other = await world.login(name);
      await refreshed((await refreshed(ada.refreshToken)).refreshToken);
      expect(await world.refresh(ada.refreshToken)).toEqual(refused);
      expect(await world.viewer(other)).not.toBe('refused');
      await refreshed(other.refreshToken);
    });

    it('has a successor that neither it nor the database gives away', async () => {
      const next = await refreshed(ada.refreshToken);
      const stored = JSON.stringify(await database.fork().find(RefreshToken, {}));
      expect(stored).not.toContain(next.refreshToken.slice(4));
      expect(stored).not.toContain(ada.refreshToken.slice(4));
    });

    it('is refused, and nothing else, by a server with another secret', async () => {
      const next = await refreshed(ada.refreshToken);
      const stranger = { ...world.authentication, refreshTokenKeys: [Buffer.alloc(32, 7)] as const };
      const input = { refreshToken: ada.refreshToken };
      expect(await refresh(database.fork(), stranger, input, world.request())).toEqual(refused);
      expect((await refreshed(ada.refreshToken)).refreshToken).toBe(next.refreshToken);
      // A server that also knows the former secret answers.
      const [key] = world.authentication.refreshTokenKeys;
      const renewed = { ...world.authentication, refreshTokenKeys: [Buffer.alloc(32, 7), key] as const };
      const { session } = await refresh(database.fork(), renewed, input, world.request());
      expect(session?.refreshToken).toBe(next.refreshToken);
    });
  });

  it.each([
    ['a logout', 'AFTER_LOGOUT', (viewer: Viewer) => logout(database.fork(), viewer, world.request())],
    [
      'a revocation',
      'AFTER_REVOCATION',
      (viewer: Viewer) =>
        revokeOtherSessions(database.fork(), { ...viewer, sessionId: crypto.randomUUID() }, world.request()),
    ],
    [
      'a change of password',
      'AFTER_PASSWORD_CHANGE',
      (viewer: Viewer) =>
        changePassword(
          database.fork(),
          world.authentication,
          {
            viewer: { ...viewer, sessionId: crypto.randomUUID() },
            input: { currentPassword: password, newPassword: `${password} and one` },
          },
          world.request(),
        ),
    ],
    ['a closing', 'AFTER_CLOSING', () => world.setUser(name, { isActive: false })],
  ] as const)(
    'is worth nothing after %s, which the security log tells once for each token',
    async (_what, cause, end) => {
      const next = await refreshed(ada.refreshToken);
      const viewer = await viewerOf(next);
      await end(viewer);
      for (let attempt = 0; attempt < 3; attempt++) expect(await world.refresh(next.refreshToken)).toEqual(refused);
      expect(await causes()).toEqual([cause]);
      // Also within the time in which a retry would be answered.
      expect(await world.refresh(ada.refreshToken)).toEqual(refused);
      expect(await causes()).toEqual([cause, cause]);
    },
  );

  it('gives what the account is worth now, also to a retry', async () => {
    await world.setUser(name, { role: 'ADMIN' });
    const admin = await refreshed(ada.refreshToken);
    expect(admin).toMatchObject({ role: 'ADMIN', scope: scopesOfRole.ADMIN.join(' ') });
    await world.setUser(name, { role: 'USER' });
    const again = await refreshed(ada.refreshToken);
    expect(again).toMatchObject({ refreshToken: admin.refreshToken, role: 'USER', scope: scopesOfRole.USER.join(' ') });
  });

  it('gives no more scopes to a retry that asks for more', async () => {
    const narrow = await world.login(name, ['task:read']);
    const first = await refreshed(narrow.refreshToken, []);
    expect(first.scope).toBe('');
    const again = await refreshed(narrow.refreshToken, ['task:read', 'task:write', 'user:read']);
    expect(again).toMatchObject({ refreshToken: first.refreshToken, scope: 'task:read' });
  });

  it('has one live successor under 50 calls at once, which all of them receive', async () => {
    const start = await barrier();
    const asked = Array.from({ length: 50 }, () => world.refresh(ada.refreshToken));
    await start();
    const answers = await Promise.all(asked);
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(new Set(answers.map(({ session }) => session?.refreshToken)).size).toBe(1);
    expect(await live()).toBe(1);
    await refreshed(answers[0]?.session?.refreshToken as string);
  });

  it('leaves nothing alive after 50 logouts and refreshes at once', async () => {
    const viewer = await viewerOf(ada);
    const start = await barrier();
    const asked = Array.from({ length: 50 }, (_, index) =>
      index === 25
        ? logout(database.fork(), viewer, world.request())
        : refresh(database.fork(), world.authentication, { refreshToken: ada.refreshToken }, world.request()),
    );
    await start();
    await Promise.all(asked);
    const sessions = await database.fork().find(Session, { userId: userId() });
    expect(sessions.map(({ endReason }) => endReason)).toEqual(['LOGOUT']);
    expect(await world.refresh(ada.refreshToken)).toEqual(refused);
  });

  it('moves its session to the address of its last use, and keeps the device', async () => {
    world.pass(60);
    const elsewhere = { ...world.request(), address: '2001:db8:1:2::3', userAgent: 'another' };
    await refresh(database.fork(), world.authentication, { refreshToken: ada.refreshToken }, elsewhere);
    const session = await database.fork().findOneOrFail(Session, { userId: userId() });
    // A network is known by a password, not by a token.
    expect(session).toMatchObject({
      network: origin.address,
      address: '2001:db8:1:2::3',
      userAgent: origin.userAgent,
      lastUsedAt: world.now(),
    });
  });

  it('ends the session also when it would have expired unused', async () => {
    let token = ada.refreshToken;
    for (let step = 0; step < 2; step++) {
      world.pass(29 * days);
      token = (await refreshed(token)).refreshToken;
    }
    expect(await world.refresh(ada.refreshToken)).toEqual(refused);
    expect(await world.refresh(token)).toEqual(refused);
    expect(await causes()).toEqual(['OLDER_TOKEN', 'AFTER_REUSE']);
  });

  describe('after its lifetime was changed', () => {
    const hour = 60 * minutes;
    const refreshWith = async (
      change: Partial<Pick<Authentication, 'refreshTokenTtl' | 'sessionTtl'>>,
      token: string,
    ) =>
      await refresh(database.fork(), { ...world.authentication, ...change }, { refreshToken: token }, world.request());
    const listed = async (refreshTokenTtl: number) => {
      const viewer = { id: userId(), roles: ['USER'], scopes: ['user:read'], sessionId: '' } as const;
      const page = await listSessions(database.fork(), viewer, {}, { now: world.now(), refreshTokenTtl });
      return page.nodes.length;
    };

    it('is refused when it was unused for longer than it may be now, and ends no session', async () => {
      world.pass(3 * hour);
      expect(await refreshWith({ refreshTokenTtl: hour }, ada.refreshToken)).toEqual(refused);
      expect(await listed(hour)).toBe(0);
      expect(await causes()).toEqual([]);
      expect(await listed(30 * days)).toBe(1);
      expect((await refreshWith({}, ada.refreshToken)).errors).toEqual([]);
    });

    it('is good when it was used in time', async () => {
      world.pass(hour - 1);
      expect(await listed(hour)).toBe(1);
      const { session } = await refreshWith({ refreshTokenTtl: hour }, ada.refreshToken);
      world.pass(hour - 1);
      expect(await listed(hour)).toBe(1);
      expect((await refreshWith({ refreshTokenTtl: hour }, session?.refreshToken ?? '')).errors).toEqual([]);
    });

    it('keeps its promised end when that is earlier', async () => {
      world.pass(30 * days);
      expect(await refreshWith({ refreshTokenTtl: 60 * days }, ada.refreshToken)).toEqual(refused);
    });

    it('is refused when its session is older than one may be now', async () => {
      world.pass(2 * days);
      expect(await refreshWith({ sessionTtl: 2 * days }, ada.refreshToken)).toEqual(refused);
      expect((await refreshWith({ sessionTtl: 2 * days + 1 }, ada.refreshToken)).errors).toEqual([]);
    });
  });
});
