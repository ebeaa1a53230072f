/**
 * Documents that try to overload the server, each with a legitimate twin. src/server/pipeline/limits.ts has the limits.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../src/server/pipeline/limits.ts';
import { asAnonymous, asUser, type SignedIn } from '../support/personas.ts';
import { spawnServer, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let user: SignedIn;
beforeAll(async () => {
  server = await startTestServer();
  user = await asUser(server);
});
afterAll(() => server?.close());

const times = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');

/** The request is refused as a whole: 400, no data, one error. */
const refused = (code: string) => ({ status: 400, data: undefined, codes: [code] });

async function outcomeOf(query: string, as = user): Promise<object> {
  const { status, data, codes } = await as.ask(query);
  return { status, data, codes };
}

describe('guessing at many passwords in one request', () => {
  const login = (alias: string, password: string) =>
    `${alias}: login(input: { identifier: "${user.username}", password: "${password}" }) { session { userId } }`;

  it.each([
    ['two hundred aliases', () => `mutation { ${times(200, (i) => login(`a${i}`, `guess ${i}`))} }`],
    ['a fragment', () => `mutation { ...L } fragment L on Mutation { ${login('a', 'one')} ${login('b', 'two')} }`],
    [
      'nested fragments',
      () =>
        `mutation { ${login('a', 'one')} ... on Mutation { ... { ...L } } } fragment L on Mutation { ${login('b', 'x')} }`,
    ],
    [
      'a register beside a login',
      () =>
        `mutation { ${login('a', 'one')} register(input: { username: "mallory", email: "m@example.com", password: "some long words" }) { errors { code } } }`,
    ],
    [
      'a refresh beside a login',
      () => `mutation { ${login('a', 'one')} refresh(input: { refreshToken: "x" }) { errors { code } } }`,
    ],
    [
      'the right one last',
      () => `mutation { ${times(5, (i) => login(`a${i}`, `guess ${i}`))} ${login('b', user.password)} }`,
    ],
  ])('is refused, by way of %s, and nobody is signed in or made', async (_way, query) => {
    const rows = async () => {
      const counted = sql`select (select count(*) from sessions) as sessions, (select count(*) from users) as users`;
      return (await counted.execute(server.database.fork().getKysely())).rows[0];
    };
    const before = await rows();
    const { status, data, codes } = await asAnonymous(server).ask(query());
    expect({ status, data, codes }).toEqual(refused('OPERATION_TOO_COMPLEX'));
    expect(await rows()).toEqual(before);
  });

  it('does not include one login under an alias, or a second operation that does not run', async () => {
    const query = `mutation A { ${login('mine', user.password)} } mutation B { ${login('other', 'one')} }`;
    const { data } = await asAnonymous(server).ask(query, {}, { operationName: 'A' });
    expect(data).toEqual({ mine: { session: { userId: user.userId } } });
  });
});

describe('nesting', () => {
  const nested = (levels: number) =>
    `{ me { ${'tasks(first: 1) { nodes { owner { '.repeat(levels)} id ${'} } }'.repeat(levels)} } }`;

  it('is refused when it is too deep, by way of fragments too', async () => {
    expect(await outcomeOf(nested(4))).toEqual(refused('OPERATION_TOO_COMPLEX'));
    const fragments = times(
      6,
      (i) => `fragment F${i} on User { tasks(first: 1) { nodes { owner { ...F${i + 1} } } } }`,
    );
    expect(await outcomeOf(`{ me { ...F0 } } ${fragments} fragment F6 on User { id }`)).toEqual(
      refused('OPERATION_TOO_COMPLEX'),
    );
  });

  it('is served when it is not too deep', async () => {
    expect(await outcomeOf(nested(2))).toMatchObject({ status: 200, codes: [] });
  });

  it('is refused when fragments contain themselves', async () => {
    expect(await outcomeOf('{ me { ...F } } fragment F on User { id ...G } fragment G on User { ...F }')).toEqual(
      refused('GRAPHQL_VALIDATION_FAILED'),
    );
  });

  it('of lists in a literal is refused as too long, without internals in the message', async () => {
    // A new process, because the stack is shortest before the parser is compiled.
    const fresh = await spawnServer();
    try {
      for (const depth of [limits.tokens, 20 * limits.tokens]) {
        const query = `{ tasks(filter: { status: ${'['.repeat(depth)}${']'.repeat(depth)} }) { totalCount } }`;
        const { status, data, codes, errors } = await asAnonymous(fresh).ask(query);
        expect({ depth, status, data, codes }).toEqual({ depth, ...refused('OPERATION_TOO_COMPLEX') });
        expect(errors[0]?.message).not.toContain('stack');
      }
      expect((await asAnonymous(fresh).ask('{ __typename }')).data).toEqual({ __typename: 'Query' });
    } finally {
      await fresh.end('SIGKILL');
    }
  });

  it('of lists in a variable is refused as an invalid value', async () => {
    const query = 'query ($filter: TaskFilter) { tasks(filter: $filter) { totalCount } }';
    for (const depth of [2, 3000]) {
      const status = JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
      const { codes } = await user.ask(query, { filter: { status } });
      expect(codes).toEqual(['BAD_USER_INPUT']);
    }
    expect((await user.ask(query, { filter: { status: ['TODO'] } })).codes).toEqual([]);
  });
});

