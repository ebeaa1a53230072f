/** Two server processes on one PostgreSQL. Each knows what the other does; when both are asked at once, one decides. */
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { createServerDatabase, waitingIn } from '../support/database.ts';
import { onServer } from '../support/global-setup.ts';
import { asAdmin, asAnonymous, asUser, type SignedIn, signIn } from '../support/personas.ts';
import { graphql, type SpawnedServer, spawnServer } from '../support/server.ts';
import { LoginDocument, RefreshDocument, RegisterDocument } from './documents/graphql.ts';

/** Contract, section 2: at once, on every node, within a second. */
const atOnce = { timeout: 1000, interval: 10 };
/** More than the connections of both processes to the database. */
const many = 60;

describe.runIf(inject('server'))('two nodes', () => {
  let made: { url: string; drop: () => Promise<void> };
  let nodes: [SpawnedServer, SpawnedServer];
  beforeAll(async () => {
    made = await createServerDatabase();
    const env = { DATABASE_URL: made.url, JWT_SECRET: randomBytes(32).toString('base64'), LOG_LEVEL: 'error' };
    const shared = { ...env, PUBLIC_URL: 'http://gatewright.test', THROTTLE_REGISTER_ADDRESS: '100000/1h' };
    nodes = [await spawnServer(shared), await spawnServer(shared)];
  });
  afterAll(async () => {
    await Promise.all(nodes?.map((node) => node.end()) ?? []);
    await made.drop();
  });

  const me = '{ me { username role } }';
  /** The answer of the other node. */
  const there = (user: SignedIn, query = me) => graphql(nodes[1].url, query, {}, { token: user.session.accessToken });
  const isServed = async (user: SignedIn) => expect((await there(user)).data?.me.username).toBe(user.username);
  const isRefused = (user: SignedIn) =>
    vi.waitFor(
      async () => expect(await there(user)).toMatchObject({ status: 401, codes: ['UNAUTHENTICATED'] }),
      atOnce,
    );
  /** A user that the other node knows, and so caches. */
  const known = async (): Promise<SignedIn> => {
    const user = await asUser(nodes[0]);
    await isServed(user);
    return user;
  };

  describe.each([
    ['while they hear of each other', async () => {}],
    [
      'right after their listening connections were killed',
      () =>
        onServer(
          made.url,
          `select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and application_name = 'gatewright listener'`,
        ),
    ],
  ])('%s', (_when, disturb) => {
    it('refuse a session that was signed out of on the other, and serve one that was not', async () => {
      const [user, twin] = [await known(), await known()];
      await disturb();
      expect((await user.ask('mutation { logout { endedSessionId } }')).errors).toEqual([]);
      await isRefused(user);
      await isServed(twin);
    });

    it('refuse the other sessions after a change of password, and serve the one that made it', async () => {
      const user = await known();
      const other = await signIn(nodes[0], user);
      await isServed(other);
      await disturb();
      const change = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { errors { code } } }`;
      const input = { currentPassword: user.password, newPassword: `${user.password}!` };
      expect((await user.ask(change, { input })).data.changePassword.errors).toEqual([]);
      await isRefused(other);
      await isServed(user);
    });

    it('refuse a closed account, for good, and take a role away', async () => {
      const [user, twin, admin] = [await known(), await known(), await asAdmin(nodes[0])];
      const promote = 'mutation ($input: SetUserRoleInput!) { setUserRole(input: $input) { errors { code } } }';
      await admin.ask(promote, { input: { userId: twin.userId, role: 'ADMIN' } });
      const second = await signIn(nodes[0], twin);
      const users = '{ users { totalCount } }';
      await vi.waitFor(async () => expect((await there(second, users)).codes).toEqual([]), atOnce);

      await disturb();
      const close = 'mutation ($input: SetUserActiveInput!) { setUserActive(input: $input) { errors { code } } }';
      await admin.ask(close, { input: { userId: user.userId, isActive: false } });
      await isRefused(user);
      await admin.ask(promote, { input: { userId: twin.userId, role: 'USER' } });
      await vi.waitFor(async () => expect((await there(second, users)).codes).toEqual(['FORBIDDEN']), atOnce);
      await isServed(second);
      await admin.ask(close, { input: { userId: user.userId, isActive: true } });
      await isRefused(user);
      await isServed(await signIn(nodes[0], user));
    });
  });

  it('give one successor to a refresh token that both receive at once, and one alone lives', async () => {
    const { session } = await asUser(nodes[0]);
    const input = { refreshToken: session.refreshToken };
    const [gate, monitor] = [new Client({ connectionString: made.url }), new Client({ connectionString: made.url })];
    await Promise.all([gate.connect(), monitor.connect()]);
    await gate.query('begin');
    await gate.query('select 1 from users where username = $1 for update', [session.username]);
    const asked = Array.from({ length: many }, (_, i) =>
      asAnonymous(nodes[i % 2] as SpawnedServer).ask(RefreshDocument, { input }),
    );
    // As many calls wait as both nodes have connections.
    await vi.waitFor(async () => expect(await waitingIn(monitor)).toBeGreaterThanOrEqual(20), { timeout: 10_000 });
    await gate.query('commit');
    await Promise.all([gate.end(), monitor.end()]);
    const answers = await Promise.all(asked);
    expect(answers.flatMap(({ errors, data }) => [...errors, ...(data?.refresh.errors ?? [])])).toEqual([]);
    const successors = new Set(answers.map(({ data }) => data?.refresh.session?.refreshToken));
    expect(successors.size).toBe(1);
    const [successor = ''] = successors;
    const next = await asAnonymous(nodes[1]).ask(RefreshDocument, { input: { refreshToken: successor ?? '' } });
    expect(next.data?.refresh.errors).toEqual([]);
    // By now it is the grandparent: the twin that is refused.
    const late = await asAnonymous(nodes[0]).ask(RefreshDocument, { input });
    expect(late.data?.refresh.errors).toMatchObject([{ code: 'INVALID_REFRESH_TOKEN' }]);
  });

  it('leave no living session when it is refreshed and signed out of at once', async () => {
    const user = await asUser(nodes[0]);
    const input = { refreshToken: user.session.refreshToken };
    await Promise.all(
      Array.from({ length: many }, (_, i) =>
        i === many / 2
          ? user.ask('mutation { logout { endedSessionId } }')
          : asAnonymous(nodes[i % 2] as SpawnedServer).ask(RefreshDocument, { input }),
      ),
    );
    await isRefused(user);
    const after = await asAnonymous(nodes[1]).ask(RefreshDocument, { input });
    expect(after.data?.refresh.errors).toMatchObject([{ code: 'INVALID_REFRESH_TOKEN' }]);
  });

  it('give a name to one of those who ask both for it at once', async () => {
    const username = `u${randomBytes(6).toString('hex')}`;
    const input = { username, email: `${username}@example.com`, password: 'a long walk on the beach' };
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => asAnonymous(nodes[i % 2] as SpawnedServer).ask(RegisterDocument, { input })),
    );
    expect(answers.filter(({ data }) => data?.register.session)).toHaveLength(1);
    const { data } = await asAnonymous(nodes[1]).ask(LoginDocument, {
      input: { identifier: username, password: input.password },
    });
    expect(data?.login.errors).toEqual([]);
  });
});
