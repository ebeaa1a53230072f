import { makeExecutableSchema } from '@graphql-tools/schema';
import { buildSchema, execute, GraphQLScalarType, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createGuard, rule } from '../../../src/authorization/guard.ts';
import { anonymous, ask, denialsOf, guardOf, user, vocabulary } from './harness.ts';

const sdl = /* GraphQL */ `
  type Query {
    hello: String @public
    me: User @authenticated
    tasks: [Task!]! @requiresScopes(scopes: [["task:read"]])
    node(id: ID!): Node @authenticated
    search: [Result!]! @public
    report: String @requiresRole(roles: [ADMIN]) @requiresScopes(scopes: [["a", "b"], ["c"]])
  }
  interface Node @authenticated { id: ID! }
  type User implements Node @authenticated {
    id: ID!
    email: String @requiresScopes(scopes: [["user:read"]]) @owner(field: "id", orRoles: [ADMIN])
  }
  type Task implements Node @requiresScopes(scopes: [["task:read"]]) {
    id: ID!
    title: String!
    notes: String @owner
    strict: String! @requiresScopes(scopes: [["task:strict"]])
  }
  union Result = User | Task
  enum Secret @requiresRole(roles: [ADMIN]) { A }
  type Box @public { secret: Secret, open: Int }
  extend type Query { box: Box @public }
`;

const rows = [
  { __typename: 'Task', id: 't1', ownerId: 'u1', title: 'one', notes: 'n1', strict: 's1' },
  { __typename: 'Task', id: 't2', ownerId: 'u2', title: 'two', notes: 'n2', strict: 's2' },
  { __typename: 'Task', id: 't3', ownerId: 'u2', title: 'three', notes: 'n3', strict: 's3' },
];

const guard = guardOf(sdl, {
  Query: {
    hello: () => 'hello',
    me: () => ({ __typename: 'User', id: 'u1', email: 'one@example.com' }),
    tasks: () => rows,
    node: (_: unknown, { id }: { id: string }) =>
      rows.find((row) => row.id === id) ?? { __typename: 'User', id, email: `${id}@example.com` },
    search: () => [rows[0], { __typename: 'User', id: 'u9', email: 'nine@example.com' }],
    report: () => 'report',
    box: () => ({ secret: 'A', open: 1 }),
  },
});

describe('a field', () => {
  it('is served to anyone when public', async () => {
    expect(await ask(guard, anonymous, '{ hello }')).toEqual({ data: { hello: 'hello' } });
  });

  it('is served only to a viewer who is signed in', async () => {
    expect(await ask(guard, user(), '{ me { id } }')).toEqual({ data: { me: { id: 'u1' } } });
    const refused = await ask(guard, anonymous, '{ me { id } hello }');
    expect(refused.data).toEqual({ me: null, hello: 'hello' });
    expect(denialsOf(refused)).toEqual(['UNAUTHENTICATED me']);
    expect(refused.errors?.[0]?.extensions).toEqual({
      code: 'UNAUTHENTICATED',
      requires: { scopes: [], roles: [], policies: [] },
    });
  });

  it('needs the role and every scope of one list', async () => {
    const admin = { roles: ['ADMIN'] };
    expect((await ask(guard, user({ ...admin, scopes: ['a', 'b'] }), '{ report }')).data).toEqual({ report: 'report' });
    expect((await ask(guard, user({ ...admin, scopes: ['c'] }), '{ report }')).data).toEqual({ report: 'report' });
    for (const viewer of [user({ ...admin, scopes: ['a'] }), user({ scopes: ['a', 'b', 'c'] }), user(admin)]) {
      const refused = await ask(guard, viewer, '{ report }');
      expect(refused.data).toEqual({ report: null });
      expect(refused.errors?.[0]?.extensions).toEqual({
        code: 'FORBIDDEN',
        requires: { scopes: [['a', 'b'], ['c']], roles: ['ADMIN'], policies: [] },
      });
    }
  });

  it('carries the guard of the enum that it returns', async () => {
    expect(await ask(guard, user({ roles: ['ADMIN'] }), '{ box { secret open } }')).toEqual({
      data: { box: { secret: 'A', open: 1 } },
    });
    const refused = await ask(guard, user(), '{ box { secret open } }');
    expect(refused.data).toEqual({ box: { secret: null, open: 1 } });
    expect(denialsOf(refused)).toEqual(['FORBIDDEN box.secret']);
  });
});

