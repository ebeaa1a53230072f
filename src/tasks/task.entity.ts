import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import type { Moment } from '../database/timestamps.ts';
import { User, type UserRow } from '../users/user.entity.ts';

const TaskSchema = defineEntity({
  name: 'Task',
  tableName: 'tasks',
  properties: {
    id: p.uuid().primary(),
    ownerId: () => p.manyToOne(User).mapToPk().name('owner_id').deleteRule('cascade'),
    title: p.text(),
    description: p.text().nullable(),
    notes: p.text().nullable(),
    // Native enums sort in the order of their declaration.
    status: p.enum(['TODO', 'IN_PROGRESS', 'DONE'] as const).nativeEnumName('task_status'),
    priority: p.enum(['LOW', 'NORMAL', 'HIGH', 'URGENT'] as const).nativeEnumName('task_priority'),
    dueAt: p.datetime(3).nullable(),
    completedAt: p.datetime(3).nullable(),
    version: p.integer().version(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  // One index for each order, for one's own tasks and for everyone's.
  indexes: [
    { properties: ['ownerId', 'createdAt', 'id'] },
    { properties: ['ownerId', 'updatedAt', 'id'] },
    { properties: ['ownerId', 'priority', 'id'] },
    {
      name: 'tasks_owner_id_due_index',
      expression: "create index tasks_owner_id_due_index on tasks (owner_id, coalesce(due_at, 'infinity'), id)",
    },
    {
      name: 'tasks_owner_id_title_index',
      expression: 'create index tasks_owner_id_title_index on tasks (owner_id, lower(title), id)',
    },
    { properties: ['createdAt', 'id'] },
    { properties: ['updatedAt', 'id'] },
    { properties: ['priority', 'id'] },
    { name: 'tasks_due_index', expression: "create index tasks_due_index on tasks (coalesce(due_at, 'infinity'), id)" },
    { name: 'tasks_title_index', expression: 'create index tasks_title_index on tasks (lower(title), id)' },
  ],
});

/** A task. `ownerId` is the UUID of its owner's account. */
export class Task extends TaskSchema.class {}
TaskSchema.setClass(Task);

/** A task's columns, whether read as an entity or as a plain row. */
export type TaskRow = Pick<
  InferEntity<typeof TaskSchema>,
  'id' | 'ownerId' | 'title' | 'description' | 'notes' | 'status' | 'priority' | 'version'
> & {
  dueAt?: Moment | null | undefined;
  completedAt?: Moment | null | undefined;
  createdAt: Moment;
  updatedAt: Moment;
  /** Where it was read along with the task. */
  owner?: UserRow;
};
