import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { longLists, longQuery, makeLongTasks, tooLongQuery } from '../../support/long-answers.ts';
import { asAnonymous, asUser, type SignedIn } from '../../support/personas.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let user: SignedIn;
beforeAll(async () => {
  server = await startTestServer();
  user = await asUser(server);
});
afterAll(() => server.close());

const times = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');

/** Sends as a stranger, without the test client. */
async function send(body: object, accept = 'application/graphql-response+json') {
  const headers = { 'content-type': 'application/json', accept };
  const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.text();
  const answer = JSON.parse(text) as {
    data?: unknown;
    errors?: { message: string; extensions: { code: string } }[];
  };
  return { status: response.status, length: text.length, ...answer };
}

/** The highest log level since that line: 30 for requests, 50 for faults. */
const levelSince = (line: number) => {
  const levels = server
    .logs()
    .slice(line)
    .map(({ level }) => Number(level));
  return Math.max(0, ...levels);
};

describe('an operation that asks for too much', () => {
  it.each([
    ['levels', `{ me ${'{ tasks(first: 1) { nodes { owner '.repeat(5)} { id } ${'} } }'.repeat(5)} }`],
    ['aliases', `{ me { ${times(60, (i) => `a${i}: id`)} } }`],
    ['tokens', `{ me { ${times(2000, () => 'id')} } }`],
    ['points of cost', '{ tasks(first: 100) { nodes { owner { tasks(first: 100) { nodes { id } } } } } }'],
  ])('is refused before anything runs: %s', async (what, query) => {
    const { status, data, codes, errors } = await user.ask(query);
    expect({ status, data, codes }).toEqual({ status: 400, data: undefined, codes: ['OPERATION_TOO_COMPLEX'] });
    expect(errors[0]?.message).toContain(what);
  });

  it('is served when it asks for a little less', async () => {
    const { errors } = await user.ask('{ tasks(first: 50) { nodes { owner { tasks(first: 10) { nodes { id } } } } } }');
    expect(errors).toEqual([]);
  });
});

describe('an answer of too many bytes', () => {
  beforeAll(() => makeLongTasks(user));

  it('is refused, with the limit', async () => {
    const { status, data, codes, errors } = await user.ask(tooLongQuery);
    expect({ status, data, codes }).toEqual({ status: 400, data: undefined, codes: ['OPERATION_TOO_COMPLEX'] });
    expect(errors[0]?.message).toContain('10485760 bytes');
  });

  it('is served when it has a little less', async () => {
    const { status, data, codes } = await user.ask(longQuery);
    expect({ status, codes }).toEqual({ status: 200, codes: [] });
    expect(data.l10.nodes).toHaveLength(50);
  });

  it('is refused as an executed mutation, which must not be repeated', async () => {
    const create = 'createTask(input: { title: "Once" })';
    const long = await user.ask(`mutation { ${create} { task { owner { ${longLists(13)} } } } }`);
    expect([long.status, long.data, long.codes]).toEqual([200, null, ['OPERATION_TOO_COMPLEX']]);
    expect(long.errors[0]?.message).toContain('was executed');
    const { data } = await user.ask('{ tasks { nodes { title } } }');
    expect(data.tasks.nodes.map(({ title }: { title: string }) => title).slice(0, 2)).toEqual(['Once', 'A long one']);
    const short = await user.ask(`mutation { ${create} { task { owner { ${longLists(1)} } } } }`);
    expect([short.status, short.codes]).toEqual([200, []]);
  });
});

describe('two guesses at a password in one request', () => {
  const attempt = (name: string, password: string) =>
    `${name}: login(input: { identifier: "${user.username}", password: "${password}" }) { session { userId } errors { code } }`;

  it('are refused, even if the second is right', async () => {
    const { status, data, codes } = await asAnonymous(server).ask(
      `mutation { ${attempt('a', 'a wrong one')} ${attempt('b', user.password)} }`,
    );
    expect({ status, data, codes }).toEqual({ status: 400, data: undefined, codes: ['OPERATION_TOO_COMPLEX'] });
  });

  it('are two requests', async () => {
    const wrong = await asAnonymous(server).ask(`mutation { ${attempt('a', 'a wrong one')} }`);
    expect(wrong.data.a.errors).toEqual([{ code: 'INVALID_CREDENTIALS' }]);
    const right = await asAnonymous(server).ask(`mutation { ${attempt('a', user.password)} }`);
    expect(right.data.a.session.userId).toBe(user.userId);
  });
});

