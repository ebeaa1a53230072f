/** Reads, lists, creates, changes and deletes tasks for a viewer. */
import { LockMode } from '@mikro-orm/core';
import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from '../database/database.ts';
import { fromGlobalId, newId } from '../database/ids.ts';
import { toTimestamp } from '../database/timestamps.ts';
import { inTransaction } from '../database/transaction.ts';
import { CodedError } from '../errors.ts';
import type {
  CreateTaskInput,
  DeleteTaskInput,
  InputError,
  QueryTasksArgs,
  TaskFilter,
  TaskOrderField,
  UpdateTaskInput,
} from '../graphql/schema-types.ts';
import { containsText, isOneOf, isWithin } from '../lists/conditions.ts';
import { type Order, readPage } from '../lists/page.ts';
import { type Selected, selectedOfNodes } from '../lists/selected.ts';
import type { Viewer } from '../users/viewer.ts';
import { Task, type TaskRow } from './task.entity.ts';
import { checkTaskFields, tidyTitle } from './task.input.ts';
import { isOwnedBy, mayChange, selectVisibleTasks } from './task.ownership.ts';
import { insertTask, type TaskPage, taskRows, withOwners } from './task.rows.ts';

/** `task` is null exactly when there are errors. */
export interface TaskChange {
  task: TaskRow | null;
  errors: InputError[];
}

/** `deletedTaskId`, a global id, is null exactly when there are errors. */
export interface TaskDeletion {
  deletedTaskId: string | null;
  errors: InputError[];
}

/** The task with this global id. Null if there is none, and also if the viewer may not see it. */
export async function findTask(
  em: EntityManager,
  viewer: Viewer | null,
  id: string,
  selected?: Selected,
): Promise<TaskRow | null> {
  const uuid = fromGlobalId('task', id);
  if (uuid === null) return null;
  const [task] = await selectVisibleTasks(em, viewer, selected).where(sql`id = ${uuid}`).read();
  return task ? taskRows(selected)(task) : null;
}

/** The tasks among these UUIDs that the viewer may see, in any order, with their owners. */
export async function findTasks(
  em: EntityManager,
  viewer: Viewer | null,
  uuids: readonly string[],
): Promise<TaskRow[]> {
  const read = await selectVisibleTasks(em, viewer, withOwners).where(isOneOf('id', uuids)).read();
  return read.map(taskRows(withOwners));
}

const priority = { name: 'task_priority', labels: ['LOW', 'NORMAL', 'HIGH', 'URGENT'] };
const orders: Record<TaskOrderField, Omit<Order, 'direction'>> = {
  CREATED_AT: { name: 'CREATED_AT', type: 'timestamptz', expression: 'created_at' },
  UPDATED_AT: { name: 'UPDATED_AT', type: 'timestamptz', expression: 'updated_at' },
  DUE_AT: { name: 'DUE_AT', type: 'timestamptz', expression: "coalesce(due_at, 'infinity')" },
  PRIORITY: { name: 'PRIORITY', type: priority, expression: 'priority' },
  TITLE: { name: 'TITLE', type: 'text', expression: 'lower(title)' },
};

export interface TaskList {
  /** Lists only tasks of this account (a UUID) that the viewer may see. */
  readonly ownerId?: string;
  /** What the operation selects of the page. Default: everything. */
  readonly selected?: Selected;
}

/**
 * The viewer's tasks. With scope `task:read:any`, the tasks that `filter.ownerId` or `filter.everyone` ask for. One
 * statement reads the tasks and their owners.
 *
 * @throws BadUserInputError for a text, a page size or a cursor that cannot be served.
 */
export async function listTasks(
  em: EntityManager,
  viewer: Viewer | null,
  args: QueryTasksArgs,
  { ownerId, selected }: TaskList = {},
): Promise<TaskPage> {
  const filter = args.filter ?? {};
  const { field, direction = 'DESC' } = args.orderBy ?? { field: 'CREATED_AT' };
  const ofTask = selected && selectedOfNodes(selected);
  let rows = selectVisibleTasks(em, viewer, ofTask);
  if (ownerId !== undefined) rows = rows.where(isOwnedBy(ownerId));
  else if (filter.ownerId == null && filter.everyone !== true && viewer) rows = rows.where(isOwnedBy(viewer.id));
  else if (filter.ownerId == null) rows = rows.where(isAnyones);
  rows = rows.filter(...conditionsOf(filter, field));
  const order = { ...orders[field], direction };
  return await readPage(rows, { order, page: args, selected, toRow: taskRows(ofTask) });
}

/** True for every task. It selects the indexes of everyone's lists: see task.entity.ts. */
const isAnyones = sql`version > 0`;

function conditionsOf(filter: TaskFilter, orderField: TaskOrderField): Sql[] {
  const { status, priority: priorities, dueAfter, dueBefore, text, ownerId } = filter;
  const conditions: Sql[] = [];
  if (status) conditions.push(isOneOf('status', status));
  if (priorities) {
    const isSorted = orderField === 'PRIORITY';
    conditions.push(isSorted ? isWithin('priority', priorities, priority.labels) : isOneOf('priority', priorities));
  }
  // Spelt as in the index. A task without a date is never due before or after a date.
  const due = sql`coalesce(due_at, 'infinity')`;
  if (dueAfter) conditions.push(sql`(${due} < 'infinity' and ${due} >= ${toTimestamp(dueAfter)}::timestamptz)`);
  if (dueBefore) conditions.push(sql`${due} < ${toTimestamp(dueBefore)}::timestamptz`);
  // Never searches notes, because a match would reveal their text.
  if (text != null) conditions.push(containsText(['title', 'description'], text));
  if (ownerId != null) conditions.push(sql`owner_id = ${fromGlobalId('user', ownerId)}::uuid`);
  return conditions;
}

