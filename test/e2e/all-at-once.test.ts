/**
 * Everything that users and administrators do with accounts and sessions, at once, at two nodes, with more calls than
 * connections. Nothing fails, waits for ever or is half done.
 */
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createServerDatabase } from '../support/database.ts';
import { asAdmin } from '../support/personas.ts';
import { graphql, type SpawnedServer, spawnServer } from '../support/server.ts';

const wide = '1000000/1m';
const limits = [
  'LOGIN_PAIR',
  'LOGIN_ACCOUNT',
  'LOGIN_ADDRESS',
  'REGISTER_ADDRESS',
  'REFRESH_ADDRESS',
  'REFRESH_SESSION',
];
const people = 6;
const callers = 40;
const callsEach = 25;

interface Tokens {
  accessToken: string;
  refreshToken: string;
}

interface Person {
  id: string;
  username: string;
  password: string;
  current: Tokens[];
  /** Every refresh token that the user received. */
  given: string[];
}

describe.runIf(inject('server'))('at once, at two nodes', () => {
  let made: { url: string; drop: () => Promise<void> };
  let nodes: SpawnedServer[];
  let database: Client;
  beforeAll(async () => {
    made = await createServerDatabase();
    const shared = {
      ...{ DATABASE_URL: made.url, JWT_SECRET: randomBytes(32).toString('base64'), LOG_LEVEL: 'error' },
      ...{ PUBLIC_URL: 'http://gatewright.test', THROTTLE_PROFILE_ACCOUNT: wide },
      ...Object.fromEntries(limits.map((name) => [`THROTTLE_${name}`, wide])),
    };
    nodes = [await spawnServer(shared), await spawnServer(shared)];
    database = new Client({ connectionString: made.url });
    await database.connect();
  });
  afterAll(async () => {
    await database?.end();
    await Promise.all(nodes?.map((node) => node.end()) ?? []);
    await made.drop();
  });

  it('nothing fails, and what is left is whole', { timeout: 180_000 }, async () => {
    const codes = new Set<unknown>();
    let asked = 0;
    const ask = async (query: string, input?: object, token?: string) => {
      const answer = await graphql(nodes[asked++ % 2]!.url, query, { input }, { token });
      for (const code of answer.codes) codes.add(code);
      return answer.data;
    };
    const opens = async (person: Person, field: 'login' | 'refresh', input: object): Promise<void> => {
      const type = field === 'login' ? 'LoginInput' : 'RefreshInput';
      const data = await ask(
        `mutation ($input: ${type}!) { ${field}(input: $input) { session { accessToken refreshToken } } }`,
        input,
      );
      const session: Tokens | null = data?.[field].session ?? null;
      if (!session) return;
      person.current.push(session);
      person.given.push(session.refreshToken);
    };
    const join = async (): Promise<Person> => {
      const username = `u${randomBytes(6).toString('hex')}`;
      const password = `a long walk ${username}`;
      const data = await ask(
        'mutation ($input: RegisterInput!) { register(input: $input) { session { userId accessToken refreshToken } } }',
        { username, email: `${username}@example.com`, password },
      );
      const { userId: id, ...session } = data.register.session;
      return { id, username, password, current: [session], given: [session.refreshToken] };
    };
    const crowd = await Promise.all(Array.from({ length: people }, join));
    const admin = (await asAdmin(nodes[0]!)).session.accessToken;
    const one = <T>(of: readonly T[]): T => of[Math.floor(Math.random() * of.length)] as T;
    const tokenOf = (person: Person) => one(person.current).accessToken;
    const administer = (field: string, input: object) =>
      ask(
        `mutation ($input: ${field}Input!) { ${field[0]!.toLowerCase()}${field.slice(1)}(input: $input) { errors { code } } }`,
        input,
        admin,
      );

    const doings: ((person: Person) => Promise<unknown>)[] = [
      (person) => opens(person, 'login', { identifier: person.username, password: person.password }),
      (person) => opens(person, 'login', { identifier: person.username, password: person.password }),
      (person) => opens(person, 'refresh', { refreshToken: one(person.current).refreshToken }),
      (person) => opens(person, 'refresh', { refreshToken: one(person.given) }),
      (person) => ask('mutation { logout { endedSessionId } }', undefined, tokenOf(person)),
      (person) => ask('mutation { revokeOtherSessions { revokedCount } }', undefined, tokenOf(person)),
      (person) => ask('mutation { logoutEverywhere { endedCount } }', undefined, tokenOf(person)),
      (person) =>
        ask('{ sessions { nodes { id current } } me { securityEvents { totalCount } } }', undefined, tokenOf(person)),
      (person) => ask('mutation { createTask(input: { title: "x" }) { errors { code } } }', undefined, tokenOf(person)),
      (person) => ask('{ tasks { nodes { owner { username } } } }', undefined, tokenOf(person)),
      async (person) => {
        const newPassword = `another walk ${randomBytes(6).toString('hex')}`;
        const change = 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { errors { code } } }';
        const data = await ask(change, { currentPassword: person.password, newPassword }, tokenOf(person));
        if (data?.changePassword.errors.length === 0) person.password = newPassword;
      },
      (person) =>
        ask(
          'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { errors { code } } }',
          { email: `${one(['x', 'y', person.username])}@example.org`, currentPassword: person.password },
          tokenOf(person),
        ),
      async (person) => {
        if (Math.random() < 0.8) return;
        const remove = 'mutation ($input: DeleteAccountInput!) { deleteAccount(input: $input) { errors { code } } }';
        const data = await ask(remove, { password: person.password }, tokenOf(person));
        if (data?.deleteAccount.errors.length === 0) crowd[crowd.indexOf(person)] = await join();
      },
      ({ id }) => administer('SetUserRole', { userId: id, role: one(['USER', 'ADMIN']) }),
      async ({ id }) => {
        await administer('SetUserActive', { userId: id, isActive: false });
        await administer('SetUserActive', { userId: id, isActive: true });
      },
    ];
    await Promise.all(
      Array.from({ length: callers }, async () => {
        for (let call = 0; call < callsEach; call++) await one(doings)(one(crowd));
      }),
    );

    // Tokens of ended sessions are refused. A task's owner may go while it is listed.
    expect([...codes].filter((code) => code !== 'UNAUTHENTICATED' && code !== 'CONFLICT')).toEqual([]);
    for (const { output } of nodes) expect(output().stdout).not.toContain('"level":50');
    const count = async (from: string) => Number((await database.query(`select count(*) from ${from}`)).rows[0].count);
    const twice = 'group by session_id having count(*) > 1';
    expect(await count(`(select 1 from refresh_tokens where spent_at is null ${twice}) as twice`)).toBe(0);
    expect(await count("pg_stat_activity where datname = current_database() and state like 'idle in%'")).toBe(0);
    expect(
      await count(
        `sessions where end_reason = 'REFRESH_TOKEN_REUSED' and not exists (select 1 from audit_events
         where session_id = sessions.id and cause in ('LATE_RETRY', 'OLDER_TOKEN'))`,
      ),
    ).toBe(0);
    // All users can still sign in.
    for (const person of crowd) {
      const before = person.given.length;
      await opens(person, 'login', { identifier: person.username, password: person.password });
      expect(person.given.length).toBe(before + 1);
    }
  });
});
