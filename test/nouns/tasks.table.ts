/** Tasks: everybody's own, and with scopes `task:read:any` and `task:write:any` those of all. */
import { CreateTaskDocument } from '../e2e/documents/graphql.ts';
import type { SignedIn } from '../support/personas.ts';
import { all, moment, type NounTable, owns, scope, storedRow } from './noun-table.ts';

const fields = 'id title description status version priority dueAt completedAt createdAt updatedAt owner';
const page = 'totalCount nodes { title } pageInfo { hasNextPage hasPreviousPage }';

export const table: NounTable = {
  noun: 'Task',
  scopes: {
    'task:read': ['USER', 'ADMIN'],
    'task:write': ['USER', 'ADMIN'],
    'task:read:any': ['ADMIN'],
    'task:write:any': ['ADMIN'],
  },
  matrix: `
    Query node nodes                 own   | U | +
    Query node nodes                 other | U | 0 unless task:read:any | +
    Query task tasks                 own   | U | F unless task:read | +
    Query task                       other | U | F unless task:read | 0 unless task:read:any | +
    Query tasks                      other | U | F unless task:read | E
    Mutation createTask              own   | U | F unless task:write | +
    Mutation updateTask deleteTask   own   | U | F unless task:write | +
    Mutation updateTask deleteTask   other | U | F unless task:write | N unless task:write task:write:any | +
    Task ${fields}                   own   | U | F unless task:read | +
    Task ${fields}                   other | U | 0 unless task:read:any | F unless task:read | +
    Task notes                       own   | U | F unless task:read | +
    Task notes                       other | U | 0 unless task:read:any | F unless task:read | N
    User tasks                       own   | U | F unless task:read | +
    User tasks                       other | U | 0 unless user:read:any | F unless task:read | E unless task:read:any | +
  `,
  make: (owner) => makeTask(owner, `Report of ${owner.username}`),
  fields: {
    'Task.id': ({ ids }) => ['id', ids.Task],
    'Task.title': ({ username }) => ['title', `Report of ${username}`],
    'Task.description': ({ username }) => ['description', `What ${username} describes`],
    'Task.notes': ({ username }) => ['notes', `What ${username} notes`],
    'Task.status': () => ['status', 'DONE'],
    'Task.version': () => ['version', 1],
    'Task.priority': () => ['priority', 'URGENT'],
    'Task.dueAt': () => ['dueAt', '2026-04-02T10:00:00.000Z'],
    'Task.completedAt': () => ['completedAt', moment],
    'Task.createdAt': () => ['createdAt', moment],
    'Task.updatedAt': () => ['updatedAt', moment],
    'Task.owner': ({ userId, username }) => ['owner { id username }', { id: userId, username }],
    'User.tasks': ({ username }) => [
      `tasks(filter: { text: "Report of" }) { ${page} }`,
      pageOf(`Report of ${username}`),
      pageOf(),
    ],
  },
  operations: {
    'Query.task': ({ holder: { ids, username } }) => ({
      query: 'query ($id: ID!) { task(id: $id) { title } }',
      variables: { id: ids.Task },
      path: ['task'],
      data: { task: { title: `Report of ${username}` } },
      invisible: { task: null },
    }),
    'Query.tasks': ({ holder: { username } }) => ({
      query: `query ($text: String!) { tasks(filter: { text: $text }) { ${page} } }`,
      variables: { text: `Report of ${username}` },
      path: ['tasks'],
      data: { tasks: pageOf(`Report of ${username}`) },
      empty: { tasks: pageOf() },
    }),
    'Mutation.createTask': ({ holder, column }) => {
      const title = `Made by ${column.name}`;
      const query = 'query ($text: String!) { tasks(filter: { text: $text }) { totalCount } }';
      return {
        query: 'mutation ($input: CreateTaskInput!) { createTask(input: $input) { errors { code } } }',
        variables: { input: { title } },
        path: ['createTask'],
        data: { createTask: { errors: [] } },
        verify: async () => (await holder.ask(query, { text: title })).data.tasks.totalCount,
        done: 1,
      };
    },
    'Mutation.updateTask': async ({ holder, world }) => {
      const id = await makeTask(holder, 'To be changed');
      return {
        query: 'mutation ($input: UpdateTaskInput!) { updateTask(input: $input) { errors { code } } }',
        variables: { input: { id, title: 'Changed' } },
        path: ['updateTask'],
        data: { updateTask: { errors: [] } },
        verify: async () => (await storedRow(world, 'task', id))?.title,
        done: 'Changed',
      };
    },
    'Mutation.deleteTask': async ({ holder, world }) => {
      const id = await makeTask(holder, 'To be deleted');
      return {
        query: 'mutation ($input: DeleteTaskInput!) { deleteTask(input: $input) { deletedTaskId errors { code } } }',
        variables: { input: { id } },
        path: ['deleteTask'],
        data: { deleteTask: { deletedTaskId: id, errors: [] } },
        verify: () => storedRow(world, 'task', id),
        done: undefined,
      };
    },
  },
  reached: {
    Task: scope('task:read'),
    'Task.notes': all(scope('task:read'), owns),
    'User.tasks': scope('task:read'),
    TaskConnection: scope('task:read'),
    TaskEdge: scope('task:read'),
    CreateTaskPayload: scope('task:write'),
    'CreateTaskPayload.task': all(scope('task:write'), scope('task:read')),
    UpdateTaskPayload: scope('task:write'),
    'UpdateTaskPayload.task': all(scope('task:write'), scope('task:read')),
    DeleteTaskPayload: scope('task:write'),
  },
  supplied: {
    'TaskFilter.everyone': {
      query: '{ tasks(filter: { everyone: true }) { __typename } }',
      allows: all(scope('task:read'), scope('task:read:any')),
    },
    'TaskFilter.ownerId': {
      query: '{ tasks(filter: { ownerId: "user_ada" }) { __typename } }',
      allows: all(scope('task:read'), scope('task:read:any')),
    },
    'UpdateTaskInput.notes': {
      query: 'mutation ($id: ID!) { updateTask(input: { id: $id, notes: "Mine" }) { __typename } }',
      allows: all(scope('task:write'), owns),
    },
  },
  policies: { ownsTask: (_parent, { input }, owns) => owns(input.id) },
};

function pageOf(...titles: string[]) {
  return {
    totalCount: titles.length,
    nodes: titles.map((title) => ({ title })),
    pageInfo: { hasNextPage: false, hasPreviousPage: false },
  };
}

/** A task with something in every field, made with all of its owner's scopes. */
export async function makeTask(owner: SignedIn, title: string): Promise<string> {
  const { username } = owner;
  const { data, errors } = await owner.ask(CreateTaskDocument, {
    input: {
      title,
      description: `What ${username} describes`,
      notes: `What ${username} notes`,
      status: 'DONE',
      priority: 'URGENT',
      dueAt: '2026-04-02T10:00:00Z',
    },
  });
  const id = data?.createTask.task?.id;
  if (!id) throw new Error(`The task was not made: ${JSON.stringify([data, errors])}`);
  return id;
}
