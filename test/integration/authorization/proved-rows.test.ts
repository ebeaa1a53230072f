/** No row leaves that its viewer does not see, whatever resolver forgot to ask, and under whichever executor. */
import { makeExecutableSchema } from '@graphql-tools/schema';
import { type ExecutionResult, execute, type GraphQLError, parse } from 'graphql';
import sql, { raw, Sql } from 'sql-template-tag';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createGuard,
  directiveTypeDefs,
  type Guard,
  type GuardViewer,
  listedIn,
  parent,
  type RowEvent,
  type RowsOptions,
  type UnprovedRows,
  viewerIs,
} from '../../../src/authorization/guard.ts';
import type { Database, EntityManager } from '../../../src/database/database.ts';
import { ask } from '../../../src/lists/rows.ts';
import { testDatabases } from '../../support/database.ts';

interface Context {
  viewer: GuardViewer | null;
  guard: Guard;
}

interface Note {
  id: string;
  title: string;
  ownerId: string | null;
  projectId: string | null;
}

const typeDefs = `
  ${directiveTypeDefs({ roles: ['USER', 'ADMIN'] })}
  scalar Cursor
  interface Node { id: ID! }
  union Found = Note | Project
  type Query @public {
    note(id: ID!): Note
    notes: [Note!]!
    maybe(ids: [ID!]!): [Note]
    nested: [[Note!]!]!
    late: [Note!]!
    node(id: ID!): Node
    found: [Found!]!
    page(isMarked: Boolean!): NoteConnection
    readNotes: [Note!]!
    copied: [Note!]!
    bare: [Note!]!
    edge: NoteEdge
    loaded: LoadedConnection
    other: String
  }
  type Mutation @public { touch(id: ID!): Touched }
  type Subscription @public { touched: Note }
  type Touched @public { note: Note }
  type Note implements Node @public
    @visibleTo(relations: [["owner"], ["shared"], ["project.member"]], orScopes: [["note:any"]]) {
    id: ID!
    title: String
    secret: String @requiresRelation(relations: [["owner"], ["project.member"]])
    project: Project
  }
  type Project implements Node @public @visibleTo(relations: [["member"]]) { id: ID!  notes: [Note!]! }
  type NoteConnection @public { edges: [NoteEdge!]!  nodes: [Note!]!  pageInfo: PageInfo!  totalCount: Int! }
  type LoadedConnection @public { edges: [LoadedEdge!]! nodes: [Note!]! pageInfo: PageInfo! }
  type LoadedEdge @public { node: Note cursor: String! }
  type NoteEdge @public { node: Note!  cursor: String! }
  type PageInfo @public { hasNextPage: Boolean! }
`;

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const [ada, bea] = [id(101), id(102)];
const project = id(201);
const [adas, beas, shared, inProject, lost] = [id(1), id(2), id(3), id(4), id(5)];
const all: Note[] = [
  { id: adas, title: "Ada's", ownerId: ada, projectId: null },
  { id: beas, title: "Bea's", ownerId: bea, projectId: null },
  { id: shared, title: 'Shared with Ada', ownerId: bea, projectId: null },
  { id: inProject, title: "Of Ada's project", ownerId: bea, projectId: project },
  { id: lost, title: "Nobody's", ownerId: null, projectId: id(299) },
];
const seenByAda = [adas, shared, inProject];
const byId = (wanted: string) => all.find((note) => note.id === wanted) ?? null;

