/** How each coordinate of the permission matrix is asked for, and what is served where it is allowed. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { expect } from 'vitest';
import { signIn } from '../support/personas.ts';
import { administrator } from '../support/server.ts';
import { accountOperations, eventProbe, sessionFields } from './permission-matrix.accounts.ts';
import { type Ask, type Field, type Probe, rowOf } from './permission-matrix.probe.ts';
import type { Column, Row } from './permission-matrix.table.ts';
import { type Account, makeTask, moment, signInto, storedRow, type World } from './permission-matrix.world.ts';

export function probeOf(row: Row, column: Column, world: World): Probe | Promise<Probe> {
  const [type, field] = row.coordinate.split('.') as [string, string];
  if (type === 'SecurityEvent') return eventProbe(field, row, rowOf(row, column, world));
  if (type === 'Task' || type === 'User' || type === 'Session') {
    return fieldProbe(type, field, rowOf(row, column, world));
  }
  const operation = operations[row.coordinate] ?? accountOperations[row.coordinate];
  if (!operation) throw new Error(`There is no probe for ${row.coordinate}`);
  return operation(row, column, world);
}

function fieldProbe(type: 'Task' | 'User' | 'Session', field: string, holder: Account): Probe {
  const found = fields[`${type}.${field}`];
  if (!found) throw new Error(`There is no probe for ${type}.${field}`);
  const [selection, value, empty] = found(holder);
  return {
    query: `query ($id: ID!) { node(id: $id) { ... on ${type} { ${selection} } } }`,
    variables: { id: { Task: holder.taskId, User: holder.userId, Session: holder.sessionId }[type] },
    path: ['node', field],
    data: { node: { [field]: value } },
    empty: { node: { [field]: empty } },
    invisible: { node: null },
  };
}

const fields: Record<string, Field> = {
  ...sessionFields,
  'Task.id': ({ taskId }) => ['id', taskId],
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
  'User.id': ({ userId }) => ['id', userId],
  'User.username': ({ username }) => ['username', username],
  'User.displayName': ({ username }) => ['displayName', username],
  'User.email': ({ email }) => ['email', email],
  'User.role': ({ role }) => ['role', role],
  'User.isActive': () => ['isActive', true],
  'User.createdAt': () => ['createdAt', moment],
  'User.tasks': ({ username }) => [
    `tasks(filter: { text: "Report of" }) { ${page} }`,
    pageOf(`Report of ${username}`),
    pageOf(),
  ],
  'User.securityEvents': ({ username }) => [
    'securityEvents(last: 1) { nodes { detail } pageInfo { hasNextPage } }',
    { nodes: [{ detail: `What happened to ${username}` }], pageInfo: { hasNextPage: false } },
  ],
};

const page = 'totalCount nodes { title } pageInfo { hasNextPage hasPreviousPage }';

function pageOf(...titles: string[]) {
  return {
    totalCount: titles.length,
    nodes: titles.map((title) => ({ title })),
    pageInfo: { hasNextPage: false, hasPreviousPage: false },
  };
}

const operations: Record<string, Ask> = {
  'Query.me': (row, column, world) => ({
    query: '{ me { username } }',
    variables: {},
    path: ['me'],
    data: { me: { username: rowOf(row, column, world).username } },
  }),
  // Nothing but what is Node's own: the object's fields decide for themselves.
  'Query.node': (row, column, world) => ({
    query: 'query ($id: ID!) { node(id: $id) { __typename } }',
    variables: { id: rowOf(row, column, world).taskId },
    path: ['node'],
    data: { node: { __typename: 'Task' } },
    invisible: { node: null },
  }),
  'Query.nodes': (row, column, world) => ({
    query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename } }',
    variables: { ids: [rowOf(row, column, world).taskId] },
    path: ['nodes'],
    data: { nodes: [{ __typename: 'Task' }] },
    invisible: { nodes: [null] },
  }),
  'Query.task': (row, column, world) => {
    const { taskId, username } = rowOf(row, column, world);
    return {
      query: 'query ($id: ID!) { task(id: $id) { title } }',
      variables: { id: taskId },
      path: ['task'],
      data: { task: { title: `Report of ${username}` } },
      invisible: { task: null },
    };
  },
  'Query.tasks': (row, column, world) => {
    const title = `Report of ${rowOf(row, column, world).username}`;
    return {
      query: `query ($text: String!) { tasks(filter: { text: $text }) { ${page} } }`,
      variables: { text: title },
      path: ['tasks'],
      data: { tasks: pageOf(title) },
      empty: { tasks: pageOf() },
    };
  },
  'Query.user': (row, column, world) => {
    const { userId, username } = rowOf(row, column, world);
    return {
      query: 'query ($id: ID!) { user(id: $id) { username } }',
      variables: { id: userId },
      path: ['user'],
      data: { user: { username } },
    };
  },
  'Query.users': (row, column, world) => {
    const { username } = rowOf(row, column, world);
    return {
      query: 'query ($text: String!) { users(filter: { text: $text }) { totalCount nodes { username } } }',
      variables: { text: username },
      path: ['users'],
      data: { users: { totalCount: 1, nodes: [{ username }] } },
    };
  },

  'Mutation.register': () => {
    const username = `new-${randomBytes(6).toString('hex')}`;
    const input = { username, email: `${username}@example.com`, password: randomBytes(12).toString('base64url') };
    return sessionProbe('register', 'RegisterInput', input, { username, role: 'USER' });
  },
  'Mutation.login': () => {
    const { username, password } = administrator;
    const input = { identifier: username, password };
    return sessionProbe('login', 'LoginInput', input, { username, role: 'ADMIN' });
  },
  'Mutation.refresh': async (_row, _column, { server, bob }) => {
    const { session } = await signIn(server, bob);
    const input = { refreshToken: session.refreshToken };
    return sessionProbe('refresh', 'RefreshInput', input, { username: 'bob', role: 'USER' });
  },
  'Mutation.logout': async (row, column, world) => {
    const viewer = column.account && (await signInto(world.server, rowOf(row, column, world), column));
    return {
      query: 'mutation { logout { endedSessionId } }',
      variables: {},
      path: ['logout'],
      data: { logout: { endedSessionId: expect.stringMatching(/^session_/) } },
      ...(viewer && {
        token: viewer.session.accessToken,
        verify: async () => (await viewer.ask('{ me { id } }')).status,
        done: 401,
      }),
    };
  },
  'Mutation.createTask': (row, column, world) => {
    const title = `Made by ${column.name}`;
    const owner = rowOf(row, column, world);
    return {
      query: 'mutation ($input: CreateTaskInput!) { createTask(input: $input) { errors { code } } }',
      variables: { input: { title } },
      path: ['createTask'],
      data: { createTask: { errors: [] } },
      verify: async () => {
        const { data } = await owner.ask('query ($text: String!) { tasks(filter: { text: $text }) { totalCount } }', {
          text: title,
        });
        return data.tasks.totalCount;
      },
      done: 1,
    };
  },
  'Mutation.updateTask': async (row, column, world) => {
    const id = await makeTask(rowOf(row, column, world), 'To be changed');
    return {
      query: 'mutation ($input: UpdateTaskInput!) { updateTask(input: $input) { errors { code } } }',
      variables: { input: { id, title: 'Changed' } },
      path: ['updateTask'],
      data: { updateTask: { errors: [] } },
      verify: async () => (await storedRow(world, 'task', id))?.title,
      done: 'Changed',
    };
  },
  'Mutation.deleteTask': async (row, column, world) => {
    const id = await makeTask(rowOf(row, column, world), 'To be deleted');
    return {
      query: 'mutation ($input: DeleteTaskInput!) { deleteTask(input: $input) { deletedTaskId errors { code } } }',
      variables: { input: { id } },
      path: ['deleteTask'],
      data: { deleteTask: { deletedTaskId: id, errors: [] } },
      verify: async () => await storedRow(world, 'task', id),
      done: undefined,
    };
  },
  'Mutation.setUserRole': (_row, _column, world) => ({
    query: 'mutation ($input: SetUserRoleInput!) { setUserRole(input: $input) { user { role } errors { code } } }',
    variables: { input: { userId: world.eve.userId, role: 'ADMIN' } },
    path: ['setUserRole'],
    data: { setUserRole: { user: { role: 'ADMIN' }, errors: [] } },
    verify: async () => {
      const stored = await storedRow(world, 'user', world.eve.userId);
      await sql`update users set role = 'USER' where username = 'eve'`.execute(
        world.server.database.fork().getKysely(),
      );
      return stored?.role;
    },
    done: 'ADMIN',
  }),
  'Mutation.setUserActive': (_row, _column, world) => ({
    query:
      'mutation ($input: SetUserActiveInput!) { setUserActive(input: $input) { user { isActive } errors { code } } }',
    variables: { input: { userId: world.eve.userId, isActive: false } },
    path: ['setUserActive'],
    data: { setUserActive: { user: { isActive: false }, errors: [] } },
    verify: async () => {
      const stored = await storedRow(world, 'user', world.eve.userId);
      await sql`update users set is_active = true where username = 'eve'`.execute(
        world.server.database.fork().getKysely(),
      );
      return stored?.is_active;
    },
    done: false,
  }),
};

function sessionProbe(field: string, type: string, input: unknown, session: object): Probe {
  return {
    query: `mutation ($input: ${type}!) { ${field}(input: $input) { session { username role } errors { code } } }`,
    variables: { input },
    path: [field],
    data: { [field]: { session, errors: [] } },
  };
}
