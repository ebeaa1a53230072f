/** Input fields of tasks that only some may supply: by every way of supplying them, and left out. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signInto, storedRow, type World } from '../nouns/noun-table.ts';
import { makeTask, table } from '../nouns/tasks.table.ts';
import { testDatabases } from '../support/database.ts';
import type { SignedIn } from '../support/personas.ts';
import { createWorld } from './permission-matrix.world.ts';

/** A way of supplying an input, or of leaving it out. */
interface Way {
  name: string;
  query: string;
  variables?: Record<string, unknown>;
}

it('every guarded input of tasks is covered here', () => {
  expect(Object.keys(table.supplied ?? {})).toEqual([
    'TaskFilter.everyone',
    'TaskFilter.ownerId',
    'UpdateTaskInput.notes',
  ]);
});

const selected = '{ totalCount nodes { owner { username } } }';

/** `value` as a literal of GraphQL, and as JSON. */
function filterWays(field: string, literal: string, value: unknown): Way[] {
  const type = field === 'everyone' ? 'Boolean' : 'ID';
  return [
    { name: `${field}: ${literal} written out`, query: `{ tasks(filter: { ${field}: ${literal} }) ${selected} }` },
    {
      name: `${field}: ${literal} by a variable`,
      query: `query ($value: ${type}) { tasks(filter: { ${field}: $value }) ${selected} }`,
      variables: { value },
    },
    {
      name: `${field}: ${literal} within a variable`,
      query: `query ($filter: TaskFilter) { tasks(filter: $filter) ${selected} }`,
      variables: { filter: { [field]: value } },
    },
    {
      name: `${field}: ${literal} by the default of a variable`,
      query: `query ($value: ${type} = ${literal}) { tasks(filter: { ${field}: $value }) ${selected} }`,
    },
    {
      name: `${field}: ${literal} within the default of a variable`,
      query: `query ($filter: TaskFilter = { ${field}: ${literal} }) { tasks(filter: $filter) ${selected} }`,
    },
  ];
}