/** Resolvers that forget to ask who is asking. */
const resolvers = {
  Node: { __resolveType: (row: object) => ('title' in row ? 'Note' : 'Project') },
  Found: { __resolveType: async (row: object) => ('title' in row ? 'Note' : 'Project') },
  Query: {
    note: (_: unknown, args: { id: string }) => byId(args.id),
    notes: () => all,
    maybe: (_: unknown, args: { ids: string[] }) => args.ids.map(byId),
    nested: () => [all, new Set(all)],
    late: () => all.map(async (note) => note),
    node: (_: unknown, args: { id: string }) => (args.id === project ? { id: project } : byId(args.id)),
    found: () => [...all, { id: project }, { id: id(202) }],
    page: (_: unknown, { isMarked }: { isMarked: boolean }, context: Context) => {
      const rows = isMarked ? all.filter((note) => seenByAda.includes(note.id)) : all;
      const page = {
        edges: rows.map((node) => ({ node, cursor: node.id })),
        nodes: rows,
        pageInfo: { hasNextPage: false },
        totalCount: rows.length,
      };
      return isMarked ? context.guard.rows('Note', context).markPage(page) : page;
    },
    readNotes: async (_: unknown, _args: unknown, context: Context) => await readNotes(context),
    copied: async (_: unknown, _args: unknown, context: Context) =>
      [...(await readNotes(context)), ...all].map((note) => ({ ...note })),
    edge: () => ({ node: byId(beas), cursor: 'x' }),
    loaded: (_: unknown, _args: unknown, context: Context) =>
      context.guard.rows('Note', context).markPage({ edges: [{ cursor: 'x' }], pageInfo: { hasNextPage: false } }),
    bare: () => all.map(({ id, title }) => ({ id, title })),
  },
  Mutation: { touch: (_: unknown, args: { id: string }) => ({ note: byId(args.id) }) },
  Subscription: {
    touched: {
      async *subscribe() {
        for (const touched of [beas, adas]) yield { touched: byId(touched) };
      },
    },
  },
  Note: {
    secret: ({ title }: Note) => `of ${title}`,
    project: ({ projectId }: Note) => projectId && { id: projectId },
  },
  LoadedConnection: { nodes: () => all },
  LoadedEdge: { node: () => byId(beas) },
  Project: { notes: (row: { id: string }) => all.filter(({ projectId }) => projectId === row.id) },
};

let read: (statement: { text: string; values: unknown[] }) => Promise<readonly object[]>;
let asked = 0;
let told: RowEvent[] = [];

async function readNotes(context: Context): Promise<Note[]> {
  const rows = context.guard.rows('Note', context);
  const { strings, values } = rows.condition('t');
  const statement = sql`select t.id, title, owner_id as "ownerId", project_id as "projectId" from notes t
    where ${new Sql(strings, values)} order by t.id`;
  return [...rows.mark((await read(statement)) as Note[])];
}

const schema = makeExecutableSchema({ typeDefs, resolvers });

function guardOf(unproved: UnprovedRows): Guard {
  const on = { table: 'shares', row: 'note_id', viewer: 'user_id' };
  const rows: RowsOptions<Context> = {
    of: {
      Note: {
        table: 'notes',
        columns: { ownerId: 'owner_id', projectId: 'project_id' },
        parents: { project: parent('Project', 'projectId') },
        relations: { owner: viewerIs('ownerId'), shared: listedIn(on) },
      },
      Project: {
        table: 'projects',
        columns: {},
        relations: { member: listedIn({ table: 'members', row: 'project_id', viewer: 'user_id' }) },
      },
    },
    ask: async (statement) => {
      asked++;
      return await read(statement);
    },
    unproved,
    onRow: (event) => void told.push(event),
  };
  return createGuard<Context>(schema, { viewer: ({ viewer }) => viewer, rows });
}

const viewer = (who: string, ...scopes: string[]): GuardViewer => ({ id: who, roles: ['USER'], scopes });

type Ask = (guard: Guard, query: string, viewer: GuardViewer | null) => Promise<ExecutionResult>;
/** Each way that an operation can be executed. */
const ways: [string, Ask][] = [
  [
    'graphql-js',
    async (guard, query, viewer) => {
      const contextValue: Context = { viewer, guard };
      return await execute({ schema: guard.schema, document: parse(query), contextValue });
    },
  ],
  [
    'cold',
    async (guard, query, viewer) => await guard.execute({ document: parse(query), contextValue: { viewer, guard } }),
  ],
  [
    'compiled',
    async (guard, query, viewer) => {
      const document = parse(query);
      const answers: ExecutionResult[] = [];
      for (let time = 0; time < 6; time++) {
        answers.push(await guard.execute({ document, contextValue: { viewer, guard } }));
      }
      for (const answer of answers) expect(answer).toEqual(answers[0]);
      // A mutation, and what failed, is for graphql-js.
      if (query.startsWith('{') && !answers[0]?.errors) expect(guard.compiled?.answers).toBeGreaterThan(0);
      return answers[0] as ExecutionResult;
    },
  ],
];

const cold = ways[1]?.[1] as Ask;

