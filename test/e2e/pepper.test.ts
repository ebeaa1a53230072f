/** A server that starts again with another pepper: who can sign in, and what its operator is told. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { User } from '../../src/users/user.entity.ts';
import { type TestDatabase, testDatabases } from '../support/database.ts';
import { asAnonymous } from '../support/personas.ts';
import { administrator, startTestServer } from '../support/server.ts';

const [first, second] = ['q8Zr1vXo4TkYw7Jm2LcPd9Hs5Gf3NbAeU6', 'Zb5TgYh8Nu2JmKi9OlPq4Ws7Ed1RfVcXa3'];
const [kind] = testDatabases() as [TestDatabase];
let database: Database;
beforeAll(async () => {
  database = await kind.open();
});
afterAll(() => database.close());

/** Starts a server with these peppers, signs in as its administrator, and stops it. */
async function signIn(env: Record<string, string>) {
  const shared: TestDatabase = { ...kind, open: async () => ({ ...database, close: async () => {} }) };
  const secret = 'a secret that these servers share: q8Zr1vXo4TkYw7';
  const server = await startTestServer({ database: shared, env: { JWT_SECRET: secret, ...env } });
  try {
    const { data } = await asAnonymous(server).ask(
      'mutation ($input: LoginInput!) { login(input: $input) { session { role } errors { code } } }',
      { input: { identifier: administrator.username, password: administrator.password } },
    );
    const { passwordHash } = await database.fork().findOneOrFail(User, { usernameKey: administrator.username });
    const keyId = /keyid=([^$]+)/.exec(passwordHash)?.[1] ?? null;
    const told = server.logs().filter((line) => 'keyId' in line);
    expect(JSON.stringify(server.logs())).not.toMatch(/q8Zr1vXo4TkYw7Jm|Zb5TgYh8|\$argon2/);
    return { role: data.login.session?.role ?? data.login.errors[0].code, keyId, told };
  } finally {
    await server.close();
  }
}

it('follows the configuration, and logs an unknown pepper as an error', async () => {
  const made = await signIn({ PASSWORD_PEPPER: first });
  expect(made).toEqual({ role: 'ADMIN', keyId: expect.any(String), told: [] });

  const lost = await signIn({ PASSWORD_PEPPER: second });
  expect(lost).toMatchObject({ role: 'INVALID_CREDENTIALS', keyId: made.keyId });
  expect(lost.told).toMatchObject([{ level: 50, keyId: made.keyId, msg: expect.stringContaining('PASSWORD_PEPPER') }]);

  const changed = await signIn({ PASSWORD_PEPPER: second, PASSWORD_PEPPER_PREVIOUS: first });
  expect(changed).toEqual({ role: 'ADMIN', keyId: expect.any(String), told: [] });
  expect(changed.keyId).not.toBe(made.keyId);

  expect(await signIn({ PASSWORD_PEPPER_PREVIOUS: second })).toEqual({ role: 'ADMIN', keyId: null, told: [] });
});
