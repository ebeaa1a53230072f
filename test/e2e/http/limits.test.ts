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

  it('is refused of a mutation as of one that was executed, and is not to be repeated', async () => {
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

describe('persisted queries', () => {
  const query = '{ __typename }';
  const extensions = {
    persistedQuery: { version: 1, sha256Hash: '7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b' },
  };
  const send = async (body: object, accept = 'application/graphql-response+json') => {
    const headers = { 'content-type': 'application/json', accept };
    const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) });
    const answer = (await response.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] };
    return { status: response.status, ...answer };
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
    const levels = server
      .logs()
      .slice(before)
      .map(({ level }) => Number(level));
    expect(Math.max(...levels)).toBe(30);
  });
});