describe('a protected type', () => {
  const reader = user({ scopes: ['task:read'] });

  it('reaches a reader by a list, an interface and a union', async () => {
    const result = await ask(
      guard,
      reader,
      '{ tasks { id } node(id: "t1") { id ... on Task { title } } search { ... on Task { title } } }',
    );
    expect(result.errors).toBeUndefined();
    expect(result.data).toMatchObject({ node: { id: 't1', title: 'one' }, search: [{ title: 'one' }, {}] });
  });

  it('reaches no other viewer by any of them', async () => {
    const result = await ask(
      guard,
      user(),
      '{ tasks { id } node(id: "t1") { id ... on Task { title } } search { ... on Task { title } ... on User { id } } }',
    );
    expect(JSON.stringify(result.data)).not.toMatch(/one|t1/);
  });

  it('is one that an interface of its interface protects', async () => {
    const sdl = `type Query { b: B @public, bs: [B!] @public }
      interface A @requiresScopes(scopes: [["read"]]) { x: Int }
      interface B implements A { x: Int }
      type T implements A & B @authenticated { x: Int }`;
    const rows = { Query: { b: () => ({ __typename: 'T' }), bs: () => [{ __typename: 'T' }] } };
    const nested = guardOf(sdl, rows);
    const query = '{ b { __typename } bs { __typename } }';
    const denied = await ask(nested, user(), query);
    expect(denied.data).toEqual({ b: null, bs: null });
    expect(denialsOf(denied)).toEqual(['FORBIDDEN b', 'FORBIDDEN bs']);
    const allowed = await ask(nested, user({ scopes: ['read'] }), query);
    expect(allowed).toEqual({ data: { b: { __typename: 'T' }, bs: [{ __typename: 'T' }] } });
  });

  it('leaves the other members of a union alone', async () => {
    const result = await ask(guard, user(), '{ search { ... on Task { notes } ... on User { id } } }');
    expect(result.data).toEqual({ search: [{ notes: null }, { id: 'u9' }] });
    expect(denialsOf(result)).toEqual(['FORBIDDEN search.@.notes']);
  });

  it('is reached by aliases and fragments no more than by name', async () => {
    const result = await ask(
      guard,
      user({ scopes: ['task:read'] }),
      'query { a: tasks { ...F } } fragment F on Task { mine: strict other: notes ...G } fragment G on Node { id }',
    );
    expect(JSON.stringify(result)).not.toMatch(/s1|n2/);
  });
});

