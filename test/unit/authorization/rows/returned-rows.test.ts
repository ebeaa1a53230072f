/** Rows that resolvers return in shapes that are easily overlooked: none leaves that its viewer does not see, and none is lost. */
import { makeExecutableSchema } from '@graphql-tools/schema';
import { type ExecutionResult, execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import {
  createGuard,
  directiveTypeDefs,
  type Guard,
  type GuardViewer,
  has,
  listedIn,
  type RelationSource,
  type RowsOf,
  type RowsOptions,
  viewerIs,
} from '../../../../src/authorization/guard.ts';

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(11, '0')}a`;
const ada = id(101);
const [own, shared, others] = [id(1), id(2), id(3)];
const rows = [
  { id: own, ownerId: ada, level: 3 },
  { id: shared, ownerId: id(102).toUpperCase(), level: 1 },
  { id: others, ownerId: id(102), level: 2 },
];
const wanted = (one: string) => rows.find((row) => row.id === one);

interface Context {
  viewer: GuardViewer | null;
  guard: Guard;
}

const typeDefs = `
  ${directiveTypeDefs({ roles: ['USER'] })}
  union Any = Other | Note
  union Told = Plain | Note
  interface Thing { id: ID }
  interface Page { total: Int }
  interface Held { cursor: String }
  type Query @public {
    byId(id: ID!): Note
    byIds(ids: [ID!]!): [Note!]
    asNote(id: ID!): Note
    asSecret(id: ID!): Secret
    told(id: ID!): Told
    any(id: ID!): Any
    thing(id: ID!): Thing
    page(isMarked: Boolean!): Page
    pages(isMarked: Boolean!): [NotePage!]
    markedAsSecret: NotePage
    beside: NotePage
    made: MadePage
    mixed: MixedPage
    held: Held
    cached: NotePage
    list(ids: [ID!]!): [Note]
    secrets: [Secret]
  }
  type Other @public { other: String }
  type Plain @public { plain: String }
  type Another implements Thing @public { id: ID }
  type Note implements Thing @public @visibleTo(relations: [["owner"], ["shared"]]) { id: ID }
  type Secret @public @visibleTo(relations: [["owner"]]) { id: ID }
  type NotePage implements Page @public { total: Int  nodes: [Note!]  edges: [NoteEdge!]  pageInfo: PageInfo  first: Note }
  type NoteEdge implements Held @public { node: Note  cursor: String  secret: Secret }
  type MadePage @public { edges: [MadeEdge!]  pageInfo: PageInfo }
  type MadeEdge @public { node: Note  cursor: String }
  type MixedPage @public { nodes: [Mixed!]  pageInfo: PageInfo }
  union Mixed = Note | Secret
  type PageInfo @public { hasNextPage: Boolean }
