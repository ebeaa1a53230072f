/** Tasks as plain rows. Hydrating entities costs ten times as much as the query of a list. */

import sql, { join, raw } from 'sql-template-tag';
import type { EntityManager } from '../database/database.ts';
import type { Connection } from '../lists/connection.ts';
import { partialRows } from '../lists/row-classes.ts';
import { ask, columnAs, Rows, type Source } from '../lists/rows.ts';
import type { Selected } from '../lists/selected.ts';
import type { UserRow } from '../users/user.entity.ts';
import { ownerColumn, ownerRows, ownersOf, type ReadUser, type UserField, userFields } from '../users/user.rows.ts';
import type { TaskRow } from './task.entity.ts';

export type TaskPage = Connection<TaskRow>;

/** Read when they are selected. `id` and `owner_id` are always read, because rules ask who owns a task. */
const columns = {
  title: 'title',
  description: 'description',
  notes: 'notes',
  status: 'status',
  priority: 'priority',
  version: 'version',
  dueAt: 'due_at',
  completedAt: 'completed_at',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
} as const;

type TaskField = keyof typeof columns;
type MomentField = 'dueAt' | 'completedAt' | 'createdAt' | 'updatedAt';

const allFields = Object.keys(columns) as TaskField[];

const inserted = ['id', 'ownerId', ...allFields] as const;
const insertedColumns = ['id', 'owner_id', ...allFields.map((field) => columns[field])].join(', ');

/** A task as it was read, with its owner's columns if those are selected. */
export type ReadTask = Pick<TaskRow, 'id' | 'ownerId'> & {
  [Field in TaskField]: Field extends MomentField ? string | Extract<TaskRow[Field], null> : TaskRow[Field];
} & { [Field in UserField as ReturnType<typeof ownerColumn<Field>>]?: ReadUser[Field] };

/**
 * Every task. Reads for a viewer go through `selectVisibleTasks` of task.ownership.ts.
 *
 * @param selected what to read of the tasks and their owners. Default: all columns of the tasks, without owners.
 */
export function selectTasks(em: EntityManager, selected?: Selected): Rows<ReadTask> {
  return new Rows(em, sourceOf('tasks', selected));
}

/**
 * Inserts a task, and reads it as `selectTasks` would, in the same statement.
 *
 * @throws the driver's own error if the owner's account is gone: `23503`, foreign_key_violation.
 */
export async function insertTask(
  em: EntityManager,
  task: Omit<TaskRow, 'owner'>,
  selected?: Selected,
): Promise<TaskRow> {
  const { columns: wanted, from, joined = '' } = sourceOf('inserted', selected);
  const made = sql`insert into tasks (${raw(insertedColumns)}) values (${join(inserted.map((field) => task[field]))})`;
  const read = sql`select ${raw(wanted.join(', '))} from ${raw(`${from}${joined}`)}`;
  const [row] = await ask<ReadTask>(em, sql`with inserted as (${made} returning *) ${read}`);
  return taskRows(selected)(row as ReadTask);
}

/** @param table `tasks`, or an expression with the same columns. */
function sourceOf(table: string, selected: Selected | undefined): Source {
  const ofTask = taskFields(selected).map((field) => columnAs(columns[field], field));
  const ofOwner = ownerFields(selected);
  const own = ['id', columnAs('owner_id', 'ownerId'), ...ofTask];
  if (ofOwner.length === 0) return { columns: own, from: table };
  return {
    columns: [...own, ...ofOwner.map((field) => `"${ownerColumn(field)}"`)],
    from: table,
    joined: ` left join ${ownersOf(ofOwner)} owners on "ownerKey" = owner_id`,
  };
}

function taskFields(selected: Selected | undefined): readonly TaskField[] {
  return selected ? allFields.filter((field) => selected.fields.has(field)) : allFields;
}

/** The owner's columns to read beyond the id, which the task itself holds. */
function ownerFields(selected: Selected | undefined): readonly UserField[] {
  const owner = selected?.fields.get('owner');
  return owner ? userFields(owner) : [];
}

/** Selects all columns of tasks and of their owners. */
export const withOwners: Selected = {
  fields: new Map([...allFields.map(named), ['owner', { fields: new Map(userFields().map(named)) }]]),
};

function named(field: string): [string, Selected] {
  return [field, { fields: new Map() }];
}

const rowOf = partialRows<TaskRow>({
  optional: allFields,
  moments: ['dueAt', 'completedAt', 'createdAt', 'updatedAt'] satisfies MomentField[],
});

/**
 * Makes the rows to return from tasks that were read, one after the other. Tasks of one owner share its row.
 *
 * @param selected the same as for `selectTasks`.
 */
export function taskRows(selected?: Selected): (read: ReadTask) => TaskRow {
  const ids = ['id', 'ownerId'] as const;
  const Row = rowOf([...ids, ...taskFields(selected)].map((field) => [field, field]));
  if (!selected?.fields.has('owner')) return (read) => new Row(read);
  const ownerOf = ownerRows('ownerId', ownerFields(selected));
  const owners = new Map<string, UserRow>();
  let last: UserRow | undefined;
  return (read) => {
    const row = new Row(read);
    // Most tasks have the same owner as the row before, and comparing is faster than the lookup.
    if (last?.id !== read.ownerId) last = owners.get(read.ownerId);
    if (!last) {
      last = ownerOf(read);
      owners.set(last.id, last);
    }
    row.owner = last;
    return row;
  };
}