describe('a denial', () => {
  const reader = user({ scopes: ['task:read'] });

  it('that depends on the row is reported for that row, and siblings are served', async () => {
    const result = await ask(guard, reader, '{ tasks { title notes } }');
    expect(result.data).toEqual({
      tasks: [
        { title: 'one', notes: 'n1' },
        { title: 'two', notes: null },
        { title: 'three', notes: null },
      ],
    });
    expect(denialsOf(result)).toEqual(['FORBIDDEN tasks.1.notes', 'FORBIDDEN tasks.2.notes']);
    expect(result.errors?.[0]?.extensions).toEqual({
      code: 'FORBIDDEN',
      requires: { scopes: [], roles: [], policies: [] },
    });
  });

  it('that depends on the viewer alone is reported once, and nulls spread as GraphQL says', async () => {
    const result = await ask(guard, reader, '{ tasks { title strict } hello }');
    expect(result.data).toBeNull();
    expect(denialsOf(result)).toEqual(['FORBIDDEN tasks.@.strict']);
    expect(result.errors?.[0]?.extensions?.requires).toEqual({
      scopes: [['task:read', 'task:strict']],
      roles: [],
      policies: [],
    });
  });

  it('of a row is one denial for all rows when nobody is signed in: nobody owns any', async () => {
    const owned = guardOf('type Query { rows: [Row] @public } type Row @public { secret: Int @owner }', {
      Query: {
        rows: () => [
          { ownerId: 'u1', secret: 1 },
          { ownerId: 'u2', secret: 2 },
        ],
      },
    });
    expect(denialsOf(await ask(owned, anonymous, '{ rows { secret } }'))).toEqual(['UNAUTHENTICATED rows.@.secret']);
    expect(denialsOf(await ask(owned, user(), '{ rows { secret } }'))).toEqual(['FORBIDDEN rows.1.secret']);
  });

  it('is not lost with the row that it was met in first', async () => {
    const sdl = `type Query { rows: [Row]! @public }
      type Row @public { closed: Int @policy(policies: [["slow"]]), broken: Int! @public }`;
    const policies = { slow: rule({ cache: 'contextual' })(async () => false) };
    const broken = {
      broken: () => {
        throw new Error('broken');
      },
    };
    const slow = guardOf(sdl, { Query: { rows: () => [broken, { broken: 1 }, { broken: 2 }] } }, { policies });
    const result = await ask(slow, user(), '{ rows { closed broken } }');
    expect(result.data).toEqual({ rows: [null, { closed: null, broken: 1 }, { closed: null, broken: 2 }] });
    expect(denialsOf(result)).toEqual(['FORBIDDEN rows.@.closed', 'undefined rows.0.broken']);
  });

  it('of a field of an interface is one, however many types it is denied on', async () => {
    const several = guardOf(
      `type Query { all: [I] @public } interface I { x: Int }
       type A implements I @public { x: Int @requiresScopes(scopes: [["a"]]) }
       type B implements I @public { x: Int! @requiresScopes(scopes: [["b"]]) }`,
      { Query: { all: () => ['A', 'B', 'A', 'B'].map((__typename) => ({ __typename, x: 1 })) } },
    );
    const denied = await ask(several, user(), '{ all { x } }');
    expect(denied.data).toEqual({ all: [{ x: null }, null, { x: null }, null] });
    expect(denialsOf(denied)).toEqual(['FORBIDDEN all.@.x']);
    expect((await ask(several, user({ scopes: ['a', 'b'] }), '{ all { x } }')).errors).toBeUndefined();
  });

  it('says what rights would do where the row is not the viewer’s', async () => {
    const viewer = user({ scopes: ['user:read'] });
    expect((await ask(guard, viewer, '{ me { email } }')).data).toEqual({ me: { email: 'one@example.com' } });
    const result = await ask(guard, viewer, '{ node(id: "u2") { ... on User { email } } }');
    expect(result.data).toEqual({ node: { email: null } });
    expect(result.errors?.[0]?.extensions?.requires).toEqual({
      scopes: [['user:read']],
      roles: ['ADMIN'],
      policies: [],
    });
  });

  it('is not made of an empty parent', async () => {
    const empty = guardOf('type Query { t: T @public } type T @authenticated { a: Int }', { Query: { t: () => null } });
    expect(await ask(empty, user(), '{ t { a } }')).toEqual({ data: { t: null } });
  });
});

describe('the guarded schema under graphql-js itself', () => {
  const run = (viewer: unknown, query: string) =>
    execute({ schema: guard.schema, document: parse(query), contextValue: { viewer } });

  it('answers at once, without a promise for the guard’s sake', () => {
    const result = run(user({ scopes: ['task:read'] }), '{ tasks { title notes } }');
    expect(result).not.toBeInstanceOf(Promise);
    expect(result).toMatchObject({ data: { tasks: [{ notes: 'n1' }, { notes: null }, { notes: null }] } });
  });

  it('gives the same answers', async () => {
    const query = '{ hello me { email } search { ... on Task { notes } } box { secret } }';
    for (const viewer of [anonymous, user(), user({ scopes: ['task:read'] }), user({ roles: ['ADMIN'] })]) {
      const plain = JSON.parse(JSON.stringify(await run(viewer, query)));
      const guarded = await ask(guard, viewer, query);
      expect(plain.data).toEqual(guarded.data);
      expect(denialsOf(plain)).toEqual(denialsOf(guarded));
    }
  });
});

