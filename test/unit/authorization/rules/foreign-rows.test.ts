/** Rows of another GraphQL service, wrapped by graphql-tools. The client's aliases are their keys. */
import { makeExecutableSchema } from '@graphql-tools/schema';
import { wrapSchema } from '@graphql-tools/wrap';
import { execute, isInterfaceType, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import {
  converted,
  createGuard,
  type GuardOptions,
  type GuardViewer,
  preloaded,
  rule,
  type ShieldRule,
} from '../../../../src/authorization/guard.ts';
import { askAlike, askEveryWay, causeOf } from '../executors.ts';
import { type Context, denialsOf, guardOf, refusalsOf, user, vocabulary } from '../harness.ts';

const sdl = `
  type Query { doc: Doc @authenticated  docs: [Doc] @authenticated  any: Any @authenticated }
  type Mutation { drop(id: ID!): Doc @ownerOf(type: "Doc", id: "id") }
  interface Any { id: ID  title: String  note: String }
  type Doc implements Any @authenticated {
    id: ID  ownerId: ID  lastEditorId: ID  title: String
    note: String @requiresRole(roles: [ADMIN])
    secret: String @owner(orRoles: [ADMIN])
    author: Doc
    read: String @policy(policies: [["own"]])
    counted: Int @policy(policies: [["few"]])
  }
  type Open implements Any @public { id: ID  title: String  note: String }`;
const doc: Record<string, unknown> = {
  ...{ __typename: 'Doc', id: 'd1', ownerId: 'u2', lastEditorId: 'u1', title: 'Open' },
  ...{ secret: 'SECRET', read: 'SECRET', note: 'SECRET', counted: 1 },
};
doc.author = doc;
const remote = makeExecutableSchema({
  typeDefs: [vocabulary, sdl],
  resolvers: { Query: { doc: () => doc, docs: () => [doc, doc], any: () => doc }, Mutation: { drop: () => doc } },
});
const wrapped = wrapSchema({
  schema: remote,
  executor: ({ document, variables }) => execute({ schema: remote, document, variableValues: variables }) as never,
});

const own = rule<Context, { ownerId: string }>('own')((row, _args, { viewer }) => row.ownerId === viewer?.id);
const absent = rule<Context, object>('own')((row) => !('secret' in row));
const listed = rule<Context, object>('own')((row) => Object.keys(row).includes('ownerId'));
const few = rule<Context>('few')((_row, _args, { viewer }) => viewer?.id === 'u1');

function guardRemote(policy: ShieldRule<Context> = own, options: Partial<GuardOptions<Context>> = {}) {
  const owners = { Doc: async (ids: readonly string[]) => ids.map((id) => (id === 'd1' ? 'u2' : null)) };
  return createGuard<Context>(wrapped, {
    ...{ viewer: (context) => context.viewer, policies: { own: policy, few }, owners },
    ...options,
  });
}

const attacker = user({ id: 'u1' });
const owner = user({ id: 'u2' });

describe('@owner', () => {
  it.each([
    ['an alias', '{ doc { ownerId: lastEditorId secret } }', 'doc.secret'],
    ['an alias in a list', '{ docs { ownerId: lastEditorId secret } }', 'docs.0.secret docs.1.secret'],
    ['an alias in a fragment', '{ doc { ...F secret } } fragment F on Doc { ownerId: lastEditorId }', 'doc.secret'],
    ['an alias beneath', '{ doc { author { ownerId: lastEditorId secret } } }', 'doc.author.secret'],
    ['no alias', '{ doc { ownerId secret } }', 'doc.secret'],
    ['nothing', '{ doc { secret } }', 'doc.secret'],
  ])('is a fault by %s', async (_, query, paths) => {
    for (const viewer of [attacker, owner]) {
      const result = await askAlike(guardRemote(), viewer, query);
      expect(JSON.stringify(result.data)).not.toContain('SECRET');
      expect(denialsOf(result)).toEqual(paths.split(' ').map((path) => `INTERNAL_SERVER_ERROR ${path}`));
    }
  });

  it('is a fault that names the field', async () => {
    const document = parse('{ doc { secret } }');
    const { errors } = await guardRemote().execute({ document, contextValue: { viewer: owner } });
    expect(causeOf(errors?.[0])).toMatch(/`Doc\.secret` cannot be decided by its row: another service keyed it/);
  });

  it('does not concern a viewer with the rights', async () => {
    const admin = user({ roles: ['ADMIN'] });
    const result = await askAlike(guardRemote(), admin, '{ docs { ownerId: lastEditorId secret author { secret } } }');
    const row = { ownerId: 'u1', secret: 'SECRET', author: { secret: 'SECRET' } };
    expect(result).toEqual({ data: { docs: [row, row] } });
  });

  it('that a path leads through such a row is a fault', async () => {
    const local = (row: object) =>
      guardOf(
        'type Query { row: Row @public } type Row @public { text: String @owner(field: "user.id") }',
        { Query: { row: () => row } },
        {},
      );
    const marked = Object.defineProperty({ id: 'u1' }, Symbol.for('subschemaErrors'), { value: [] });
    const result = await askAlike(local({ user: marked, text: 'SECRET' }), attacker, '{ row { text } }');
    expect(denialsOf(result)).toEqual(['INTERNAL_SERVER_ERROR row.text']);
    expect(await askAlike(local({ user: { id: 'u1' }, text: 't' }), attacker, '{ row { text } }')).toEqual({
      data: { row: { text: 't' } },
    });
  });
});

describe('a row that no schema of graphql-tools stands before', () => {
  /** A resolver that delegates, and fields that are properties of its result. */
  const guardLocal = (row: object) =>
    guardOf(
      `type Query { doc: Doc @public  docs: [Doc] @public }
       type Doc @public { id: ID  ownerId: ID  lastEditorId: ID  secret: String @owner }`,
      { Query: { doc: () => row, docs: () => [{ ownerId: 'u1', secret: 'mine' }, row] } },
    );
  const row = { ownerId: 'u1', secret: 'SECRET' };
  const marked = Object.defineProperty({ ...row }, Symbol.for('subschemaErrors'), { value: [] });

  it.each(['{ doc { ownerId: lastEditorId secret } }', '{ docs { ownerId: lastEditorId secret } }'])(
    'is known by its mark: %s',
    async (query) => {
      const result = await askAlike(guardLocal(marked), attacker, query);
      expect(JSON.stringify(result.data)).not.toContain('SECRET');
      const codes = result.errors?.map(({ extensions }) => extensions?.code);
      expect(codes?.sort()).toEqual(['BAD_USER_INPUT', 'INTERNAL_SERVER_ERROR']);
      expect(JSON.stringify((await askAlike(guardLocal(row), attacker, query)).data)).toContain('SECRET');
    },
  );
});

/** Marks a row as graphql-tools does for delegated rows. Values inside the row have no mark. */
const mark = <Row extends object>(row: Row): Row =>
  Object.defineProperty(row, Symbol.for('subschemaErrors'), { value: [], configurable: true });

describe('a field without a resolver', () => {
  const guardRead = (row: () => object, options: Partial<GuardOptions<Context>> = {}) =>
    guardOf(
      `type Query { doc: Doc @public  docs: [Doc] @public  holder: Holder @public  named: Named @public }
       type Holder @public { doc: Doc }
       interface Named { id: ID }
       type Doc implements Named @public {
         id: ID  title: String  upper: String
         secret: String @requiresRole(roles: [ADMIN])  ownerId: ID  ${options.foreignRows ? '' : 'own: String @owner'}
         kid: Doc  kids: [[Doc]]  later: Doc  preloaded: Doc
       }`,
      {
        Query: { doc: row, docs: () => [row(), row()], holder: () => ({ doc: row() }), named: row },
        Doc: {
          upper: converted((text: string) => text.toUpperCase()),
          preloaded: preloaded(() => null),
        },
      },
      options,
    );
  // The service's answer to `{ id: secret  title  x: id }`, at both levels.
  const renamed = () => ({ __typename: 'Doc', id: 'SECRET', title: 't', x: 'd1', upper: 'u' });
  const ways = [
    ['by their mark', () => mark(renamed()), {}],
    ['by `foreignRows`', renamed, { foreignRows: ['Doc'] }],
  ] as const;

  describe.each(ways)('of rows known %s', (_, row, options) => {
    it.each([
      ['doc', '{ doc { id: secret x: id } }', { doc: { id: null, x: null } }],
      [
        'docs.0 docs.1',
        '{ docs { id: secret x: id } }',
        {
          docs: [
            { id: null, x: null },
            { id: null, x: null },
          ],
        },
      ],
      ['holder.doc', '{ holder { doc { id: secret x: id } } }', { holder: { doc: { id: null, x: null } } }],
      ['named', '{ named { ... on Doc { id: secret } x: id } }', { named: { id: null, x: null } }],
    ])('never shows another field, read under an alias: %s', async (paths, query, data) => {
      const result = await askAlike(guardRead(row, options), attacker, query);
      expect(result.data).toEqual(data);
      const places = paths.split(' ').map((path) => `BAD_USER_INPUT ${path}.x`);
      expect(denialsOf(result)).toEqual(expect.arrayContaining(places));
    });

    it('is read without an alias', async () => {
      const query = '{ doc { title upper } docs { title } holder { doc { title } } named { ... on Doc { title } } }';
      const shown = { title: 't' };
      expect(await askAlike(guardRead(row, options), attacker, query)).toEqual({
        data: { doc: { title: 't', upper: 'U' }, docs: [shown, shown], holder: { doc: shown }, named: shown },
      });
    });

    it('is not read under the alias either, which may be a key of its own', async () => {
      const result = await askAlike(guardRead(row, options), attacker, '{ doc { id: title y: upper } }');
      expect(result.data).toEqual({ doc: { id: null, y: null } });
      expect(denialsOf(result)).toEqual(['BAD_USER_INPUT doc.id', 'BAD_USER_INPUT doc.y']);
    });
  });

  it('tells the client what to select', async () => {
    const { errors } = await askAlike(
      guardRead(() => mark(renamed())),
      attacker,
      '{ doc { x: id } }',
    );
    expect(errors?.[0]?.message).toBe(
      '`Doc.id` cannot be read under the alias `x` from a row of another service. Select the field without an alias.',
    );
  });

  it('takes an alias on rows of its own service', async () => {
    const guard = guardRead(() => ({ ...renamed(), id: 'd1' }));
    const result = await askAlike(guard, attacker, '{ doc { id: secret x: id y: upper } }');
    expect(result.data).toEqual({ doc: { id: null, x: 'd1', y: 'U' } });
    expect(denialsOf(result)).toEqual(['FORBIDDEN doc.id']);
  });

  describe('makes foreign what it reads from a foreign row', () => {
    const beneath = () => ({ ownerId: 'u1', own: 'SECRET', id: 'SECRET' });
    const row = () => ({
      ...{ kid: beneath(), kids: [[beneath()]], later: Promise.resolve(beneath()), preloaded: beneath() },
    });

    it.each([
      ['kid', 'kid'],
      ['kids', 'kids.0.0'],
      ['later', 'later'],
      ['preloaded', 'preloaded'],
    ])('%s', async (name, path) => {
      const query = `{ doc { ${name} { x: id own } } }`;
      const result = await askAlike(
        guardRead(() => mark(row())),
        attacker,
        query,
      );
      expect(JSON.stringify(result.data)).not.toContain('SECRET');
      expect(denialsOf(result)).toEqual([`BAD_USER_INPUT doc.${path}.x`, `INTERNAL_SERVER_ERROR doc.${path}.own`]);
      const local = await askAlike(guardRead(row), attacker, query);
      expect(local.errors).toBeUndefined();
      expect(JSON.stringify(local.data)).toContain('"own":"SECRET"');
    });
  });
});

describe('a policy', () => {
  it.each([
    ['reads a property', own],
    ['asks for a property', absent],
    ['lists the properties', listed],
  ])('that %s is a fault', async (_, policy) => {
    const guard = guardRemote(policy);
    for (const query of ['{ doc { ownerId: lastEditorId read } }', '{ doc { read } }']) {
      const result = await askAlike(guard, attacker, query);
      expect(result.data).toMatchObject({ doc: { read: null } });
      expect(denialsOf(result)).toEqual(['INTERNAL_SERVER_ERROR doc.read']);
    }
  });

  it('that does not look at the row decides as ever', async () => {
    expect(await askAlike(guardRemote(), attacker, '{ doc { counted } }')).toEqual({ data: { doc: { counted: 1 } } });
    expect(denialsOf(await askAlike(guardRemote(), owner, '{ doc { counted } }'))).toEqual(['FORBIDDEN doc.counted']);
  });
});

it('@ownerOf decides by arguments, whatever the client names', async () => {
  const ask = (viewer: GuardViewer) =>
    askAlike(guardRemote(), viewer, 'mutation { id: drop(id: "d1") { ownerId: id } }');
  expect(denialsOf(await ask(attacker))).toEqual(['FORBIDDEN id']);
  expect(await ask(owner)).toEqual({ data: { id: { ownerId: 'd1' } } });
});

describe('the type of a row', () => {
  it('is never told by a field that the client names `__typename`', async () => {
    for (const { result } of await askEveryWay(guardRemote(), attacker, '{ any { __typename: title note } }')) {
      expect(result.data).toEqual({ any: null });
      expect(denialsOf(result)).toEqual(['BAD_USER_INPUT any']);
    }
  });

  it('is told by `__typename`', async () => {
    const result = await askAlike(guardRemote(), attacker, '{ any { __typename title ... on Open { note } } }');
    expect(result).toEqual({ data: { any: { __typename: 'Doc', title: 'Open' } } });
    expect(denialsOf(await askAlike(guardRemote(), attacker, '{ any { note } }'))).toEqual(['FORBIDDEN any.note']);
  });

  it.each([
    ['reads a key', (row: Record<string, unknown>) => (row.title === 'Open' ? 'Open' : 'Doc')],
    ['asks for a key', (row: Record<string, unknown>) => ('title' in row ? 'Open' : 'Doc')],
    ['lists the keys', (row: Record<string, unknown>) => (Object.keys(row).includes('title') ? 'Open' : 'Doc')],
  ])('cannot be told by a resolver that %s', async (_, resolveType) => {
    const guardTyped = (row: object) =>
      guardOf(
        sdl.replace(/^ *type Mutation.*$/m, ''),
        { Query: { any: () => row }, Any: { __resolveType: resolveType } },
        { policies: { own, few } },
      );
    const marked = Object.defineProperty({ title: 'Open' }, Symbol.for('subschemaErrors'), { value: [] });
    const result = await askAlike(guardTyped(marked), attacker, '{ any { title: id note } }');
    expect(result.data).toEqual({ any: null });
    expect(denialsOf(result)).toEqual(['INTERNAL_SERVER_ERROR any']);
    const local = await askAlike(guardTyped({ title: 'Open', note: 'n' }), attacker, '{ any { note } }');
    expect(local).toEqual({ data: { any: { note: 'n' } } });
  });

  it("is told in the author's own schema as before", () => {
    guardRemote();
    const own = wrapped.getType('Any');
    expect(isInterfaceType(own) && own.resolveType).toBeUndefined();
  });

  it('is a name like any other in rows of its own service', async () => {
    const guard = guardOf(
      'type Query { any: Any @public } interface Any { title: String } type Open implements Any @public { title: String }',
      {
        Query: { any: () => ({ __typename: 'Open', title: 't' }) },
      },
    );
    expect(await askAlike(guard, attacker, '{ any { __typename: title } }')).toEqual({
      data: { any: { __typename: 't' } },
    });
  });
});

describe('the option `foreignRows`', () => {
  const typeDefs = `
    type Query { doc: Doc @public }
    type Doc @public { ownerId: ID  lastEditorId: ID  secret: String @policy(policies: [["own"]]) }`;

  it('hides rows from rules that nothing marks', async () => {
    const resolvers = { Query: { doc: () => ({ ownerId: 'u1', secret: 'SECRET' }) } };
    const query = '{ doc { ownerId: lastEditorId secret } }';
    const hidden = guardOf(typeDefs, resolvers, { policies: { own }, foreignRows: ['Doc'] });
    const faults = ['BAD_USER_INPUT doc.ownerId', 'INTERNAL_SERVER_ERROR doc.secret'];
    expect(denialsOf(await askAlike(hidden, attacker, query))).toEqual(faults);
    const shown = guardOf(typeDefs, resolvers, { policies: { own } });
    expect((await askAlike(shown, attacker, query)).data).toEqual({ doc: { ownerId: null, secret: 'SECRET' } });
  });

  it('refuses @owner on such types at the start', () => {
    const reason =
      '@owner cannot take effect: `foreignRows` names the type, and clients name the keys of its rows; ' +
      'require rights, or use @ownerOf where an argument names the row';
    const owned = 'type Query { a: A @public b: B @public } type A @owner { x: ID } type B @public { y: ID @owner }';
    expect(refusalsOf(owned, { foreignRows: ['A'] })).toEqual([`A.x: ${reason}`]);
    expect(refusalsOf(owned, { foreignRows: ['B'] })).toEqual([`B.y: ${reason}`]);
    expect(refusalsOf(owned, { foreignRows: [] })).toEqual([]);
  });

  it.each([
    ['a field', 'user: User'],
    ['lists and non-nulls', 'user: [User!]!'],
    ['an interface', 'user: Person'],
    ['a union', 'user: Someone'],
  ])('refuses @owner by a path through such types at the start: %s', (_, field) => {
    const path = (names: string) => `
      type Query { doc: Doc @public  robot: Robot @public }
      type Doc @public { ${field}  text: String @owner(field: "${names}")  first: Holder }
      type Holder @public { ${field} }
      type User implements Person @public { id: ID }  type Robot implements Person @public { id: ID }
      interface Person { id: ID }  union Someone = User | Robot`;
    const refusal = (names: string) =>
      `Doc.text: @owner cannot take effect: \`${names}\` leads to \`User\`, which \`foreignRows\` names, and clients name the ` +
      'keys of its rows; require rights, or use @ownerOf where an argument names the row';
    for (const names of ['user.id', 'first.user.id']) {
      expect(refusalsOf(path(names), { foreignRows: ['User'] })).toEqual([refusal(names)]);
      expect(refusalsOf(path(names), {})).toEqual([]);
    }
    for (const names of ['userId', 'of.user.id']) {
      expect(refusalsOf(path(names), { foreignRows: ['User'] })).toEqual([]);
    }
  });

  it('hides rows from type resolvers that nothing marks', async () => {
    const guardTyped = (foreignRows: string[]) =>
      guardOf(
        `type Query { any: Any @public } interface Any { title: String }
         type Open implements Any @public { title: String }`,
        { Query: { any: () => ({ __typename: 'Open', title: 't' }) } },
        { foreignRows },
      );
    const query = '{ any { __typename: title } }';
    expect(denialsOf(await askAlike(guardTyped(['Open']), attacker, query))).toEqual(['BAD_USER_INPUT any']);
    expect(await askAlike(guardTyped([]), attacker, query)).toEqual({ data: { any: { __typename: 't' } } });
    expect(await askAlike(guardTyped(['Open']), attacker, '{ any { title } }')).toEqual({
      data: { any: { title: 't' } },
    });
  });
});
