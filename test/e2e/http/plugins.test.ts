/** Plugins of Apollo Server, and the server's own hooks, in the pipeline: docs/plugins.md. */

import { createHash, randomBytes } from 'node:crypto';
import type { ApolloServerPlugin } from '@apollo/server';
import type { GraphQLError } from 'graphql';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GraphQLContext } from '../../../src/graphql/context.ts';
import type { RequestHooks } from '../../../src/server/request/hooks.ts';
import { asOwner, asUser, type Owner } from '../../support/personas.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const secret = randomBytes(32).toString('base64');
const env = { JWT_SECRET: secret, INTROSPECTION: 'full', PUBLIC_URL: 'http://gatewright.test' };

/** The plugin's calls in order; fields by their names. */
let seen: string[] = [];
const plugin: ApolloServerPlugin<GraphQLContext> = {
  requestDidStart: async () => {
    seen.push('requestDidStart');
    return {
      didResolveSource: async () => void seen.push('didResolveSource'),
      parsingDidStart: async () => void seen.push('parsingDidStart'),
      validationDidStart: async () => void seen.push('validationDidStart'),
      didResolveOperation: async () => void seen.push('didResolveOperation'),
      responseForOperation: async () => {
        seen.push('responseForOperation');
        return null;
      },
      executionDidStart: async () => {
        seen.push('executionDidStart');
        return {
          willResolveField: ({ info }) => void seen.push(`field ${info.fieldName}`),
          executionDidEnd: async () => void seen.push('executionDidEnd'),
        };
      },
      didEncounterErrors: async ({ errors }) =>
        void seen.push(`errors ${errors.map(({ extensions }) => extensions.code).join()}`),
      willSendResponse: async () => void seen.push('willSendResponse'),
    };
  },
};

/** The calls of the server's own hooks. */
let told: string[] = [];
const hooks: RequestHooks = {
  operationResolved: (_scope, { operation }) => void told.push(`operation ${operation?.operation}`),
  errors: (_scope, { errors, denials }) =>
    void told.push(`errors ${errors.map(({ extensions }) => extensions?.code).join()} ${denials.length}`),
  response: (_scope, { http }) => void told.push(`response ${http.status ?? 200}`),
};

let plain: TestServer;
let slow: TestServer;
let plugged: TestServer;
let ada: Owner;
beforeAll(async () => {
  plain = await startTestServer({ env, hooks: [hooks] });
  slow = await startTestServer({
    env: { ...env, FAST_PATHS: 'off' },
    hooks: [hooks],
    beside: plain,
  });
  plugged = await startTestServer({
    env: { ...env },
    plugins: [plugin],
    hooks: [hooks],
    beside: plain,
  });
  ada = await asOwner(plain);
});
afterAll(async () => {
  await plugged?.close();
  await slow?.close();
  await plain?.close();
});
beforeEach(() => {
  seen = [];
  told = [];
});

interface Asked {
  body?: unknown;
  /** The query string of a GET. */
  search?: Record<string, string>;
  token?: string | null;
}

