/** The administrator of a server, as an operator and a stranger see it. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { User } from '../../src/users/user.entity.ts';
import { type TestDatabase, testDatabases } from '../support/database.ts';
import { asAnonymous } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const [first] = testDatabases() as [TestDatabase];
const unattended = { NODE_ENV: 'production', ADMIN_PASSWORD: '' };

async function register(server: TestServer, username: string): Promise<string[]> {
  const email = `u${randomBytes(6).toString('hex')}@example.org`;
  const { data } = await asAnonymous(server).ask(
    'mutation ($input: RegisterInput!) { register(input: $input) { errors { path code } } }',
    { input: { username, email, password: 'seven blue bottles' } },
  );
  return data.register.errors.map(({ path, code }: { path: string[]; code: string }) => `${path.join('.')} ${code}`);
}

describe('before there is an administrator', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ env: { ...unattended, ADMIN_USERNAME: 'captain' } });
  });
  afterAll(() => server.close());

  it.each(['captain', 'Captain', 'Admin', 'ROOT', 'support'])('nobody registers as %s', async (username) => {
    expect(await register(server, username)).toEqual(['input.username TAKEN']);
  });

  it.each(['captains', 'rooted'])('somebody registers as %s', async (username) => {
    expect(await register(server, username)).toEqual([]);
  });
});

describe('a start', () => {
  const secret = randomBytes(32).toString('base64');
  let database: Database;
  beforeAll(async () => {
    database = await first.open();
  });
  afterAll(() => database.close());

  /** Starts on one database, one after another. Returns the warnings. */
  async function start(
    env: Record<string, string>,
    visit?: (server: TestServer) => Promise<unknown>,
  ): Promise<string[]> {
    const kept: TestDatabase = { ...first, open: async () => ({ ...database, close: async () => {} }) };
    const server = await startTestServer({ database: kept, env: { JWT_SECRET: secret, ...env } });
    await visit?.(server);
    await server.close();
    return server
      .logs()
      .map(({ msg }) => String(msg))
      .filter((message) => message.includes('no administrator'));
  }

  it('warns in production while there is no administrator, and says what to set', async () => {
    expect(await start(unattended, (server) => register(server, 'ada'))).toEqual([
      expect.stringContaining('Set ADMIN_PASSWORD and start again'),
    ]);
  });

  it('warns when another account has the name, and leaves that account alone', async () => {
    expect(await start({ ADMIN_USERNAME: 'Ada' })).toEqual([
      expect.stringMatching(/"Ada" is not an open account of role ADMIN.+ADMIN_USERNAME and ADMIN_EMAIL/),
    ]);
    expect(await database.fork().count(User, { role: 'ADMIN' })).toBe(0);
  });

  it('does not warn once there is an administrator, whatever the name', async () => {
    expect(await start({ ADMIN_USERNAME: 'captain' })).toEqual([]);
    expect(await start(unattended)).toEqual([]);
    expect(await start({ ADMIN_USERNAME: 'Ada' })).toEqual([]);
  });

  it('warns again when the account of the only administrator is closed', async () => {
    await database.fork().nativeUpdate(User, { role: 'ADMIN' }, { isActive: false });
    expect(await start({ ADMIN_USERNAME: 'captain' })).toHaveLength(1);
  });
});