`;

const pageOf = (...notes: unknown[]) => ({
  total: 7,
  nodes: notes,
  edges: notes.map((node) => ({ node, cursor: 'c', secret: node })),
  first: wanted(others),
});
let cachedPage: object | null = null;
const noteRows = (context: Context) => context.guard.rows('Note', context);

const resolvers = {
  Told: { __resolveType: (row: object) => ('plain' in row ? 'Plain' : 'Note') },
  Mixed: { __resolveType: ({ id }: { id: string }) => (id === others ? 'Secret' : 'Note') },
  Page: { __resolveType: () => 'NotePage' },
  Held: { __resolveType: () => 'NoteEdge' },
  Another: { __isTypeOf: (row: object) => typeof row === 'object' && 'another' in row },
  Other: { __isTypeOf: (row: object) => 'other' in row },
  Query: {
    byId: (_: unknown, args: { id: string }) => args.id,
    byIds: (_: unknown, args: { ids: string[] }) => args.ids,
    asNote: (_: unknown, args: { id: string }, context: Context) =>
      noteRows(context).mark([wanted(args.id) as object])[0],
    asSecret: (_: unknown, args: { id: string }, context: Context) =>
      noteRows(context).mark([wanted(args.id) as object])[0],
    told: (_: unknown, args: { id: string }) => wanted(args.id) ?? { plain: args.id },
    any: (_: unknown, args: { id: string }) => wanted(args.id) ?? { other: args.id },
    thing: (_: unknown, args: { id: string }) => wanted(args.id) ?? { another: true },
    page: (_: unknown, args: { isMarked: boolean }, context: Context) =>
      args.isMarked ? noteRows(context).markPage(pageOf(wanted(own))) : pageOf(...rows),
    pages: (_: unknown, args: { isMarked: boolean }, context: Context) =>
      args.isMarked ? [noteRows(context).markPage(pageOf(wanted(own)))] : [pageOf(...rows)],
    markedAsSecret: (_: unknown, _args: unknown, context: Context) =>
      context.guard.rows('Secret', context).markPage(pageOf(wanted(own))),
    beside: (_: unknown, _args: unknown, context: Context) => noteRows(context).markPage(pageOf(wanted(shared))),
    made: (_: unknown, _args: unknown, context: Context) => noteRows(context).markPage({}),
    mixed: (_: unknown, _args: unknown, context: Context) => noteRows(context).markPage({ nodes: rows }),
    secrets: () => rows,
    cached: (_: unknown, _args: unknown, context: Context) => {
      cachedPage ??= noteRows(context).markPage(pageOf(wanted(own), wanted(shared)));
      return cachedPage;
    },
    held: () => ({ node: wanted(others), cursor: 'c' }),
    list: (_: unknown, args: { ids: string[] }) =>
      args.ids.map((one) => wanted(one) ?? (one === '' ? {} : { id: one })),
  },
  Note: {
    id: (row: { id: string } | string) => (typeof row === 'string' ? row : row.id),
    __isTypeOf: (row: object | string) => typeof row === 'string' || 'id' in row,
  },
  MadePage: { edges: () => rows.map((node) => ({ node, cursor: 'c' })) },
};

const schema = makeExecutableSchema({ typeDefs, resolvers });
const grants = { table: 'shares', row: 'note_id', viewer: 'user_id' };
const note: RowsOf = {
  table: 'notes',
  columns: { ownerId: 'owner_id', level: 'level' },
  relations: { owner: viewerIs('ownerId'), shared: listedIn(grants) },
};
const owned = (owner: RelationSource): RowsOf => ({ ...note, relations: { owner } });

/** As the database would: it knows the shared note alone, and spells ids in lower case. */
const ask = async ({ values }: { values: unknown[] }) =>
  values.flat().includes(shared) ? [{ id: shared }] : ([] as object[]);

function guardOf(options: Partial<RowsOptions<Context>> = {}): Guard {
  return createGuard<Context>(schema, {
    viewer: ({ viewer }) => viewer,
    rows: { of: { Note: note, Secret: owned(viewerIs('ownerId')) }, ask, ...options },
  });
}

type Way = (guard: Guard, query: string, who?: string) => Promise<ExecutionResult>;
const contextOf = (guard: Guard, who = ada): Context => ({ viewer: { id: who, roles: [], scopes: [] }, guard });
const ways: [string, Way][] = [
  [
    'graphql-js',
    async (guard, query, who) =>
      await execute({ schema: guard.schema, document: parse(query), contextValue: contextOf(guard, who) }),
  ],
  [
    'guard.execute',
    async (guard, query, who) => {
      const document = parse(query);
      const answers: ExecutionResult[] = [];
      for (let time = 0; time < 6; time++)
        answers.push(await guard.execute({ document, contextValue: contextOf(guard, who) }));
      for (const answer of answers) expect(answer).toEqual(answers[0]);
      return answers[0] as ExecutionResult;
    },
  ],
];

describe.each(ways)('under %s', (_way, run) => {
  it.each([
    ['a row that was read as another type', `{ asSecret(id: "${shared}") { id } }`, { asSecret: null }],
    ['a row of which isTypeOf tells the type', `{ any(id: "${others}") { ... on Note { id } } }`, { any: null }],
    ['a row of an interface of which isTypeOf tells the type', `{ thing(id: "${others}") { id } }`, { thing: null }],
    [
      'what a page holds beside its rows',
      '{ beside { first { id } edges { node { id } secret { id } } } }',
      { beside: { first: null, edges: [{ node: { id: shared }, secret: null }] } },
    ],
    [
      'rows of a page whose edges have a resolver of their own',
      '{ made { edges { node { id } } } }',
      { made: { edges: [{ node: { id: own } }, { node: { id: shared } }, { node: null }] } },
    ],
    [
      'rows of another type in a page',
      '{ mixed { nodes { ... on Note { id } ... on Secret { id } } } }',
      { mixed: { nodes: [{ id: own }, { id: shared }] } },
    ],
    ['an edge that an interface returns', '{ held { ... on NoteEdge { node { id } } } }', { held: { node: null } }],
    ['an id that is none', `{ list(ids: ["x", "${shared}"]) { id } }`, { list: [null, { id: shared }] }],
  ])('hides %s', async (_what, query, data) => {
    expect(await run(guardOf(), query)).toEqual({ data });
  });

  it.each([
    ['a row that was read as its type', `{ asNote(id: "${shared}") { id } }`, { asNote: { id: shared } }],
    ['a row that proves itself as another type', `{ asSecret(id: "${own}") { id } }`, { asSecret: { id: own } }],
    ['a row of which isTypeOf tells the type', `{ any(id: "${own}") { ... on Note { id } } }`, { any: { id: own } }],
    [
      'a row of an interface of which isTypeOf tells the type',
      `{ thing(id: "${own}") { id } }`,
      { thing: { id: own } },
    ],
    ['what is no row', '{ any(id: "o") { ... on Other { other } } }', { any: { other: 'o' } }],
    [
      'a page that an interface returns',
      '{ page(isMarked: true) { total ... on NotePage { nodes { id } } } }',
      { page: { total: 7, nodes: [{ id: own }] } },
    ],
    [
      'pages in a list',
      '{ pages(isMarked: true) { total edges { node { id } secret { id } } } }',
      { pages: [{ total: 7, edges: [{ node: { id: own }, secret: { id: own } }] }] },
    ],
    [
      'a row whose id is spelled in another way',
      `{ list(ids: ["${shared.toUpperCase()}"]) { id } }`,
      { list: [{ id: shared.toUpperCase() }] },
    ],
  ])('shows %s', async (_what, query, data) => {
    expect(await run(guardOf(), query)).toEqual({ data });
  });

  it.each([
    ['a page that an interface returns', '{ page(isMarked: false) { total } }', { page: null }],
    ['a page in a list', '{ pages(isMarked: false) { total } }', { pages: null }],
    ['a page of rows of another type', '{ markedAsSecret { total } }', { markedAsSecret: null }],
    ['a row that is an id alone', `{ byId(id: "${others}") { id } }`, { byId: null }],
    ['rows that are ids alone', `{ byIds(ids: ["${others}"]) { id } }`, { byIds: null }],
  ])('makes a fault of %s, if nothing marked it', async (_what, query, data) => {
    const answer = await run(guardOf(), query);
    expect(answer.data).toEqual(data);
    expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual(['INTERNAL_SERVER_ERROR']);
  });

  it('shows rows that are ids alone to whom rights open all', async () => {
    const open = makeExecutableSchema({
      typeDefs: typeDefs.replace('[["owner"], ["shared"]]', '[["anyone"]]'),
      resolvers,
    });
    const guard = createGuard<Context>(open, {
      viewer: ({ viewer }) => viewer,
      rows: { of: { Note: note, Secret: note }, ask },
    });
    expect(await run(guard, `{ byId(id: "${others}") { id } }`)).toEqual({ data: { byId: { id: others } } });
  });

  it('takes a page of an earlier request for as long as its viewer sees its rows', async () => {
    cachedPage = null;
    let isShared = true;
    const guard = guardOf({ ask: async (statement) => (isShared ? await ask(statement) : []) });
    const query = '{ cached { total nodes { id } } }';
    for (let time = 0; time < 2; time++) {
      expect(await run(guard, query)).toEqual({ data: { cached: { total: 7, nodes: [{ id: own }, { id: shared }] } } });
    }
    isShared = false;
    const { data, errors } = await run(guard, query);
    expect([data, errors?.length]).toEqual([{ cached: null }, 1]);
  });

  it('tells of a row by the property that identifies it', async () => {
    const told: unknown[] = [];
    const Secret: RowsOf = { ...owned(viewerIs('ownerId')), id: 'level' };
    const guard = guardOf({ of: { Note: note, Secret }, onRow: ({ id, kind }) => void told.push(`${id} ${kind}`) });
    expect(await run(guard, '{ secrets { id } }')).toEqual({ data: { secrets: [{ id: own }, null, null] } });
    expect(new Set(told)).toEqual(new Set(['1 hidden', '2 hidden']));
  });

  it('leaves nothing unhandled where a row fails before those that wait for the database', async () => {
    const guard = guardOf({
      ask: async () => await Promise.reject(new Error('the database is away')),
      onRow: async () => await Promise.reject(new Error('the log is full')),
    });
    // The last has no id, so that it fails at once. An unhandled rejection fails the run of the tests.
    const { data, errors } = await run(guard, `{ list(ids: ["${own}", "${shared}", ""]) { id } }`);
    expect(data).toEqual({ list: [{ id: own }, null, null] });
    expect(errors?.map(({ message }) => message)).toEqual(['Internal server error', 'Internal server error']);
  });

  it('never asks the database about a viewer whose id is none there', async () => {
    const asked: unknown[] = [];
    const guard = guardOf({
      ask: async ({ values }) => {
        asked.push(values);
        return [];
      },
    });
    const query = `{ list(ids: ["${own}", "${shared}"]) { id } }`;
    expect(await run(guard, query, 'a-service')).toEqual({ data: { list: [null, null] } });
    expect(asked).toEqual([]);
    expect(await run(guard, query)).toEqual({ data: { list: [{ id: own }, null] } });
    expect(asked.length).toBeGreaterThan(0);
  });

  it.each<[string, RowsOf, string, string | null]>([
    ['a viewer is spelled in another way', owned(viewerIs('ownerId')), id(102).toUpperCase(), others],
    ['a property is no text', owned(has('level', ['1'])), ada, null],
  ])('asks the database where %s', async (_what, Secret, who, last) => {
    const answer = await run(guardOf({ of: { Note: note, Secret } }), '{ secrets { id } }', who);
    expect(answer).toEqual({ data: { secrets: [null, { id: shared }, last && { id: last }] } });
  });
});
