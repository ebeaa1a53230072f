import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import {
  createGuard,
  directiveTypeDefs,
  GuardError,
  has,
  listedIn,
  parent,
  type RowsOf,
  viewerIs,
} from '../../../../src/authorization/guard.ts';

const task: RowsOf = {
  table: 'tasks',
  columns: { ownerId: 'owner_id', projectId: 'project_id', organizationId: 'organization_id', status: 'status' },
  parents: { project: parent('Project', 'projectId') },
  relations: { owner: viewerIs('ownerId'), open: has('status', ['OPEN']) },
};
const project: RowsOf = {
  table: 'projects',
  columns: { taskId: 'task_id' },
  parents: { task: parent('Task', 'taskId') },
  relations: { member: listedIn({ table: 'members', row: 'project_id', viewer: 'user_id' }) },
};

interface World {
  task?: string;
  project?: string;
  fields?: string;
  /** How a task returns its project. */
  projectOfTask?: string;
  rows?: Record<string, RowsOf>;
  more?: string;
  foreignRows?: string[];
}

function guarding(world: World) {
  const {
    task: onTask = '@visibleTo(relations: [["owner"]])',
    project: onProject = '@visibleTo(relations: [["member"]])',
  } = world;
  const sdl = `${directiveTypeDefs({ roles: ['USER'] })}
    type Query @public { task: Task project: Project ${world.fields ?? ''} }
    type Task @public ${onTask} { id: ID project: ${world.projectOfTask ?? 'Project'} }
    type Project @public ${onProject} { id: ID task: Task }
    ${world.more ?? ''}`;
  const { rows = { Task: task, Project: project }, foreignRows } = world;
  return createGuard(buildSchema(sdl, { assumeValidSDL: true }), {
    viewer: () => null,
    scopes: ['any'],
    rows: { of: rows, ask: async () => [] },
    ...(foreignRows && { foreignRows }),
  });
}

function problemsOf(world: World): string[] {
  try {
    guarding(world);
    return [];
  } catch (error) {
    if (!(error instanceof GuardError)) throw error;
    return error.problems.map(({ coordinate, reason }) => `${coordinate}: ${reason}`);
  }
}

const visible = (relations: string, rest = '') => `@visibleTo(relations: ${relations}${rest})`;

describe('the guard takes', () => {
  it.each<[string, World]>([
    ['relations of the type', { task: visible('[["owner"], ["open"]]') }],
    ['relations of a parent', { task: visible('[["owner"], ["project.member"]]') }],
    ['what is visible with its parent', { task: visible('[["project.visible"]]') }],
    ['anyone', { task: visible('[["anyone"]]') }],
    ['rights beside relations', { task: visible('[["owner"]]', ', orScopes: [["any"]], orRoles: [USER]') }],
    [
      'a tenant, and relations that reach beyond it',
      { task: `${visible('[["owner"], ["open"]]')} @tenant(beyond: ["open"], acrossScopes: [["any"]])` },
    ],
    ['a nullable field that returns a row', { fields: 'other: Task' }],
    ['a list of rows', { fields: 'all: [Task!]!' }],
    [
      'a connection and its edges',
      {
        fields: 'page: TaskConnection!',
        more: `type TaskConnection @public { edges: [TaskEdge!]! pageInfo: PageInfo! }
        type TaskEdge @public { node: Task! cursor: String! } type PageInfo @public { hasNextPage: Boolean }`,
      },
    ],
    [
      'a non-null parent of what is visible with it alone',
      { task: visible('[["project.visible"]]'), projectOfTask: 'Project!' },
    ],
  ])('%s', (_what, world) => {
    expect(problemsOf(world)).toEqual([]);
  });
});