async function ask({ url }: TestServer, { body, search, token = ada.session.accessToken }: Asked) {
  const headers = {
    accept: 'application/graphql-response+json',
    'content-type': 'application/json',
    ...(token && { authorization: `Bearer ${token}` }),
  };
  const query = search ? `?${new URLSearchParams(search)}` : '';
  const method = search ? 'GET' : 'POST';
  const response = await fetch(`${url}/graphql${query}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = JSON.parse((await response.text()).replaceAll(response.headers.get('x-request-id') ?? '-', 'ID'));
  return { status: response.status, answer };
}

const begin = ['requestDidStart', 'didResolveSource'];
const read = ['parsingDidStart', 'validationDidStart'];
const resolved = ['didResolveOperation', 'responseForOperation', 'executionDidStart'];

describe('a plugin', () => {
  it('sees every request, hot and cold, and each resolved field', async () => {
    const query = '{ me { username } }';
    const fields = ['field me', 'field username'];
    await ask(plugged, { body: { query } });
    expect(seen).toEqual([...begin, ...read, ...resolved, ...fields, 'executionDidEnd', 'willSendResponse']);
    for (let time = 0; time < 5; time++) {
      seen = [];
      await ask(plugged, { body: { query } });
      const hot = [...begin, ...resolved, ...fields, 'executionDidEnd', 'willSendResponse'];
      expect(seen.filter((name) => !read.includes(name))).toEqual(hot);
    }
    expect(plugged.server.answeredAsKnown()).toBe(0);
    expect(plugged.server.compiled()).toBeNull();
  });

  it.each([
    ['a denied field', { query: '{ me { isActive } }' }, 'FORBIDDEN', true],
    ['a denied operation', { query: '{ users { totalCount } }' }, 'FORBIDDEN', true],
    ["a resolver's refusal", { query: '{ tasks(first: 1000) { totalCount } }' }, 'BAD_USER_INPUT', true],
    ['wrong variables', { query: 'query ($id: ID!) { task(id: $id) { id } }' }, 'BAD_USER_INPUT', true],
    ['an unknown field', { query: '{ nothing }' }, 'GRAPHQL_VALIDATION_FAILED', false],
    ['a syntax error', { query: '{' }, 'GRAPHQL_PARSE_FAILED', false],
  ])('sees the error of %s', async (_what, body, code, isExecuted) => {
    for (let time = 0; time < 4; time++) {
      seen = [];
      await ask(plugged, { body });
      expect(seen.filter((name) => name.startsWith('errors'))).toEqual([`errors ${code}`]);
      expect(seen.includes('executionDidEnd')).toBe(isExecuted);
      expect(seen.at(-1)).toBe('willSendResponse');
    }
  });

  it('sees a GET, and a persisted query', async () => {
    const query = '{ me { id } }';
    await ask(plugged, { search: { query } });
    expect(seen).toContain('field id');
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    for (const body of [{ query, extensions }, { extensions }]) {
      seen = [];
      expect((await ask(plugged, { body })).status).toBe(200);
      expect([seen[0], seen.at(-1)]).toEqual(['requestDidStart', 'willSendResponse']);
      expect(seen).toContain('executionDidEnd');
    }
  });
});

const asked: Record<string, Asked> = {
  'a list': { body: { query: '{ tasks(first: 2) { totalCount nodes { id title notes owner { username email } } } }' } },
  variables: { body: { query: 'query ($n: Int) { tasks(first: $n) { totalCount } }', variables: { n: 1 } } },
  'wrong variables': { body: { query: 'query ($n: Int) { tasks(first: $n) { totalCount } }', variables: { n: 'x' } } },
  'a denied field': { body: { query: '{ me { username isActive } }' } },
  'a denied operation': { body: { query: '{ users { totalCount } }' } },
  'a mutation that is refused': {
    body: { query: 'mutation { createTask(input: { title: "" }) { errors { code } } }' },
  },
  'a missing row': { body: { query: '{ task(id: "task_01h455vb4pex5vsknk084sn02q") { id } }' } },
  nobody: { body: { query: '{ me { username } }' }, token: null },
  'a bad token': { body: { query: '{ me { username } }' }, token: 'x.y.z' },
  'a syntax error': { body: { query: '{' } },
  'an unknown field': { body: { query: '{ nothing }' } },
  'no query': { body: {} },
  'two operations without a name': { body: { query: 'query A { me { id } } query B { me { id } }' } },
  'one of two operations': { body: { query: 'query A { me { id } } query B { me { username } }', operationName: 'B' } },
  introspection: { body: { query: '{ __type(name: "Task") { name fields { name description } } }' } },
  'a GET': { search: { query: '{ me { username } }' } },
  'a mutation by GET': { search: { query: 'mutation { logout { endedSessionId } }' } },
  'what costs too much': {
    body: { query: `{ ${Array.from({ length: 60 }, (_, i) => `a${i}: me { id }`).join(' ')} }` },
  },
  'a guess at a password': {
    body: { query: 'mutation { login(input: { identifier: "ada", password: "wrong" }) { errors { code } } }' },
    token: null,
  },
};

describe('answers are the same', () => {
  it.each(Object.entries(asked))('with a plugin, without fast paths, and with them: %s', async (_what, request) => {
    const expected = await ask(slow, request);
    for (let time = 0; time < 4; time++) {
      for (const server of [plain, slow, plugged]) expect(await ask(server, request)).toEqual(expected);
    }
  });

  it('fast paths have answered when they are on, and not when they are off', () => {
    expect(plain.server.answeredAsKnown()).toBeGreaterThan(10);
    expect(plain.server.compiled()?.answers).toBeGreaterThan(0);
    expect([slow.server.answeredAsKnown(), slow.server.compiled()]).toEqual([0, null]);
  });
});

describe('a fault', () => {
  const errors: GraphQLError[] = [];
  let faulty: TestServer;
  beforeAll(async () => {
    const plugin: ApolloServerPlugin<GraphQLContext> = {
      requestDidStart: async () => ({ didEncounterErrors: async (told) => void errors.push(...told.errors) }),
    };
    faulty = await startTestServer({ plugins: [plugin] });
  });
  afterAll(() => faulty?.close());

  it('is told with its cause to a plugin, masked for the client, and logged once', async () => {
    const bea = await asOwner(faulty);
    errors.length = 0;
    await sql`alter table tasks rename to mislaid`.execute(faulty.database.fork().getKysely());
    const { errors: answered } = await bea.ask('{ me { username } tasks { totalCount } }');
    expect(answered.map(({ message }) => message)).toEqual(['Internal server error']);
    expect(errors).toHaveLength(1);
    expect(errors[0]?.originalError?.message).toContain('"tasks" does not exist');
    expect(faulty.logs().filter(({ msg }) => msg === 'a fault was masked')).toHaveLength(1);
  });

  it('is not the cause of a denial', async () => {
    const bea = await asUser(faulty);
    errors.length = 0;
    expect((await bea.ask('{ users { totalCount } }')).codes).toEqual(['FORBIDDEN']);
    expect(errors.map(({ originalError }) => originalError)).toEqual([undefined]);
  });
});

describe('our hooks', () => {
  it.each([
    ['fast', () => plain],
    ['slow', () => slow],
    ['beside a plugin', () => plugged],
  ] as const)('are told on every way: %s', async (_way, serverOf) => {
    for (let time = 0; time < 4; time++) {
      told = [];
      await ask(serverOf(), { body: { query: '{ me { username } }' } });
      expect(told).toEqual(['operation query', 'response 200']);
      told = [];
      await ask(serverOf(), { body: { query: '{ users { totalCount } }' } });
      expect(told).toEqual(['operation query', 'errors  1', 'errors FORBIDDEN 0', 'response 200']);
      told = [];
      await ask(serverOf(), { body: { query: '{' } });
      expect(told).toEqual(['errors GRAPHQL_PARSE_FAILED 0', 'response 400']);
    }
  });
});
