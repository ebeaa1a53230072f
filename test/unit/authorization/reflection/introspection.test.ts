import { buildClientSchema, type ExecutionResult, execute, getIntrospectionQuery, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Guard, GuardOptions, GuardViewer } from '../../../../src/authorization/guard.ts';
import { rule } from '../../../../src/authorization/rules/shield.ts';
import { anonymous, ask, type Context, denialsOf, guardOf, user } from '../harness.ts';

const sdl = `
  type Query { me: User @authenticated, users: [User] @requiresRole(roles: [ADMIN]), ping: Int @public }
  type User @authenticated { name: String, root: Query }
  type Mutation {
    login(input: Login = { name: "ada", as: "root" }, old: Int @deprecated): Payload @public
  }
  input Login { name: String, as: String @settableBy(roles: [ADMIN]) }
  type Payload @public { n: Int, root: Query }
  type Subscription { ticks: Payload @public }
`;
const resolvers = {
  Query: { me: () => ({ name: 'Ada', root: {} }), users: () => [], ping: () => 1 },
  Mutation: { login: () => ({ n: 1, root: {} }) },
  Subscription: {
    ticks: {
      subscribe: async function* () {
        yield { ticks: { n: 1, root: {} } };
      },
    },
  },
};
const admin = user({ roles: ['ADMIN'] });
const guardWith = (options: Partial<GuardOptions<Context>>) => guardOf(sdl, resolvers, options);
const guard = guardWith({ introspection: 'visible' });

const fieldsOf = (type: { fields: { name: string }[] } | null) => type?.fields.map(({ name }) => name);
// biome-ignore lint/suspicious/noExplicitAny: what introspection answers
const queryFields = (result: ExecutionResult) => fieldsOf((result.data as any)?.__schema.queryType);
const asks = '{ __schema { queryType { fields { name } } } }';

describe('introspection in mode `visible`', () => {
  it('shows each viewer what is within reach', async () => {
    expect(queryFields(await ask(guard, user(), asks))).toEqual(['me', 'ping']);
    expect(queryFields(await ask(guard, admin, asks))).toEqual(['me', 'users', 'ping']);
    expect(queryFields(await ask(guard, anonymous, asks))).toEqual(['ping']);
  });

  it('is an option: `full`, also the default, shows everything to every viewer', async () => {
    for (const open of [guardWith({}), guardWith({ introspection: 'full' })]) {
      expect(queryFields(await ask(open, anonymous, asks))).toEqual(['me', 'users', 'ping']);
    }
  });

  it('refuses a misspelt mode', () => {
    const misspelt = { introspection: 'visable' } as unknown as Partial<GuardOptions<Context>>;
    expect(() => guardWith(misspelt)).toThrow('There is no introspection `visable`: write `full` or `visible`.');
  });

  it('answers the query that tools send with a schema that builds', async () => {
    const query = getIntrospectionQuery({ inputValueDeprecation: true, schemaDescription: true, oneOf: true });
    const { data, errors } = await ask(guard, user(), query);
    expect(errors).toBeUndefined();
    const client = buildClientSchema(data as never);
    expect(Object.keys(client.getQueryType()?.getFields() ?? {})).toEqual(['me', 'ping']);
    expect(
      client
        .getMutationType()
        ?.getFields()
        .login?.args.map(({ name }) => name),
    ).toEqual(['input', 'old']);
  });

  it('knows no hidden type by its name', async () => {
    const query = '{ user: __type(name: "User") { name fields { name } } none: __type(name: "Nothing") { name } }';
    expect((await ask(guard, anonymous, query)).data).toEqual({ user: null, none: null });
    expect((await ask(guard, user(), query)).data).toEqual({
      user: { name: 'User', fields: [{ name: 'name' }, { name: 'root' }] },
      none: null,
    });
  });

  it('lists no hidden type among those that implement an interface', async () => {
    const twins = guardOf(
      'type Query { n: N @public } interface N { a: Int } type A implements N @public { a: Int } type B implements N @authenticated { a: Int }',
      {},
      { introspection: 'visible' },
    );
    const query = '{ __type(name: "N") { possibleTypes { name } } }';
    expect((await ask(twins, anonymous, query)).data).toEqual({ __type: { possibleTypes: [{ name: 'A' }] } });
    expect((await ask(twins, user(), query)).data).toEqual({
      __type: { possibleTypes: [{ name: 'A' }, { name: 'B' }] },
    });
  });

  it('tells of a deprecated argument when asked to, and leaves hidden fields out of a default', async () => {
    const query = (all: boolean) =>
      `{ __type(name: "Mutation") { fields { args(includeDeprecated: ${all}) { name defaultValue isDeprecated } } } }`;
    const input = { name: 'input', defaultValue: '{name: "ada"}', isDeprecated: false };
    const old = { name: 'old', defaultValue: null, isDeprecated: true };
    const told = async (all: boolean, viewer: GuardViewer | null) => (await ask(guard, viewer, query(all))).data;
    expect(await told(false, user())).toEqual({ __type: { fields: [{ args: [input] }] } });
    expect(await told(true, user())).toEqual({ __type: { fields: [{ args: [input, old] }] } });
    const whole = { ...input, defaultValue: '{name: "ada", as: "root"}' };
    expect(await told(false, admin)).toEqual({ __type: { fields: [{ args: [whole] }] } });
  });
});

