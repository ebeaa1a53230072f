/** Tasks as plain rows: read without hydrating entities, which costs ten times the query on a list. */
import type { EntityManager } from '../database/connection.ts';
import { fromTimestamp } from '../database/timestamps.ts';
import type { TaskRow } from './task.entity.ts';

export interface TasksTable {
  id: string;
  owner_id: string;
  title: string;
  description: string | null;
  notes: string | null;
  status: TaskRow['status'];
  priority: TaskRow['priority'];
  due_at: string | null;
  completed_at: string | null;
  version: number;
  created_at: string;
  updated_at: string;
}

/** Every task. What a viewer reads goes through `selectVisibleTasks` of task.ownership.ts. */
export function selectTasks(em: EntityManager) {
  return em
    .getKysely<{ tasks: TasksTable }>()
    .selectFrom('tasks')
    .select([
      'id',
      'owner_id as ownerId',
      'title',
      'description',
      'notes',
      'status',
      'priority',
      'due_at as dueAt',
      'completed_at as completedAt',
      'version',
      'created_at as createdAt',
      'updated_at as updatedAt',
    ]);
}

type ReadTask = Awaited<ReturnType<ReturnType<typeof selectTasks>['executeTakeFirstOrThrow']>>;

export function toTaskRow(read: ReadTask): TaskRow {
  return {
    id: read.id,
    ownerId: read.ownerId,
    title: read.title,
    description: read.description,
    notes: read.notes,
    status: read.status,
    priority: read.priority,
    dueAt: read.dueAt === null ? null : fromTimestamp(read.dueAt),
    completedAt: read.completedAt === null ? null : fromTimestamp(read.completedAt),
    version: read.version,
    createdAt: fromTimestamp(read.createdAt),
    updatedAt: fromTimestamp(read.updatedAt),
  };
}