describe('the guard refuses', () => {
  it.each<[string, World, string]>([
    [
      'an unknown relation',
      { task: visible('[["assignee"]]') },
      'Task: there is no relation `assignee` of Task; there are `owner`, `open`, `anyone`',
    ],
    [
      'an unknown relation of a parent',
      { task: visible('[["project.owner"]]') },
      'Task: there is no relation `owner` of Project; there are `member`, `visible`, `anyone`',
    ],
    [
      'an unknown parent',
      { task: visible('[["folder.member"]]') },
      'Task: there is no parent `folder` of Task; there are `project`',
    ],
    [
      'a relation that everything has by its class',
      { task: visible('[["constructor"]]') },
      'Task: there is no relation `constructor` of Task',
    ],
    [
      'what is visible to who sees it',
      { task: visible('[["visible"]]') },
      'Task: there is no relation `visible` of Task',
    ],
    [
      'an empty list',
      { task: visible('[]') },
      'Task: `relations` must be a list of lists of relations, none of them empty',
    ],
    [
      'an empty inner list',
      { task: visible('[["owner"], []]') },
      'Task: `relations` must be a list of lists of relations',
    ],
    [
      'a role that is not there',
      { task: visible('[["owner"]]', ', orRoles: [BOSS]') },
      'Task: there is no role `BOSS`',
    ],
    [
      'a scope that is not there',
      { task: visible('[["owner"]]', ', orScopes: [["most"]]') },
      'Task: there is no scope `most`',
    ],
    [
      'no @visibleTo on registered rows',
      { task: '' },
      'Task: nothing says whose rows it shows: write `@visibleTo`, with `[["anyone"]]` if all',
    ],
    [
      '@visibleTo without registered rows',
      { rows: { Project: { ...project, parents: {} } } },
      'Task: @visibleTo cannot take effect: its rows are not registered',
    ],
    [
      '@tenant without registered rows',
      { task: '@tenant', rows: { Project: { ...project, parents: {} } } },
      'Task: @tenant cannot take effect: its rows are not registered',
    ],
    [
      '@visibleTo twice',
      { task: `${visible('[["owner"]]')} ${visible('[["open"]]')}` },
      'Task: @visibleTo stands here twice',
    ],
    [
      '@visibleTo on a field',
      { fields: `other: Task ${visible('[["owner"]]')}` },
      'Query.other: @visibleTo cannot take effect here; it can stand on OBJECT',
    ],
    [
      '@visibleTo on an interface',
      { more: `interface Thing ${visible('[["owner"]]')} { id: ID }` },
      'Thing: @visibleTo cannot take effect here',
    ],
    [
      'rows of what is no object type',
      { rows: { Task: task, Project: project, Tusk: task } },
      'Tusk: `rows.of` names it, and it is no object type of rows',
    ],
    [
      'rows of a root type',
      { rows: { Task: task, Project: project, Query: task } },
      'Query: `rows.of` names it, and it is no object type of rows',
    ],
    ['rows that clients key', { foreignRows: ['Task'] }, 'Task: `foreignRows` names it'],
    [
      'a circle of visible parents',
      { task: visible('[["project.visible"]]'), project: visible('[["task.visible"]]') },
      'Task: what makes it visible leads back to it (Task, Project, Task)',
    ],
    [
      'a path that is too long',
      { task: visible('[["project.task.project.task.owner"]]') },
      'Task: the relation `project.task.project.task.owner` is longer than 4 names',
    ],
    [
      'a property without a column',
      { rows: { Task: { ...task, relations: { owner: viewerIs('holder') } }, Project: project } },
      'Task: the relation `owner` reads `holder`, which `columns` does not name',
    ],
    [
      'a parent without a column',
      { rows: { Task: { ...task, parents: { project: parent('Project', 'of') } }, Project: project } },
      'Task: the parent `project` reads `of`',
    ],
    [
      'a parent without rows',
      { rows: { Task: { ...task, parents: { project: parent('Folder', 'projectId') } }, Project: project } },
      'Task: the parent `project` is of Folder, which `rows.of` does not name',
    ],
    [
      'a relation that is called anyone',
      { rows: { Task: { ...task, relations: { ...task.relations, anyone: viewerIs('ownerId') } }, Project: project } },
      'Task: no relation can be called `anyone`',
    ],
    [
      'a tenant without a column',
      { task: `${visible('[["owner"]]')} @tenant(field: "tenantId")` },
      'Task: @tenant reads `tenantId`, which `rows.of` gives no column',
    ],
    [
      '`beyond` of no alternative',
      { task: `${visible('[["owner"]]')} @tenant(beyond: ["open"])` },
      'Task: `beyond` names `open`, which no alternative of @visibleTo asks for',
    ],
    [
      'a non-null parent of what others see too',
      { task: visible('[["project.visible"], ["owner"]]'), projectOfTask: 'Project!' },
      'Task.project: it is non-null',
    ],
    [
      'a non-null field that may be withheld',
      { fields: 'other: Task!' },
      'Query.other: it is non-null, and a viewer may not see the Task that it returns: make it nullable',
    ],
    [
      'a non-null field of a union that may be withheld',
      { fields: 'any: Any!', more: 'union Any = Task | Other type Other @public { id: ID }' },
      'Query.any: it is non-null',
    ],
  ])('%s', (_what, world, problem) => {
    expect(problemsOf(world).join('\n')).toContain(problem);
  });

  it('all at once, with file and line', () => {
    expect(() => guarding({ task: visible('[["a"], ["b"]]'), fields: 'other: Project!' })).toThrow(
      /Task: .*`a`.*\(GraphQL request:\d+\)\n.*Task: .*`b`.*\n.*Query.other: .*\(GraphQL request:\d+\)/,
    );
  });
});