describe('multiplying', () => {
  it('by fragments that double thirty times is refused', async () => {
    const fragments = times(30, (i) => `fragment F${i} on User { ...F${i + 1} ... on User { ...F${i + 1} } }`);
    expect(await outcomeOf(`{ me { ...F0 } } ${fragments} fragment F30 on User { id }`)).toEqual(
      refused('OPERATION_TOO_COMPLEX'),
    );
  });

  it('by fragments that double four times is served', async () => {
    const fragments = times(4, (i) => `fragment F${i} on User { ...F${i + 1} ... on User { ...F${i + 1} } }`);
    expect(await outcomeOf(`{ me { ...F0 } } ${fragments} fragment F4 on User { username }`)).toEqual({
      status: 200,
      data: { me: { username: user.username } },
      codes: [],
    });
  });

  it.each([
    ['fields at its top', `{ ${times(limits.rootFields + 1, (i) => `a${i}: __typename`)} }`],
    ['aliases', `{ me { ${times(limits.aliases + 1, (i) => `a${i}: id`)} } }`],
    ['directives', `{ me { ${times(limits.directives + 1, () => 'username @include(if: true)')} } }`],
    ['pages within pages', '{ tasks(first: 100) { nodes { owner { tasks(first: 100) { totalCount } } } } }'],
    ['words', `{ me { ${times(limits.tokens, () => 'id')} } }`],
  ])('by %s is refused', async (_what, query) => {
    expect(await outcomeOf(query)).toEqual(refused('OPERATION_TOO_COMPLEX'));
  });

  it.each([
    ['fields at its top', `{ ${times(limits.rootFields, (i) => `a${i}: __typename`)} }`],
    ['aliases', `{ me { ${times(limits.aliases, (i) => `a${i}: id`)} } }`],
    ['directives', `{ me { ${times(limits.directives, () => 'username @include(if: true)')} } }`],
    ['pages', '{ tasks(first: 100) { nodes { owner { username } } totalCount } }'],
  ])('by as many %s as are allowed is served', async (_what, query) => {
    expect(await outcomeOf(query)).toMatchObject({ status: 200, codes: [] });
  });

  it('by a thousand directives at one place is refused before each is checked', async () => {
    const query = `{ me { id ${times(1000, () => '@skip(if: false)')} } }`;
    const { status, data, codes } = await user.ask(query);
    expect([status, data]).toEqual([400, undefined]);
    expect(codes.length).toBeLessThanOrEqual(100);
    expect(codes).not.toContain('INTERNAL_SERVER_ERROR');
  });

  it('by thousands of unknown fields is answered with few errors', async () => {
    const { status, errors } = await user.ask(`{ me { ${times(1000, (i) => `nothing${i}`)} } }`);
    expect(status).toBe(400);
    expect(errors.length).toBeLessThanOrEqual(101);
  });

  it('by values in a filter is bounded by the body, and served within it', async () => {
    const query = 'query ($filter: TaskFilter) { tasks(filter: $filter) { totalCount } }';
    const some = await user.ask(query, { filter: { status: Array.from({ length: 10_000 }, () => 'TODO') } });
    expect([some.data, some.codes]).toEqual([{ tasks: { totalCount: 0 } }, []]);
    const many = await user.ask(query, { filter: { status: Array.from({ length: 50_000 }, () => 'TODO') } });
    expect([many.status, many.codes]).toEqual([413, ['BAD_REQUEST']]);
  });
});