describe.each(testDatabases())('rows on $name', (target) => {
  let database: Database;
  let em: EntityManager;
  beforeAll(async () => {
    database = await target.open();
    em = database.fork();
    read = async ({ text, values }) => {
      const rows = await ask<object>(em, { text, values } as never);
      return rows;
    };
    for (const statement of [
      'create table notes (id uuid, title text, owner_id uuid, project_id uuid)',
      'create table projects (id uuid)',
      'create table shares (note_id uuid, user_id uuid)',
      'create table members (project_id uuid, user_id uuid)',
      `insert into projects values ('${project}'), ('${id(202)}')`,
      `insert into shares values ('${shared}', '${ada}')`,
      `insert into members values ('${project}', '${ada}')`,
    ]) {
      await ask(em, raw(statement));
    }
    for (const note of all) {
      await ask(em, sql`insert into notes values (${note.id}, ${note.title}, ${note.ownerId}, ${note.projectId})`);
    }
  });
  afterAll(() => database?.close());
  beforeEach(() => {
    asked = 0;
    told = [];
  });

  describe.each(ways)('under %s', (_way, ask) => {
    const guard = guardOf('hide');
    const strict = guardOf('strict');
    const reporting = guardOf('report');
    const ids = (...wanted: string[]) => wanted.map((one) => ({ id: one }));

    it.each([
      ['a list', '{ notes { id } }', { notes: ids(...seenByAda) }],
      ['a list of what may be null', `{ maybe(ids: ["${beas}", "${adas}"]) { id } }`, { maybe: [null, { id: adas }] }],
      ['lists in a list', '{ nested { id } }', { nested: [ids(...seenByAda), ids(...seenByAda)] }],
      ['a list of promises', '{ late { id } }', { late: ids(...seenByAda) }],
      ['a single field that hides', `{ note(id: "${beas}") { id } }`, { note: null }],
      ['a single field that shows', `{ note(id: "${shared}") { title } }`, { note: { title: 'Shared with Ada' } }],
      ['an interface that hides', `{ node(id: "${beas}") { id } }`, { node: null }],
      ['an interface that shows', `{ node(id: "${project}") { id } }`, { node: { id: project } }],
      ['a union', '{ found { ... on Note { id } ... on Project { id } } }', { found: ids(...seenByAda, project) }],
      ['a payload that hides', `mutation { touch(id: "${beas}") { note { id } } }`, { touch: { note: null } }],
      ['a payload that shows', `mutation { touch(id: "${adas}") { note { id } } }`, { touch: { note: { id: adas } } }],
      [
        'rows beneath a row',
        `{ note(id: "${inProject}") { project { id notes { id } } } }`,
        { note: { project: { id: project, notes: ids(inProject) } } },
      ],
      ['an edge that stands elsewhere', '{ edge { cursor } }', { edge: { cursor: 'x' } }],
      [
        'a page whose fields have resolvers of their own',
        '{ loaded { nodes { id } edges { cursor node { id } } } }',
        { loaded: { nodes: ids(...seenByAda), edges: [{ cursor: 'x', node: null }] } },
      ],
      ['rows without what would prove them', '{ bare { id } }', { bare: ids(...seenByAda) }],
    ])('shows a viewer what they see in %s', async (_what, query, data) => {
      expect(await ask(guard, query, viewer(ada))).toEqual({ data });
    });

    it('shows nobody nothing, and a right everything', async () => {
      expect(await ask(guard, '{ notes { id } }', null)).toEqual({ data: { notes: [] } });
      const everything = await ask(guard, '{ notes { id } }', viewer(bea, 'note:any'));
      expect(everything).toEqual({ data: { notes: ids(...all.map((note) => note.id)) } });
      expect(asked).toBe(0);
    });

    it('opens a field by a relation of the row, and asks once for all rows of a tick', async () => {
      const { data, errors } = await ask(guard, '{ readNotes { id secret } }', viewer(ada));
      expect(data).toEqual({
        readNotes: [
          { id: adas, secret: "of Ada's" },
          { id: shared, secret: null },
          { id: inProject, secret: "of Of Ada's project" },
        ],
      });
      expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
        [['readNotes', 1, 'secret'], 'FORBIDDEN'],
      ]);
      asked = 0;
      await guard.execute({
        document: parse('{ readNotes { secret } }'),
        contextValue: { viewer: viewer(ada), guard },
      });
      expect(asked).toBe(1);
    });

    it('asks once for all rows of a tick, and not at all for what is marked or proves itself', async () => {
      await ask(guard, '{ readNotes { id } }', viewer(ada));
      expect([asked, told]).toEqual([0, []]);
      await ask(guard, `{ note(id: "${adas}") { id } }`, viewer(ada));
      expect([asked, told]).toEqual([0, []]);
      await guard.execute({
        document: parse('{ notes { id } again: notes { id } }'),
        contextValue: { viewer: viewer(ada), guard },
      });
      expect(asked).toBe(1);
    });

    it('does not believe a copy of a row that was read for the viewer', async () => {
      const { data } = await ask(guard, '{ copied { id } }', viewer(ada));
      expect(data).toEqual({ copied: ids(...seenByAda, ...seenByAda) });
      expect(new Set(told.map(({ kind }) => kind))).toEqual(new Set(['hidden', 'unproved']));
    });

    it('takes a page that the engine made, and no other', async () => {
      const query = (isMarked: boolean) =>
        `{ page(isMarked: ${isMarked}) { totalCount nodes { id } edges { cursor node { title } } } }`;
      const { data } = await ask(guard, query(true), viewer(ada));
      expect(data).toMatchObject({ page: { totalCount: 3, nodes: ids(...seenByAda) } });
      const refused = await ask(guard, query(false), viewer(ada));
      expect(refused.data).toEqual({ page: null });
      expect(refused.errors?.map(({ extensions }) => extensions.code)).toEqual(['INTERNAL_SERVER_ERROR']);
      expect(told.at(-1)).toMatchObject({ kind: 'page', type: 'NoteConnection', path: ['page'] });
    });

    it('makes a fault of each slip where it is strict, and serves what was read as it should be', async () => {
      for (const slip of [beas, shared]) {
        const { data, errors } = await ask(strict, `{ other note(id: "${slip}") { id } }`, viewer(ada));
        expect(data).toEqual({ other: null, note: null });
        const masked = errors?.[0]?.originalError as GraphQLError;
        expect(masked.originalError?.message).toContain('`Query.note` returned a row that');
        expect(errors?.[0]?.message).toBe('Internal server error');
      }
      expect(await ask(strict, '{ readNotes { id } }', viewer(ada))).toEqual({
        data: { readNotes: ids(...seenByAda) },
      });
    });

    it('serves and tells where it only reports', async () => {
      const { data } = await ask(reporting, '{ notes { id } }', viewer(ada));
      expect(data).toEqual({ notes: ids(...all.map((note) => note.id)) });
      expect(new Set(told.map(({ id, kind }) => `${id} ${kind}`))).toEqual(
        new Set([`${beas} hidden`, `${lost} hidden`, `${shared} unproved`, `${inProject} unproved`]),
      );
    });
  });

  it('withholds the row of an edge that no page holds', async () => {
    const { data, errors } = await cold(guardOf('hide'), '{ edge { node { id } } }', viewer(ada));
    expect(data).toEqual({ edge: null });
    expect(errors?.map(({ path }) => path)).toEqual([['edge', 'node']]);
    const own = await cold(guardOf('hide'), '{ edge { node { id } } }', viewer(bea));
    expect(own).toEqual({ data: { edge: { node: { id: beas } } } });
  });

  it('takes no resolvers beside those of the schema, whose rows nothing would prove', async () => {
    const guard = guardOf('hide');
    const document = parse('{ notes { id } }');
    const contextValue = { viewer: viewer(ada), guard };
    for (const beside of [{ fieldResolver: () => all }, { typeResolver: () => 'Note' }]) {
      expect(() => guard.execute({ document, contextValue, ...beside })).toThrow(/takes no `fieldResolver`/);
      await expect(guard.subscribe({ document, contextValue, ...beside })).rejects.toThrow(/takes no `fieldResolver`/);
    }
    expect(await guard.execute({ document, contextValue })).toHaveProperty('data.notes.length', 3);
  });

  it('hides what another viewer was shown in the same context', async () => {
    const guard = guardOf('hide');
    const context: Context = { viewer: viewer(ada), guard };
    const rows = await readNotes(context);
    const document = parse('{ notes { id } }');
    expect(rows).toHaveLength(3);
    context.viewer = viewer(bea);
    const answer = await guard.execute({ document, contextValue: context, rootValue: {} });
    expect(answer.data).toEqual({ notes: [beas, shared, inProject].map((one) => ({ id: one })) });
  });

  it('proves each event of a subscription', async () => {
    const guard = guardOf('hide');
    const events = await guard.subscribe({
      document: parse('subscription { touched { id } }'),
      contextValue: { viewer: viewer(ada), guard },
    });
    const seen: unknown[] = [];
    for await (const event of events as AsyncIterable<ExecutionResult>) seen.push(event.data);
    expect(seen).toEqual([{ touched: null }, { touched: { id: adas } }]);
  });
});