/** Source: PostgreSQL, appendix A. */
const foreignKeyViolation = '23503';
const foreignKeyOfOwner = 'tasks_owner_id_foreign';

/**
 * @param selected what to read of the task. Default: everything.
 * @throws CodedError UNAUTHENTICATED if the viewer's account is gone.
 */
export async function createTask(
  em: EntityManager,
  viewer: Viewer | null,
  input: CreateTaskInput,
  now: Date,
  selected?: Selected,
): Promise<TaskChange> {
  if (!viewer) throw signInFirst();
  const errors = checkTaskFields(input);
  if (errors.length > 0) return { task: null, errors };
  const task = {
    id: newId(),
    ownerId: viewer.id,
    title: tidyTitle(input.title),
    description: input.description ?? null,
    notes: input.notes ?? null,
    status: input.status ?? 'TODO',
    priority: input.priority ?? 'NORMAL',
    dueAt: input.dueAt ?? null,
    completedAt: input.status === 'DONE' ? now : null,
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
  try {
    return { task: await insertTask(em, task, selected), errors: [] };
  } catch (error) {
    const { code, constraint } = error as { code?: unknown; constraint?: unknown };
    // The account was deleted after the request began.
    throw code === foreignKeyViolation && constraint === foreignKeyOfOwner ? signInFirst() : error;
  }
}

/**
 * Decides and changes on the locked row, in one transaction.
 *
 * @throws CodedError FORBIDDEN if the viewer may not change the task; also if it is missing.
 */
export async function updateTask(
  em: EntityManager,
  viewer: Viewer | null,
  input: UpdateTaskInput,
  now: Date,
): Promise<TaskChange> {
  const refused = (...errors: InputError[]): TaskChange => ({ task: null, errors });
  return await inTransaction(
    em,
    async (tx) => {
      const task = await lockTask(tx, viewer, input.id);
      // Only the owner sets private notes, whatever the scopes of others.
      if (input.notes !== undefined && task?.ownerId !== viewer?.id) throw forbidden();
      if (!task) return refused(notFound);
      const errors = checkTaskFields(input);
      if (errors.length > 0) return refused(...errors);
      if (input.expectedVersion != null && input.expectedVersion !== task.version) {
        return refused({
          path: ['input', 'expectedVersion'],
          code: 'CONFLICT',
          message: `The task is at version ${task.version} by now. Read it again, and change what you find.`,
        });
      }
      applyChange(task, input, now);
      await tx.flush();
      return { task, errors: [] };
    },
    { clear: true },
  );
}

/**
 * Decides and deletes on the locked row, in one transaction.
 *
 * @throws CodedError FORBIDDEN if the viewer may not change the task; also if it is missing.
 */
export async function deleteTask(
  em: EntityManager,
  viewer: Viewer | null,
  input: DeleteTaskInput,
): Promise<TaskDeletion> {
  return await inTransaction(
    em,
    async (tx) => {
      const task = await lockTask(tx, viewer, input.id);
      if (!task) return { deletedTaskId: null, errors: [notFound] };
      tx.remove(task);
      await tx.flush();
      return { deletedTaskId: input.id, errors: [] };
    },
    { clear: true },
  );
}

const notFound: InputError = { path: ['input', 'id'], code: 'NOT_FOUND', message: 'There is no such task.' };

/** The task, if the viewer may change it. Null if it is missing and the viewer may know that. */
async function lockTask(tx: EntityManager, viewer: Viewer | null, id: string): Promise<Task | null> {
  const uuid = fromGlobalId('task', id);
  const task = uuid === null ? null : await tx.findOne(Task, { id: uuid }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!mayChange(viewer, task)) throw forbidden();
  return task;
}

function signInFirst(): CodedError {
  return new CodedError('UNAUTHENTICATED', 'Sign in to make a task of your own.', {
    requires: { scopes: [['task:write']], roles: [], policies: [] },
  });
}

function forbidden(): CodedError {
  return new CodedError('FORBIDDEN', 'This requires a task of your own.', {
    requires: { scopes: [['task:write', 'task:write:any']], roles: [], policies: [] },
  });
}

/** Names each field that a client can change. Setting a field to its present value changes nothing. */
function applyChange(task: Task, input: UpdateTaskInput, now: Date): void {
  const { title, description, notes, status, priority, dueAt } = input;
  const before = { ...task };
  if (title != null) task.title = tidyTitle(title);
  if (description !== undefined) task.description = description;
  if (notes !== undefined) task.notes = notes;
  if (status != null) task.status = status;
  if (priority != null) task.priority = priority;
  if (dueAt !== undefined && dueAt?.getTime() !== task.dueAt?.getTime()) task.dueAt = dueAt;
  const isChanged = changeable.some((field) => task[field] !== before[field]);
  if (!isChanged) return;
  if (task.status !== before.status) task.completedAt = task.status === 'DONE' ? now : null;
  task.updatedAt = now;
}

const changeable = ['title', 'description', 'notes', 'status', 'priority', 'dueAt'] as const;