describe('variables that are wrong in many places', () => {
  const many = <Item>(size: number, item: (i: number) => Item) => Array.from({ length: size }, (_, i) => item(i));
  const wideOf = (size: number) => Object.fromEntries(many(size, (i) => [`k${i}`, 1]));
  const wide = wideOf(5000);
  const list = 'query ($filter: TaskFilter) { tasks(filter: $filter) { totalCount } }';
  const signIn = 'mutation ($input: LoginInput!) { login(input: $input) { errors { code } } }';
  const cases: [string, string, object][] = [
    ['fields that there are not', list, { filter: wide }],
    ['values of an enum', list, { filter: { status: many(20_000, () => 'NOPE') } }],
    ['objects for names', list, { filter: { status: many(60, () => wideOf(300)) } }],
    ['as many as there may be errors', list, { filter: { status: many(51, () => 'NOPE') } }],
    ['fields of a sign-in', signIn, { input: { identifier: 'a', password: 'hunter2', ...wide } }],
    ['long names of a sign-in', signIn, { input: Object.fromEntries(many(60, (i) => [`${i}${'x'.repeat(3000)}`, 1])) }],
    ['levels', list, { filter: { text: JSON.parse(`${'['.repeat(1000)}1${']'.repeat(1000)}`) } }],
  ];

  it.each(cases)('are a mistake of the client, reported in a few words, each time: %s', async (_, query, variables) => {
    const before = server.logs().length;
    // Hot by the third time.
    for (let time = 0; time < 4; time++) {
      for (const [accept, status] of [
        ['application/graphql-response+json', 400],
        ['application/json', 200],
      ] as const) {
        const answer = await send({ query, variables }, accept);
        const codes = [...new Set(answer.errors?.map(({ extensions }) => extensions.code))];
        expect([answer.status, answer.data, codes]).toEqual([status, undefined, ['BAD_USER_INPUT']]);
        expect(answer.errors?.length).toBeLessThanOrEqual(51);
        expect(answer.length).toBeLessThan(51 * 300);
        expect(JSON.stringify(answer)).not.toContain('hunter2');
      }
    }
    expect(levelSince(before)).toBe(30);
  });

  it('are reported beside those that are right', async () => {
    const answer = await user.ask(list, { filter: { status: many(1000, () => 'TODO') } });
    expect(answer.errors).toEqual([]);
    expect(answer.data.tasks).toEqual({ totalCount: expect.any(Number) });
  });
});

describe('a document that is wrong in many places', () => {
  const name = 'x'.repeat(50_000);
  it.each([
    ['fields', `{ ${times(500, (i) => `x${i}`)} }`, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'in an operation of a long name',
      `query ${name} { ${times(150, (i) => `a${i}: task(id: $v) { id }`)} }`,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'fragments in a circle',
      `{ me { ...F${name} } } fragment F${name} on User { ${`...F${name} `.repeat(2)} }`,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['lines', `{ ${'\n'.repeat(100_000)} ${times(500, (i) => `x${i}`)} }`, 'OPERATION_TOO_COMPLEX'],
  ])('is reported in a few words: %s', async (_, query, code) => {
    const before = server.logs().length;
    const answer = await send({ query });
    expect([answer.status, answer.data]).toEqual([400, undefined]);
    expect([...new Set(answer.errors?.map(({ extensions }) => extensions.code))]).toEqual([code]);
    expect(answer.errors?.length).toBeLessThanOrEqual(21);
    expect(answer.length).toBeLessThan(21 * 1500);
    expect(levelSince(before)).toBe(30);
    expect((await send({ query }, 'application/json')).status).toBe(200);
  });

  it('is answered where it has as many lines as one needs', async () => {
    expect(await send({ query: `{ ${'\n'.repeat(4900)} __typename }` })).toMatchObject({
      status: 200,
      data: { __typename: 'Query' },
    });
  });

  it('is refused for a name that each row of its answer would have', async () => {
    const ask = (alias: string) => user.ask(`{ tasks { nodes { ${alias}: id } } }`);
    expect((await ask('x'.repeat(257))).codes).toEqual(['OPERATION_TOO_COMPLEX']);
    expect((await ask('x'.repeat(256))).errors).toEqual([]);
  });
});

describe('persisted queries', () => {
  const query = '{ __typename }';
  const extensions = {
    persistedQuery: { version: 1, sha256Hash: '7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b' },
  };
  it('are asked for once, then kept', async () => {
    expect((await send({ extensions })).errors?.[0]?.extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND');
    expect((await send({ extensions, query })).data).toEqual({ __typename: 'Query' });
    expect((await send({ extensions })).data).toEqual({ __typename: 'Query' });
  });

  const mistakes = {
    'under another hash': { query: '{ me { id } }', extensions },
    'under what is no hash': { query, extensions: { persistedQuery: { version: 1, sha256Hash: { a: 1 } } } },
    'of another version': { query, extensions: { persistedQuery: { ...extensions.persistedQuery, version: 2 } } },
  };

  it.each(Object.entries(mistakes))('are refused %s as the mistake of the client, not a fault', async (_, body) => {
    const before = server.logs().length;
    for (const accept of ['application/graphql-response+json', 'application/json']) {
      const { status, data, errors } = await send(body, accept);
      expect({ status, data, errors }).toEqual({
        status: 400,
        data: undefined,
        errors: [{ message: expect.any(String), extensions: { code: 'BAD_REQUEST' } }],
      });
    }
    expect(levelSince(before)).toBe(30);
  });
});
