/** The servers of the comparison. Each is asked in its own schema. */
import { TypeID } from 'typeid-js';
import type { Answer, AnsweredTask, BenchRequest, Contestant, Subject, WorkloadName } from './contestant.ts';
import { secureRows } from './row-level-security.ts';

export const newTask = { title: 'A task that the benchmark makes', description: 'It is deleted again.' };

interface Operation {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

type Reply = { data?: Record<string, unknown> | null; errors?: readonly unknown[] };

const fields = 'id title description notes status priority version dueAt createdAt updatedAt';
const owner = 'owner { id username displayName }';
const publicFields = fields.replace(' notes', '');

function post(path: string, { token }: Subject, { query, variables }: Operation): BenchRequest {
  return {
    method: 'POST',
    path,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(token !== null && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, ...(variables && { variables }) }),
  };
}

/** Gatewright's own schema: connections, and ids that are TypeIDs. */
const ownOperations: Record<WorkloadName, (subject: Subject) => Operation> = {
  'my tasks': () => ({ query: `query MyTasks { tasks(first: 50) { nodes { ${fields} ${owner} } } }` }),
  'one task': ({ taskId }) => ({
    query: `query Task($id: ID!) { task(id: $id) { ${fields} ${owner} } }`,
    variables: { id: TypeID.fromUUID('task', taskId).toString() },
  }),
  me: () => ({ query: 'query Me { me { id username displayName role } }' }),
  'create a task': () => ({
    query: `mutation Create($input: CreateTaskInput!) {
      createTask(input: $input) { task { id title status createdAt ${owner} } errors { code message } }
    }`,
    variables: { input: newTask },
  }),
  "everyone's tasks": () => ({
    query: `query Everyones { tasks(first: 50, filter: { everyone: true }) { nodes { ${publicFields} ${owner} } } }`,
  }),
  'a denied field': () => ({
    query: 'query Denied { tasks(first: 20) { nodes { id title owner { id isActive } } } }',
  }),
  anonymous: () => ({ query: `query MyTasks { tasks(first: 50) { nodes { ${fields} ${owner} } } }` }),
};

/** The peers' schema: lists, and ids that are UUIDs. */
const peerOperations: typeof ownOperations = {
  'my tasks': () => ({ query: `query MyTasks { tasks(first: 50) { ${fields} ${owner} } }` }),
  'one task': ({ taskId }) => ({
    query: `query Task($id: ID!) { task(id: $id) { ${fields} ${owner} } }`,
    variables: { id: taskId },
  }),
  me: ownOperations.me,
  'create a task': () => ({
    query: `mutation Create($input: CreateTaskInput!) { createTask(input: $input) { id title status createdAt ${owner} } }`,
    variables: { input: newTask },
  }),
  "everyone's tasks": () => ({
    query: `query Everyones { tasks(first: 50, everyone: true) { ${publicFields} ${owner} } }`,
  }),
  'a denied field': () => ({ query: 'query Denied { tasks(first: 20) { id title owner { id isActive } } }' }),
  anonymous: () => ({ query: `query MyTasks { tasks(first: 50) { ${fields} ${owner} } }` }),
};

/** The schema that PostGraphile generates from the tables. */
const generatedOperations: typeof ownOperations = {
  'my tasks': () => ({ query: `query MyTasks { allTasks(${newest(50)}) { nodes { ${generated(fields)} } } }` }),
  'one task': ({ taskId }) => ({
    query: `query Task($id: UUID!) { taskByRowId(rowId: $id) { ${generated(fields)} } }`,
    variables: { id: taskId },
  }),
  me: () => ({ query: 'query Me { me { id: rowId username displayName role } }' }),
  'create a task': () => ({
    query: `mutation Create($task: TaskInput!) {
      createTask(input: { task: $task }) { task { ${generated('id title status createdAt')} } }
    }`,
    variables: { task: newTask },
  }),
  "everyone's tasks": () => ({
    query: `query Everyones { allTasks(${newest(50)}) { nodes { ${generated(publicFields)} } } }`,
  }),
  'a denied field': () => ({
    query: `query Denied { allTasks(${newest(20)}) { nodes { id: rowId title owner { id: rowId isActive } } } }`,
  }),
  anonymous: () => ({ query: `query MyTasks { allTasks(${newest(50)}) { nodes { ${generated(fields)} } } }` }),
};

function newest(first: number): string {
  return `first: ${first}, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]`;
}

function generated(selected: string): string {
  return `${selected} ${owner}`.replaceAll('id ', 'id: rowId ');
}

type Row = Record<string, unknown> & { id: string; owner: Record<string, unknown> & { id: string } };

