/** Who owns a task, who may see it, and who may change it. */
import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from '../database/database.ts';
import type { GraphQLContext } from '../graphql/context.ts';
import type {
  MutationUpdateTaskArgs,
  Task as TaskFields,
  TaskFilter,
  TaskOrderField,
} from '../graphql/schema-types.ts';
import { ownersOf } from '../lists/owners.ts';
import { Unseen } from '../lists/rows.ts';
import type { Selected } from '../lists/selected.ts';
import type { Viewer } from '../users/viewer.ts';
import type { TaskRow } from './task.entity.ts';
import { selectTasks } from './task.rows.ts';

/** The tasks that the viewer may see. Every read of tasks for a viewer begins here. */
export function selectVisibleTasks(em: EntityManager, viewer: Viewer | null, selected?: Selected) {
  return selectTasks(em, selected).where(visibleTo(viewer));
}

/**
 * A condition on a row of `tasks`: the viewer owns it, or has scope `task:read:any`. Also for rows that belong to a
 * task, and share its visibility.
 */
export function visibleTo(viewer: Viewer | null): Sql {
  if (!viewer) return sql`false`;
  return viewer.scopes.includes('task:read:any') ? sql`true` : isOwnedBy(viewer.id);
}

export function isOwnedBy(uuid: string): Sql {
  return sql`owner_id = ${new Unseen('uuid', uuid)}`;
}

/**
 * What filters and orders reveal of a task. Using one needs the guards of the fields that it reads. `everyone` reads
 * none.
 */
export const readsOfTasks = {
  'TaskFilter.status': ['Task.status'],
  'TaskFilter.priority': ['Task.priority'],
  'TaskFilter.dueAfter': ['Task.dueAt'],
  'TaskFilter.dueBefore': ['Task.dueAt'],
  'TaskFilter.text': ['Task.title', 'Task.description'],
  'TaskFilter.ownerId': ['Task.owner'],
  'TaskOrderField.CREATED_AT': ['Task.createdAt'],
  'TaskOrderField.UPDATED_AT': ['Task.updatedAt'],
  'TaskOrderField.DUE_AT': ['Task.dueAt'],
  'TaskOrderField.PRIORITY': ['Task.priority'],
  'TaskOrderField.TITLE': ['Task.title'],
} as const satisfies Record<
  `TaskFilter.${Exclude<keyof TaskFilter, 'everyone'>}` | `TaskOrderField.${TaskOrderField}`,
  readonly `Task.${keyof TaskFields}`[]
>;

/** The viewer's own task; any task with scope `task:write:any`. */
export function mayChange(viewer: Viewer | null, task: Pick<TaskRow, 'ownerId'> | null): boolean {
  if (!viewer) return false;
  return task?.ownerId === viewer.id || viewer.scopes.includes('task:write:any');
}

/** The owners' UUIDs of the tasks with these global ids, in the same order. Null for an id without a task. */
export async function ownersOfTasks(
  ids: readonly string[],
  { em }: Pick<GraphQLContext, 'em'>,
): Promise<(string | null)[]> {
  return await ownersOf(selectTasks(em, { fields: new Map() }), 'task', ids);
}

/** The policy `ownsTask`: the viewer owns the task that `input.id` names. */
export async function ownsTask(
  _parent: unknown,
  { input }: Partial<MutationUpdateTaskArgs>,
  context: Pick<GraphQLContext, 'em' | 'viewer'>,
): Promise<boolean> {
  if (!context.viewer || !input) return false;
  const [owner] = await ownersOfTasks([input.id], context);
  return owner === context.viewer.id;
}