describe('guard.execute', () => {
  it('resolves fields without a resolver as its caller says, guarded or not', async () => {
    const bare = guardOf('type Query { open: String @public closed: String @authenticated }');
    const run = (viewer: unknown) =>
      bare.execute({
        document: parse('{ open closed }'),
        contextValue: { viewer },
        fieldResolver: (_parent, _args, _context, { fieldName }) => `custom ${fieldName}`,
      });
    expect(await run(user())).toEqual({ data: { open: 'custom open', closed: 'custom closed' } });
    expect((await run(anonymous)).data).toEqual({ open: 'custom open', closed: null });
  });
});

describe('what `viewer` answers', () => {
  const strict = (viewer: unknown) =>
    guardOf(
      `type Query { secret: String @authenticated, s: String @requiresScopes(scopes: [["task:read"]])
       r: String @requiresRole(roles: [ADMIN]), open: Int @public }`,
      { Query: { secret: () => 'x', s: () => 'x', r: () => 'x', open: () => 1 } },
      { viewer: (() => viewer) as never },
    );
  const query = '{ secret s r open }';

  it.each([
    ['a promise of nobody', Promise.resolve(null)],
    ['false', false],
    ['an empty string', ''],
    ['an empty object', {}],
    ['somebody without an id', { id: null, roles: [], scopes: [] }],
    ['strings for lists', { id: 'x', roles: 'SUPERADMIN', scopes: 'task:read:any' }],
  ])('opens nothing when it is %s', async (_, viewer) => {
    const result = await ask(strict(viewer), null, query);
    expect(result.data).toEqual({ secret: null, s: null, r: null, open: 1 });
    expect(result.errors?.every(({ extensions }) => extensions?.code === 'INTERNAL_SERVER_ERROR')).toBe(true);
  });

  it.each([null, undefined])('is nobody when it is %s', async (viewer) => {
    expect(denialsOf(await ask(strict(viewer), null, '{ secret }'))).toEqual(['UNAUTHENTICATED secret']);
  });

  it('opens what it has the rights to', async () => {
    const viewer = { id: 'x', roles: ['ADMIN'], scopes: ['task:read'] };
    expect((await ask(strict(viewer), null, query)).data).toEqual({ secret: 'x', s: 'x', r: 'x', open: 1 });
  });
});

describe('the guarded schema', () => {
  it('hands resolvers the defaults of the original', async () => {
    const Cents = new GraphQLScalarType({
      name: 'Cents',
      parseValue: (value) => Number(value) * 100,
      parseLiteral: (node) => ('value' in node ? Number(node.value) * 100 : null),
      serialize: (value) => (Number(value) / 100).toFixed(2),
    });
    const seen: unknown[] = [];
    const a = (_: unknown, args: unknown) => seen.push(args);
    const resolvers = { Cents, Query: { a } };
    const sdl =
      'scalar Cents input I { c: Cents = 7.00 } type Query { a(limit: Cents = 5.00, i: I = {}): Int @authenticated }';
    await execute({
      schema: makeExecutableSchema({ typeDefs: [vocabulary, sdl], resolvers }),
      document: parse('{ a }'),
    });
    await ask(guardOf(sdl, resolvers), user(), '{ a }');
    expect(seen[0]).toMatchObject({ limit: 500 });
    expect(seen[1]).toEqual(seen[0]);
  });
});

describe('createGuard', () => {
  const viewer = () => null;

  it('says what it needs when it is given no schema of its own graphql', () => {
    const [own, foreign] = [buildSchema(`${vocabulary} type Query { a: Int @public }`), { getTypeMap: () => ({}) }];
    expect(createGuard(own, { viewer }).requirements.size).toBe(1);
    expect(() => createGuard(foreign as never, { viewer })).toThrow(/same copy of `graphql`.*npm ls graphql/);
  });
});