function answerOf(workload: WorkloadName, reply: Reply, toUuid: (id: string) => string): Answer {
  const { data, errors } = reply;
  const found = data && Object.values(data)[0];
  if (workload === 'anonymous') {
    if (!errors?.length || found) throw new Error('It is not refused.');
    return { kind: 'refused' };
  }
  // Some servers refuse the whole operation because of one field.
  if (!found && workload === 'a denied field' && errors?.length) return { kind: 'refused' };
  if (!found) throw new Error('It has no data.');
  if (workload === 'me') {
    const { id, username, displayName, role } = found as Record<string, string>;
    return { kind: 'account', id: toUuid(String(id)), username, displayName, role } as Answer;
  }
  const list = (found as { nodes?: Row[]; task?: Row }).nodes ?? (found as { task?: Row }).task ?? found;
  const rows = [list].flat() as Row[];
  if (workload === 'a denied field') {
    return {
      kind: 'denied field',
      tasks: rows.map(({ id, title }) => ({ id: toUuid(id), title: String(title) })),
      withheld: errors?.length
        ? rows.filter(({ owner: { isActive } }) => isActive === null || isActive === undefined).length
        : 0,
    };
  }
  if (errors?.length) throw new Error('It has errors.');
  return { kind: 'tasks', tasks: rows.map((row) => taskOf(row, toUuid)) };
}

function taskOf(row: Row, toUuid: (id: string) => string): AnsweredTask {
  const { id, username, displayName } = row.owner;
  const task = { ...row, id: toUuid(row.id), owner: { id: toUuid(id), username, displayName } };
  return { notes: null, ...task } as unknown as AnsweredTask;
}

/** PostGraphile writes moments as PostgreSQL does: with microseconds, and an offset. */
function withMilliseconds(answer: Answer): Answer {
  if (answer.kind !== 'tasks') return answer;
  // A new task is asked for only some of its fields.
  const iso = <Moment extends string | null>(moment: Moment) => moment && (new Date(moment).toISOString() as Moment);
  const tasks = answer.tasks.map((task) => ({
    ...task,
    dueAt: iso(task.dueAt),
    createdAt: iso(task.createdAt),
    updatedAt: iso(task.updatedAt),
  }));
  return { kind: 'tasks', tasks };
}

function fromTypeId(id: string): string {
  return TypeID.fromString(id).toUUID();
}

function peer(
  facts: Pick<Contestant, 'name' | 'documentation' | 'packages'> & { file: string; path?: string },
): Contestant {
  const { file, path = '/graphql', ...rest } = facts;
  return {
    ...rest,
    module: new URL(file, import.meta.url),
    request: (workload, subject) => post(path, subject, peerOperations[workload](subject)),
    read: (workload, { body }) => answerOf(workload, JSON.parse(body), (id) => id),
  };
}

export const gatewright: Contestant = {
  name: 'Gatewright',
  documentation: 'README.md',
  module: new URL('../../../src/main.ts', import.meta.url),
  flags: ['--max-semi-space-size=16'],
  variables: { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '1048576' },
  packages: ['@apollo/server', 'fastify', 'graphql', 'graphql-jit', 'pg'],
  request: (workload, subject) => post('/graphql', subject, ownOperations[workload](subject)),
  read: (workload, { body }) => answerOf(workload, JSON.parse(body), fromTypeId),
};

export const contestants: readonly Contestant[] = [
  {
    name: 'bare node:http',
    documentation: 'https://node-postgres.com/features/queries#prepared-statements',
    module: new URL('bare/server.ts', import.meta.url),
    packages: ['pg', 'jsonwebtoken'],
    request: (workload, { token, taskId }) => ({
      method: 'POST',
      path: `/${workload.replaceAll(/[ ']/g, '-')}`,
      headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(workload === 'one task' ? { id: taskId } : workload === 'create a task' ? newTask : {}),
    }),
    read: (workload, { status, body }) => {
      if (workload === 'anonymous' && status === 401) return { kind: 'refused' };
      return answerOf(workload, JSON.parse(body), (id) => id);
    },
  },
  gatewright,
  peer({
    name: 'Mercurius, JIT, mercurius-auth',
    documentation: 'https://mercurius.dev/#/docs/loaders',
    file: 'peers/mercurius.ts',
    packages: ['mercurius', 'mercurius-auth', '@fastify/jwt'],
  }),
  peer({
    name: 'Apollo Server alone',
    documentation: 'https://www.apollographql.com/docs/apollo-server/security/authentication',
    file: 'peers/apollo.ts',
    path: '/',
    packages: ['@apollo/server'],
  }),
  peer({
    name: 'Yoga, @envelop/generic-auth',
    documentation: 'https://the-guild.dev/graphql/envelop/plugins/use-generic-auth',
    file: 'peers/yoga.ts',
    packages: ['graphql-yoga', '@envelop/generic-auth', '@graphql-yoga/plugin-jwt'],
  }),
  {
    name: 'PostGraphile, row-level security',
    documentation: 'https://postgraphile.org/postgraphile/5/security',
    module: new URL('peers/postgraphile.ts', import.meta.url),
    variables: { GRAPHILE_ENV: 'production' },
    packages: ['postgraphile'],
    prepare: secureRows,
    request: (workload, subject) => post('/graphql', subject, generatedOperations[workload](subject)),
    read: (workload, { body }) => withMilliseconds(answerOf(workload, JSON.parse(body), (id) => id)),
  },
  peer({
    name: 'Apollo Server, graphql-shield',
    documentation: 'https://the-guild.dev/graphql/shield/docs',
    file: 'peers/apollo-shield.ts',
    path: '/',
    packages: ['graphql-shield', 'graphql-middleware'],
  }),
];
