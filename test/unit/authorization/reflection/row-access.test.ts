import { buildSchema } from 'graphql';
import { expect, it } from 'vitest';
import {
  createGuard,
  directiveTypeDefs,
  has,
  listedIn,
  parent,
  viewerIs,
} from '../../../../src/authorization/guard.ts';

const guard = createGuard(
  buildSchema(`${directiveTypeDefs({ roles: ['USER'] })}
    interface Node { id: ID! }
    type Query @public { note: Note notes: NoteConnection draft: Draft node: Node name: String secret: Note @authenticated }
    type NoteConnection @public { nodes: [Note!]! pageInfo: String }
    type Note implements Node @public
      @visibleTo(relations: [["owner", "open"], ["shared"], ["folder.visible"]], orScopes: [["note:any"]])
      @tenant(beyond: ["shared"], acrossScopes: [["tenant:any"]]) { id: ID! }
    type Folder @public @visibleTo(relations: [["owner"]]) { id: ID! }
    type Draft implements Node @public @visibleTo(relations: [["anyone"]]) { id: ID! }`),
  {
    viewer: () => null,
    rows: {
      of: {
        Note: {
          table: 'notes',
          columns: { ownerId: 'owner_id', organizationId: 'organization_id', folderId: 'folder_id', state: 'state' },
          parents: { folder: parent('Folder', 'folderId') },
          relations: {
            owner: viewerIs('ownerId'),
            open: has('state', ['OPEN', 'LATE']),
            shared: listedIn({
              table: 'shares',
              row: 'note_id',
              viewer: 'user_id',
              where: { access: ['READ'] },
              until: 'ends',
            }),
          },
        },
        Folder: { table: 'folders', columns: { ownerId: 'owner' }, relations: { owner: viewerIs('ownerId') } },
        Draft: { table: 'drafts', columns: {}, relations: {} },
      },
      ask: async () => [],
    },
  },
);
const matrix = guard.matrix({
  anonymous: null,
  reader: { roles: ['USER'], scopes: [] },
  editor: { roles: ['USER'], scopes: ['note:any'] },
  platform: { roles: ['USER'], scopes: ['note:any', 'tenant:any'] },
});

/** By persona, the names of each alternative. */
const cellsOf = (coordinate: string) =>
  Object.entries(matrix.get(coordinate) ?? {}).map(([persona, access]) => {
    const rows = access.verdict === 'deny' ? undefined : access.rows;
    if (!rows) return [persona, access.verdict];
    if ('all' in rows) return [persona, 'all'];
    return [persona, rows.on.map((alternative) => alternative.map((one) => 'name' in one && one.name).join(' '))];
  });

const some = ['folder.visible tenant', 'open owner tenant', 'shared'];

it('a cell tells which rows: by relations, of the tenant unless a relation reaches beyond, or all', () => {
  for (const coordinate of ['Query.note', 'Query.notes', 'NoteConnection.nodes', 'Query.node']) {
    expect(cellsOf(coordinate)).toEqual([
      ['anonymous', []],
      ['reader', some],
      ['editor', ['shared', 'tenant']],
      ['platform', 'all'],
    ]);
  }
});

it('a cell tells of all where anyone sees every row, and of none where no row is returned or the field is denied', () => {
  expect(cellsOf('Query.draft').map(([, rows]) => rows)).toEqual(['all', 'all', 'all', 'all']);
  expect(cellsOf('Query.name').map(([, rows]) => rows)).toEqual(['allow', 'allow', 'allow', 'allow']);
  expect(cellsOf('Query.secret')).toEqual([
    ['anonymous', 'deny'],
    ['reader', some],
    ['editor', ['shared', 'tenant']],
    ['platform', 'all'],
  ]);
});

it('an explanation says what each relation is read from', () => {
  expect(guard.explain('Query.node').rows.map(({ type, relations }) => ({ type, relations }))).toEqual([
    {
      type: 'Note',
      relations: {
        owner: 'notes.owner_id is the viewer',
        open: 'notes.state is OPEN or LATE',
        shared: 'shares lists note_id for the viewer in user_id with access READ until ends',
        'folder.…': 'the Folder that notes.folder_id names',
        tenant: "notes.organization_id is the viewer's tenant",
      },
    },
    { type: 'Draft', relations: {} },
  ]);
  expect(guard.explain('Query.name').rows).toEqual([]);
});