describe('an operation that introspects and asks for more', () => {
  const mixed = `
    query ($name: String!, $deep: Boolean!, $no: Boolean = false) {
      a: ping ...Top me { name }
      ... on Query @include(if: $deep) { last: __type(name: "Query") { fields { name } } }
      skipped: __schema @skip(if: true) { description }
      ... @include(if: $no) { alsoSkipped: __schema { description } }
      z: ping
    }
    fragment Top on Query { type: __type(name: $name) { ...Named } type: __type(name: $name) { kind } b: ping ...Again }
    fragment Again on Query { again: __schema { queryType { ...Named } } }
    fragment Named on __Type { name }
  `;
  const variables = { name: 'User', deep: true };

  it('is answered in the order of the document, the rest by the guard', async () => {
    const result = await ask(guard, user(), mixed, variables);
    expect(result.errors).toBeUndefined();
    expect(JSON.stringify(result.data)).toBe(
      JSON.stringify({
        a: 1,
        type: { name: 'User', kind: 'OBJECT' },
        b: 1,
        again: { queryType: { name: 'Query' } },
        me: { name: 'Ada' },
        last: { fields: [{ name: 'me' }, { name: 'ping' }] },
        z: 1,
      }),
    );
  });

  it('is denied what it may not have, and shown the same', async () => {
    const result = await ask(guard, anonymous, mixed, { ...variables, deep: false });
    expect(denialsOf(result)).toEqual(['UNAUTHENTICATED me']);
    expect(result.data).toEqual({ a: 1, type: null, b: 1, again: { queryType: { name: 'Query' } }, me: null, z: 1 });
  });

  it('answers as graphql-js does, to a viewer who may see everything', async () => {
    const contextValue = { viewer: admin };
    const document = parse(mixed);
    const plain = execute({
      schema: await guard.visibleSchema(contextValue),
      document,
      contextValue,
      variableValues: variables,
      rootValue: {},
    });
    const { data } = await ask(guard, admin, mixed, variables);
    expect(JSON.stringify(data)).toBe(JSON.stringify((await plain).data));
  });

  it('is chosen by name among others', async () => {
    const document = parse(`query Shown ${asks} query Asked { ping } query Denied { users { name } }`);
    const run = (operationName: string) => guard.execute({ document, operationName, contextValue: { viewer: user() } });
    expect(queryFields(await run('Shown'))).toEqual(['me', 'ping']);
    expect((await run('Asked')).data).toEqual({ ping: 1 });
    expect((await run('Denied')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await run('Unknown')).errors?.[0]?.message).toBe('Unknown operation named "Unknown".');
  });

  it('says once what is wrong with its variables', async () => {
    const result = await guard.execute({
      document: parse(mixed),
      contextValue: { viewer: user() },
      variableValues: {},
    });
    expect(result.data).toBeUndefined();
    expect(result.errors?.map(({ message }) => message)).toEqual([
      'Variable "$name" of required type "String!" was not provided.',
      'Variable "$deep" of required type "Boolean!" was not provided.',
    ]);
  });

  it('may use variables of types that are hidden', async () => {
    const query =
      'query ($on: Boolean!, $by: Hidden) { __schema @include(if: $on) { queryType { name } } list(by: $by) }';
    const hides = guardOf(
      'type Query { ping: Int @public, list(by: Hidden): Int @authenticated } input Hidden { n: Int }',
      {},
      { introspection: 'visible' },
    );
    const result = await ask(hides, anonymous, query, { on: true, by: { n: 1 } });
    expect(denialsOf(result)).toEqual(['UNAUTHENTICATED list']);
    expect(result.data).toEqual({ __schema: { queryType: { name: 'Query' } }, list: null });
  });

  it('may ask by way of an interface of Query that is hidden', async () => {
    const rooted = guardOf(
      'interface Root { secret: Int } type Query implements Root { ping: Int @public, secret: Int @authenticated }',
      { Root: { __resolveType: () => 'Query' } },
      { introspection: 'visible' },
    );
    const query = `
      { ... on Root { ... on Query { inline: __type(name: "Root") { name } } } ...F }
      fragment F on Root { ...G }
      fragment G on Query { spread: __schema { queryType { fields { name } } } }
    `;
    const answer = (inline: unknown, names: string[]) => ({
      inline,
      spread: { queryType: { fields: names.map((name) => ({ name })) } },
    });
    expect((await ask(rooted, anonymous, query)).data).toEqual(answer(null, ['ping']));
    expect((await ask(rooted, user(), query)).data).toEqual(answer({ name: 'Root' }, ['ping', 'secret']));
  });

  it('is refused as a whole in mode `reject` where a field is denied, and answered where none is', async () => {
    const rejects = guardWith({ introspection: 'visible', denial: 'reject' });
    const refused = await ask(rejects, user(), '{ __schema { queryType { name } } users { name } }');
    expect([refused.data, denialsOf(refused)]).toEqual([undefined, ['FORBIDDEN users']]);
    expect(queryFields(await ask(rejects, user(), asks))).toEqual(['me', 'ping']);
  });

  it('has no data where a null goes all the way up', async () => {
    const strict = guardOf(
      'type Query { must: Int! @authenticated, ping: Int @public }',
      {},
      { introspection: 'visible' },
    );
    const result = await ask(strict, anonymous, '{ __schema { queryType { name } } must }');
    expect([result.data, denialsOf(result)]).toEqual([null, ['UNAUTHENTICATED must']]);
  });
});

