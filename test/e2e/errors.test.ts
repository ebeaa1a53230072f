import type { PgliteConnection } from '@mikro-orm/pglite';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { type TestDatabase, testDatabases } from '../support/database.ts';
import { onServer } from '../support/global-setup.ts';
import { asUser, type SignedIn } from '../support/personas.ts';
import { graphql, startTestServer, type TestServer } from '../support/server.ts';

describe.each(testDatabases())('a fault on $name', (database) => {
  let server: TestServer;
  let user: SignedIn;
  beforeAll(async () => {
    server = await startTestServer({ database });
    user = await asUser(server);
    await sql`alter table tasks rename to mislaid`.execute(server.database.fork().getKysely());
  });
  afterAll(() => server.close());

  it('is masked: the client gets the id of the request, the log gets the cause', async () => {
    const { status, data, errors, headers } = await user.ask('{ me { username } tasks { totalCount } }');
    const requestId = headers.get('x-request-id');
    expect({ status, data, errors }).toEqual({
      status: 500,
      data: null,
      errors: [
        {
          message: 'Internal server error',
          locations: [expect.anything()],
          path: expect.arrayContaining(['tasks']),
          extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
        },
      ],
    });
    const logged = server.logs().find((line) => line.msg === 'a fault was masked');
    expect(logged).toMatchObject({ requestId, err: { message: expect.stringContaining('"tasks" does not exist') } });
    expect(JSON.stringify(logged)).not.toContain('select ');
  });

  it('of one field leaves its siblings, and the response is a 200', async () => {
    const { status, data, codes } = await user.ask(
      '{ me { username } task(id: "task_01h455vb4pex5vsknk084sn02q") { id } }',
    );
    expect({ status, data, codes }).toEqual({
      status: 200,
      data: { me: { username: user.username }, task: null },
      codes: ['INTERNAL_SERVER_ERROR'],
    });
  });

  it('is not reported for what works', async () => {
    expect((await user.ask('{ me { username } }')).errors).toEqual([]);
  });
});

/** Acts as if the server were gone: every connection ends, and no new one succeeds. */
async function lose(database: Database, name: TestDatabase['name']): Promise<void> {
  if (name === 'embedded') {
    const connection = database.orm.em.getConnection() as unknown as PgliteConnection;
    await (await connection.getNativeClient()).close();
    return;
  }
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(database.fork().getKysely());
  await onServer(inject('server')?.url ?? '', `drop database ${rows[0]?.name} with (force)`);
}

describe.each(testDatabases())('a lost $name database', (database) => {
  let server: TestServer;
  let user: SignedIn;
  beforeAll(async () => {
    server = await startTestServer({ database });
    user = await asUser(server);
    await lose(server.database, database.name);
  });
  afterAll(() => server.close().catch(() => {}));

  it('makes a signed-in request a 503 that may be retried, and lets nobody in', async () => {
    const { status, data, codes, headers } = await user.ask('{ me { username } }');
    expect({ status, data, codes }).toEqual({ status: 503, data: undefined, codes: ['SERVICE_UNAVAILABLE'] });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('leaves what needs no database', async () => {
    expect((await user.ask('{ __typename }', {}, { token: null })).data).toEqual({ __typename: 'Query' });
  });

  it('makes the server alive, but not ready', async () => {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${server.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'database unavailable' }]);
  });
});

describe('a faulty password or refresh token', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  const secret = 'seven green bottles';
  const inputs = {
    login: { identifier: 'ada', password: secret },
    register: { username: 'ada', email: 'ada@example.org', password: secret },
    refresh: { refreshToken: secret },
  };
  const mutations = [
    ['login', 'LoginInput', 'password'],
    ['register', 'RegisterInput', 'password'],
    ['refresh', 'RefreshInput', 'refreshToken'],
  ] as const;
  const literal = (fields: object) =>
    `{ ${Object.entries(fields).map(([field, value]) => `${field}: ${JSON.stringify(value)}`)} }`;

  it.each(mutations)('is not repeated by %s, which says what is wrong', async (mutation, type, field) => {
    const input = inputs[mutation];
    const byVariable = `mutation ($input: ${type}!) { ${mutation}(input: $input) { errors { code } } }`;
    const byLiteral = (text: string) => `mutation { ${mutation}(input: ${text}) { errors { code } } }`;
    const asked = [
      [
        await graphql(server.url, byVariable, { input: { ...input, x: 1 } }),
        `Field "x" is not defined by type "${type}"`,
      ],
      [await graphql(server.url, byVariable, { input: { ...input, [field]: [secret] } }), `at "input.${field}"`],
      [await graphql(server.url, byVariable, { input: secret }), `Expected type "${type}" to be an object`],
      [await graphql(server.url, byLiteral(literal({ ...input, x: 1 }))), `Field "x" is not defined by type "${type}"`],
      [await graphql(server.url, byLiteral(literal({ ...input, [field]: [secret] }))), 'a non string value'],
      [await graphql(server.url, byLiteral(JSON.stringify(secret))), `Expected value of type "${type}!"`],
      [await graphql(server.url, byLiteral(`{ ${field} ${JSON.stringify(secret)} }`)), 'Expected ":", found String'],
    ] as const;
    for (const [{ data, errors, codes }, help] of asked) {
      expect(data).toBeUndefined();
      expect(['BAD_USER_INPUT', 'GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_PARSE_FAILED']).toContain(codes[0]);
      expect(JSON.stringify(errors)).not.toContain('green');
      expect(errors.map(({ message }) => message)).toContainEqual(expect.stringContaining(help));
    }
    expect((await graphql(server.url, byVariable, { input })).errors).toEqual([]);
    expect((await graphql(server.url, byLiteral(literal(input)))).errors).toEqual([]);
    expect(JSON.stringify(server.logs())).not.toContain('green');
  });
});
