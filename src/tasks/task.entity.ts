import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import type { Moment } from '../database/timestamps.ts';
import { User, type UserRow } from '../users/user.entity.ts';

const open = "status <> 'DONE'";

const TaskSchema = defineEntity({
  name: 'Task',
  tableName: 'tasks',
  properties: {
    id: p.uuid().primary(),
    ownerId: () => p.manyToOne(User).mapToPk().name('owner_id').deleteRule('cascade'),
    title: p.text(),
    description: p.text().nullable(),
    notes: p.text().nullable(),
    // Native enums sort by the order of their declaration.
    status: p.enum(['TODO', 'IN_PROGRESS', 'DONE'] as const).nativeEnumName('task_status'),
    priority: p.enum(['LOW', 'NORMAL', 'HIGH', 'URGENT'] as const).nativeEnumName('task_priority'),
    dueAt: p.datetime(3).nullable(),
    completedAt: p.datetime(3).nullable(),
    version: p.integer().version(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  checks: [{ name: 'tasks_version_check', expression: 'version > 0' }],
  // Indexes for one owner's tasks: each order; a status or a priority, newest first; open tasks, newest or due first.
  // Most tasks are done in the end, so indexes of open tasks stay small. The same indexes serve everyone's tasks, with
  // `version > 0`. Every task meets that condition, but only everyone's lists state it. Without it the planner would
  // use them for an owner of many tasks, and read all other tasks too.
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
    { properties: ['ownerId', 'status', 'createdAt', 'id'] },
    { properties: ['ownerId', 'priority', 'createdAt', 'id'] },
    {
      name: 'tasks_owner_id_open_created_at_index',
      expression: `create index tasks_owner_id_open_created_at_index on tasks (owner_id, created_at, id) where ${open}`,
    },
    {
      name: 'tasks_owner_id_open_due_index',
      expression: `create index tasks_owner_id_open_due_index on tasks (owner_id, coalesce(due_at, 'infinity'), id) where ${open}`,
    },
    { properties: ['createdAt', 'id'], where: 'version > 0' },
    { properties: ['updatedAt', 'id'], where: 'version > 0' },
    { properties: ['priority', 'id'], where: 'version > 0' },
    {
      name: 'tasks_due_index',
      expression: "create index tasks_due_index on tasks (coalesce(due_at, 'infinity'), id) where version > 0",
    },
    {
      name: 'tasks_title_index',
      expression: 'create index tasks_title_index on tasks (lower(title), id) where version > 0',
    },
    { properties: ['status', 'createdAt', 'id'], where: 'version > 0' },
    { properties: ['priority', 'createdAt', 'id'], where: 'version > 0' },
    {
      name: 'tasks_open_created_at_index',
      expression: `create index tasks_open_created_at_index on tasks (created_at, id) where version > 0 and ${open}`,
    },
    {
      name: 'tasks_open_due_index',
      expression: `create index tasks_open_due_index on tasks (coalesce(due_at, 'infinity'), id) where version > 0 and ${open}`,
    },
    {
      name: 'tasks_text_index',
      expression: 'create index tasks_text_index on tasks using gin (title gin_trgm_ops, description gin_trgm_ops)',
    },
  ],
});

/** A task. `ownerId` is the UUID of its owner's account. */
export class Task extends TaskSchema.class {}
TaskSchema.setClass(Task);

/** A task's columns, whether it was read as an entity or as a plain row. */
export type TaskRow = Pick<
  InferEntity<typeof TaskSchema>,
  'id' | 'ownerId' | 'title' | 'description' | 'notes' | 'status' | 'priority' | 'version'
> & {
  dueAt?: Moment | null | undefined;
  completedAt?: Moment | null | undefined;
  createdAt: Moment;
  updatedAt: Moment;
  /** Set if it was read together with the task. */
  owner?: UserRow;
};
