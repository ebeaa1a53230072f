import { execute, type GraphQLSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { rule } from '../../../../src/authorization/rules/shield.ts';
import { ask, denialsOf, guardOf, user } from '../harness.ts';

const sdl = /* GraphQL */ `
  type Query {
    list(filter: Filter, plain: Int, limit: Int @settableBy(roles: [ADMIN])): String @public
    nested(deep: Deep, many: [[Filter!]!]): String @public
    defaults(filter: Defaults): String @public
    argument(flag: Boolean = false @settableBy(roles: [ADMIN])): String @public
    policed(input: Policed): String @public
  }
  input Filter { text: String, everyone: Boolean @settableBy(scopes: [["any"]]), self: Filter }
  input Deep { level: Deep, filters: [Filter] }
  input Defaults { everyone: Boolean = true @settableBy(scopes: [["any"]]), other: Int }
  input Policed { id: ID, notes: String @settableBy(policies: [["mine"]]) }
`;
const echo = (_: unknown, args: object) => JSON.stringify(args);
const guard = guardOf(
  sdl,
  { Query: { list: echo, nested: echo, defaults: echo, argument: echo, policed: echo } },
  { policies: { mine: rule()(async (_parent, args) => args.input.id === 'mine') } },
);
const plain = user();
const privileged = user({ scopes: ['any'], roles: ['ADMIN'] });

/** Queries that each supply a guarded input. */
const supplying: [string, string, Record<string, unknown>?][] = [
  ['an argument', '{ f: list(limit: 1) }'],
  ['an argument as null', '{ f: list(limit: null) }'],
  ['an argument by a variable', 'query ($n: Int) { f: list(limit: $n) }', { n: 1 }],
  ['an argument by a variable that is null', 'query ($n: Int) { f: list(limit: $n) }', { n: null }],
  ['an argument by a variable’s default', 'query ($n: Int = 1) { f: list(limit: $n) }'],
  ['an input field', '{ f: list(filter: { everyone: true }) }'],
  ['an input field as null', '{ f: list(filter: { everyone: null }) }'],
  ['an input field as false', '{ f: list(filter: { everyone: false }) }'],
  ['an input field by a variable', 'query ($e: Boolean) { f: list(filter: { everyone: $e }) }', { e: true }],
  ['an input field in a variable', 'query ($f: Filter) { f: list(filter: $f) }', { f: { everyone: false } }],
  ['an input field in a variable’s default', 'query ($f: Filter = { everyone: true }) { f: list(filter: $f) }'],
  ['an input field, recursively', '{ f: list(filter: { self: { self: { everyone: true } } }) }'],
  ['an input field in lists of lists', '{ f: nested(many: [[{ text: "a" }], [{ everyone: true }]]) }'],
  ['an input field in a list given as one', '{ f: nested(deep: { filters: { everyone: true } }) }'],
  [
    'an input field in lists of a variable',
    'query ($d: Deep) { f: nested(deep: $d) }',
    {
      d: { level: { filters: [null, { everyone: true }] } },
    },
  ],
  ['an input field that has a default', '{ f: defaults(filter: { everyone: false }) }'],
  ['an input field as its default', '{ f: defaults(filter: { everyone: true }) }'],
  [
    'an input field as its default, in a variable',
    'query ($f: Defaults) { f: defaults(filter: $f) }',
    {
      f: { everyone: true },
    },
  ],
  ['an argument as its default', '{ f: argument(flag: false) }'],
];

const leavingOut: [string, string, Record<string, unknown>?][] = [
  ['nothing', '{ f: list }'],
  ['other arguments', '{ f: list(plain: 1, filter: { text: "a" }) }'],
  ['a variable that is absent', 'query ($n: Int) { f: list(limit: $n) }', {}],
  ['an input field’s variable that is absent', 'query ($e: Boolean) { f: list(filter: { everyone: $e }) }', {}],
  ['a variable without the field', 'query ($f: Filter) { f: list(filter: $f) }', { f: { text: 'a' } }],
  ['a null instead of the input', '{ f: list(filter: null) }'],
  ['a default that the schema fills in', '{ f: defaults(filter: { other: 1 }) }'],
  [
    'a default that the schema fills in, in a variable',
    'query ($f: Defaults) { f: defaults(filter: $f) }',
    {
      f: { other: 1 },
    },
  ],
  ['an argument with a default', '{ f: argument }'],
];

describe('@settableBy', () => {
  it.each(supplying)('needs a right when the call supplies %s', async (_, query, variables) => {
    const denied = await ask(guard, plain, query, variables);
    expect(denied.data).toEqual({ f: null });
    expect(denialsOf(denied)).toEqual(['FORBIDDEN f']);
    const allowed = await ask(guard, privileged, query, variables);
    expect(allowed.errors).toBeUndefined();
    expect(allowed.data?.f).toEqual(expect.any(String));
  });

  it.each(leavingOut)('needs nothing when the call leaves it out: %s', async (_, query, variables) => {
    expect((await ask(guard, plain, query, variables)).errors).toBeUndefined();
  });

  it('hands the resolver the schema’s defaults all the same', async () => {
    expect((await ask(guard, plain, '{ defaults(filter: {}) argument }')).data).toEqual({
      defaults: '{"filter":{"everyone":true}}',
      argument: '{"flag":false}',
    });
  });

  it('holds for the arguments that an interface guards', async () => {
    const inherited = guardOf(
      'type Query { t: T @public } interface I { f(a: Int @settableBy(roles: [ADMIN]), b: Int): Int } type T implements I @public { f(a: Int, b: Int): Int }',
      { Query: { t: () => ({ f: () => 1 }) } },
    );
    expect(denialsOf(await ask(inherited, plain, '{ t { f(a: 1) } }'))).toEqual(['FORBIDDEN t.f']);
    expect((await ask(inherited, plain, '{ t { f(b: 1) } }')).errors).toBeUndefined();
    expect((await ask(inherited, privileged, '{ t { f(a: 1) } }')).data).toEqual({ t: { f: 1 } });
  });

  it('tells of all that one call lacks, in one denial', async () => {
    const several = guardOf(
      `type Query { f(a: Int @settableBy(scopes: [["a"]]), b: Int @settableBy(scopes: [["b"]])): Int @requiresScopes(scopes: [["f"]]) }`,
      { Query: { f: () => 1 } },
    );
    const denied = await ask(several, plain, '{ f(a: 1, b: 1) }');
    expect(denialsOf(denied)).toEqual(['FORBIDDEN f']);
    expect(denied.errors?.[0]?.extensions?.requires).toEqual({ scopes: [['a', 'b', 'f']], roles: [], policies: [] });
    expect((await ask(several, user({ scopes: ['a', 'b', 'f'] }), '{ f(a: 1, b: 1) }')).data).toEqual({ f: 1 });
  });

  it('is not fooled under graphql-js by values that look like the default', async () => {
    const low = Symbol('low');
    const high = Symbol('high');
    const looks = guardOf(
      'enum Level { LOW HIGH } input I { level: Level = LOW @settableBy(roles: [ADMIN]) } type Query { f(i: I): String @public }',
      { Level: { LOW: low, HIGH: high }, Query: { f: () => 'ran' } },
    );
    const run = (i: object) =>
      execute({
        schema: looks.schema,
        document: parse('query ($i: I) { f(i: $i) }'),
        variableValues: { i },
        contextValue: { viewer: plain },
      });
    expect(await run({ level: 'HIGH' })).toMatchObject({ data: { f: null } });
    expect(await run({})).toEqual({ data: { f: 'ran' } });
  });

  it('takes an execution within a resolver for what it is, and not for the one around it', async () => {
    const document = parse('query ($i: I) { outer a(i: $i) }');
    const nested: { guard?: ReturnType<typeof guardOf> } = {};
    nested.guard = guardOf(
      'input I { x: Int @settableBy(roles: [ADMIN]) } type Query { outer: String @public, a(i: I): String @public }',
      {
        Query: {
          a: () => 'ran',
          outer: async (_p: unknown, _a: unknown, context: { inner?: boolean }) => {
            if (context.inner) return null;
            const contextValue = { viewer: plain, inner: true };
            const variableValues = { i: { x: 5 } };
            const schema = nested.guard?.schema as GraphQLSchema;
            return JSON.stringify((await execute({ schema, document, contextValue, variableValues })).data);
          },
        },
      },
    );
    const result = await nested.guard.execute({ document, contextValue: { viewer: plain }, variableValues: {} });
    expect(result.data).toEqual({ outer: '{"outer":null,"a":null}', a: 'ran' });
  });

  it('names the input field and what it requires', async () => {
    const denied = await ask(guard, plain, '{ f: list(filter: { everyone: true }) }');
    expect(denied.errors?.[0]?.message).toMatch(/Filter\.everyone/);
    expect(denied.errors?.[0]?.extensions?.requires).toEqual({ scopes: [['any']], roles: [], policies: [] });
  });

  it('takes a policy that reads the arguments', async () => {
    const query = (id: string) => `{ f: policed(input: { id: "${id}", notes: "n" }) }`;
    expect((await ask(guard, plain, query('mine'))).errors).toBeUndefined();
    const denied = await ask(guard, plain, query('theirs'));
    expect(denied.data).toEqual({ f: null });
    expect(denied.errors?.[0]?.extensions?.requires).toEqual({ scopes: [], roles: [], policies: [['mine']] });
    expect((await ask(guard, plain, '{ f: policed(input: { id: "theirs" }) }')).errors).toBeUndefined();
  });

  it('holds under graphql-js itself, where a value in a variable that equals its default counts as left out', async () => {
    const run = (f: object) =>
      execute({
        schema: guard.schema,
        document: parse('query ($f: Defaults) { f: defaults(filter: $f) }'),
        variableValues: { f },
        contextValue: { viewer: plain },
      });
    expect(await run({ everyone: false })).toMatchObject({ data: { f: null } });
    expect(await run({ everyone: null })).toMatchObject({ data: { f: null } });
    expect((await run({ everyone: true })).errors).toBeUndefined();
    expect((await run({})).errors).toBeUndefined();
  });
});