describe.each(testDatabases())('inputs that only some may supply, on $name', (database) => {
  let world: World;
  let adminWithout: SignedIn;
  beforeAll(async () => {
    world = await createWorld(database);
    const scopes = ['task:read', 'task:write', 'user:read', 'task:write:any'];
    adminWithout = await signInto(world.server, world.admin, { name: 'no other’s tasks', account: 'admin', scopes });
  });
  afterAll(() => world?.server.close());

  const deniedOn = (path: string[], requires: object) => [
    expect.objectContaining({
      path,
      extensions: { code: 'FORBIDDEN', requires: { scopes: [], roles: [], policies: [], ...requires } },
    }),
  ];
  const anyTask = { scopes: [['task:read:any']] };
  /** It reads `Task.owner`, so it needs that field's guard as well. */
  const ownerOfAny = { scopes: [['task:read', 'task:read:any']] };

  describe.each(['true', 'false', 'null'])('TaskFilter.everyone: %s', (literal) => {
    const ways = filterWays('everyone', literal, JSON.parse(literal));

    it.each(ways)('is refused without the scope, to an administrator too: $name', async ({ query, variables }) => {
      for (const viewer of [world.ada, adminWithout]) {
        const { data, errors } = await viewer.ask(query, variables);
        expect({ data, errors }).toEqual({ data: null, errors: deniedOn(['tasks'], anyTask) });
      }
    });

    it.each(ways)('is accepted with the scope: $name', async ({ query, variables }) => {
      const { data, errors } = await world.admin.ask(query, variables);
      expect(errors).toEqual([]);
      expect(ownersIn(data)).toEqual(literal === 'true' ? ['ada', 'admin', 'bob'] : ['admin']);
    });
  });

  describe('TaskFilter.ownerId', () => {
    const waysFor = (userId: string | null) => filterWays('ownerId', JSON.stringify(userId), userId);

    it('is refused without the scope, to an administrator too, even with one’s own id or null', async () => {
      for (const viewer of [world.ada, adminWithout]) {
        for (const userId of [world.bob.userId, viewer.userId, 'user_nonsense', null]) {
          for (const { query, variables } of waysFor(userId)) {
            const { data, errors } = await viewer.ask(query, variables);
            expect({ query, data, errors }).toEqual({ query, data: null, errors: deniedOn(['tasks'], ownerOfAny) });
          }
        }
      }
    });

    it('is accepted with the scope', async () => {
      for (const [userId, owners] of [
        [world.bob.userId, ['bob']],
        [world.admin.userId, ['admin']],
        ['user_nonsense', []],
        [null, ['admin']],
      ] as const) {
        for (const { query, variables } of waysFor(userId)) {
          const { data, errors } = await world.admin.ask(query, variables);
          expect({ query, errors, owners: ownersIn(data) }).toEqual({ query, errors: [], owners });
        }
      }
    });
  });

  it.each([
    ['no filter', `{ tasks ${selected} }`, {}],
    ['a filter that is null', `{ tasks(filter: null) ${selected} }`, {}],
    ['an empty filter', `query ($filter: TaskFilter) { tasks(filter: $filter) ${selected} }`, { filter: {} }],
    ['a variable that is not sent', `query ($on: Boolean) { tasks(filter: { everyone: $on }) ${selected} }`, {}],
    ['an id that is not sent', `query ($of: ID) { tasks(filter: { ownerId: $of }) ${selected} }`, {}],
    ['a filter that is not sent', `query ($filter: TaskFilter) { tasks(filter: $filter) ${selected} }`, {}],
  ])('leaving them out needs nothing, and lists one’s own: %s', async (_how, query, variables) => {
    const { data, errors } = await world.ada.ask(query, variables);
    expect({ errors, owners: ownersIn(data) }).toEqual({ errors: [], owners: ['ada'] });
  });

  it('are guarded on User.tasks as on Query.tasks', async () => {
    const query = `{ me { username tasks(filter: { everyone: true }) ${selected} } }`;
    const denied = await world.ada.ask(query);
    expect(denied.errors).toEqual(deniedOn(['me', 'tasks'], anyTask));
    const allowed = await world.admin.ask(query);
    expect({ errors: allowed.errors, owners: ownersIn(allowed.data.me) }).toEqual({ errors: [], owners: ['admin'] });
  });

  describe.each(['"Read by me alone"', 'null'])('UpdateTaskInput.notes: %s', (literal) => {
    const notes = JSON.parse(literal);
    const ways = (id: string): Way[] => [
      {
        name: 'written out',
        query: `mutation { updateTask(input: { id: "${id}", title: "New", notes: ${literal} }) { errors { code } } }`,
      },
      {
        name: 'by a variable',
        query:
          'mutation ($id: ID!, $notes: String) {' +
          ' updateTask(input: { id: $id, title: "New", notes: $notes }) { errors { code } } }',
        variables: { id, notes },
      },
      {
        name: 'within a variable',
        query: 'mutation ($input: UpdateTaskInput!) { updateTask(input: $input) { errors { code } } }',
        variables: { input: { id, title: 'New', notes } },
      },
    ];

    it('is refused to an administrator of another’s task, and nothing else is changed', async () => {
      const id = await makeTask(world.bob, 'Old');
      const before = await world.contents();
      for (const { name, query, variables } of ways(id)) {
        const { data, errors } = await world.admin.ask(query, variables);
        expect({ name, data, errors }).toEqual({
          name,
          data: null,
          errors: deniedOn(['updateTask'], { policies: [['ownsTask']] }),
        });
        expect(await world.contents()).toBe(before);
      }
    });

    it('is accepted from the owner, an administrator or not', async () => {
      for (const owner of [world.bob, world.admin]) {
        for (const { name, query, variables } of ways(await makeTask(owner, 'Old'))) {
          const { data, errors } = await owner.ask(query, variables);
          expect({ name, data, errors }).toEqual({ name, data: { updateTask: { errors: [] } }, errors: [] });
        }
      }
    });

    it('is what is stored', async () => {
      const id = await makeTask(world.ada, 'Old');
      const [way] = ways(id);
      await world.ada.ask(way!.query, way!.variables);
      expect(await storedRow(world, 'task', id)).toMatchObject({ title: 'New', notes });
    });
  });

  it.each([
    ['left out', 'mutation ($id: ID!) { updateTask(input: { id: $id, title: "New" }) { errors { code } } }'],
    [
      'of a variable that is not sent',
      'mutation ($id: ID!, $notes: String) { updateTask(input: { id: $id, title: "New", notes: $notes }) { errors { code } } }',
    ],
  ])('notes %s need nothing, and stay as they are', async (_how, query) => {
    const id = await makeTask(world.bob, 'Old');
    const { data, errors } = await world.admin.ask(query, { id });
    expect({ data, errors }).toEqual({ data: { updateTask: { errors: [] } }, errors: [] });
    expect(await storedRow(world, 'task', id)).toMatchObject({ title: 'New', notes: 'What bob notes' });
  });
});

/** The owners of the listed tasks, each once. The count must agree with the rows. */
function ownersIn(data: { tasks: { totalCount: number; nodes: { owner: { username: string } }[] } }): string[] {
  expect(data.tasks.totalCount).toBe(data.tasks.nodes.length);
  return [...new Set(data.tasks.nodes.map(({ owner }) => owner.username))].sort();
}