describe('introspection beneath another field', () => {
  const refused = ['BAD_USER_INPUT undefined'];

  it.each([
    ['of a query', '{ me { root { __schema { queryType { name } } } } }'],
    ['of a mutation', 'mutation { login { root { __type(name: "User") { name } } } }'],
    ['in a fragment', '{ me { root { ...F } } } fragment F on Query { __schema { queryType { name } } }'],
    [
      'in a fragment that is also at the top',
      '{ ...F me { root { ...F } } } fragment F on Query { __type(name: "User") { name } }',
    ],
  ])('is refused before anything runs: %s', async (_where, query) => {
    const result = await ask(guard, admin, query);
    expect([result.data, denialsOf(result)]).toEqual([undefined, refused]);
    expect((await ask(guardWith({}), admin, query)).errors).toBeUndefined();
  });

  it('is refused in a mutation, even if nobody has validated that', async () => {
    const mutate = (query: string) => guard.execute({ document: parse(query), contextValue: { viewer: admin } });
    expect(denialsOf(await mutate('mutation { __schema { queryType { name } } }'))).toEqual(refused);
    expect((await mutate('mutation { login { n } }')).data).toEqual({ login: { n: 1 } });
  });

  it('is refused in a subscription, which is served otherwise', async () => {
    const listen = async (query: string, by: Guard = guard) =>
      await by.subscribe({ document: parse(query), contextValue: { viewer: anonymous } });
    const introspects = 'subscription { ticks { root { __schema { queryType { name } } } } }';
    expect(denialsOf((await listen(introspects)) as ExecutionResult)).toEqual(refused);
    expect(await listen('subscription { ticks { n } }')).toHaveProperty('next');
    expect(await listen(introspects, guardWith({}))).toHaveProperty('next');
  });
});

describe('a policy', () => {
  const policed = 'type Query { ping: Int @public, staff: Int @policy(policies: [["staff"]]) }';
  const guardBy = (answer: () => unknown) =>
    guardOf(
      policed,
      { Query: { ping: () => 1, staff: () => 2 } },
      { introspection: 'visible', policies: { staff: rule({ cache: 'contextual' })(answer as never) } },
    );

  it('that depends on the viewer alone is asked once, at once or later', async () => {
    for (const delay of [(answer: boolean) => answer, (answer: boolean) => Promise.resolve(answer)]) {
      let asked = 0;
      const counted = (answer: boolean) =>
        guardBy(() => {
          asked++;
          return delay(answer);
        });
      expect(queryFields(await ask(counted(true), anonymous, asks))).toEqual(['ping', 'staff']);
      expect(queryFields(await ask(counted(false), anonymous, asks))).toEqual(['ping']);
      expect(asked).toBe(2);
    }
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('secret');
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret'))],
  ])('that %s is a fault, and shows nothing', async (_how, answer) => {
    const result = await ask(guardBy(answer), anonymous, `{ ping ${asks.slice(1)}`);
    expect(result.data).toBeNull();
    expect(result.errors).toEqual([
      { message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ]);
    expect((await ask(guardBy(answer), anonymous, '{ ping }')).data).toEqual({ ping: 1 });
  });
});
