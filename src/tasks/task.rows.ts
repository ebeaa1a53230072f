/** Tasks as plain rows: read without hydrating entities, which costs ten times the query on a list. */
import type { SelectQueryBuilder } from 'kysely';
import type { EntityManager } from '../database/connection.ts';
import { partialRows } from '../database/partial-rows.ts';
import type { Selected } from '../graphql/selected.ts';
import type { UserRow } from '../users/user.entity.ts';
import { ownerColumn, ownerRows, type ReadUser, selectOwners, type UserField, userFields } from '../users/user.rows.ts';
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

/** Read whenever they are selected. `id` and `owner_id` always are: rules ask whose a task is. */
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

/** A task as it was read, with its owner's columns if those are selected. */
export type ReadTask = Pick<TaskRow, 'id' | 'ownerId'> & {
  [Field in TaskField]: Field extends MomentField ? string | Extract<TaskRow[Field], null> : TaskRow[Field];
} & { [Field in UserField as ReturnType<typeof ownerColumn<Field>>]?: ReadUser[Field] };

/**
 * Every task. What a viewer reads goes through `selectVisibleTasks` of task.ownership.ts.
 *
 * @param selected what of the tasks, and of their owners, is to be read; all columns of the tasks alone, if left out.
 */
export function selectTasks(
  em: EntityManager,
  selected?: Selected,
): SelectQueryBuilder<{ tasks: TasksTable }, 'tasks', ReadTask> {
  const fields = taskFields(selected);
  const ofOwner = ownerFields(selected);
  const tasks = em
    .getKysely<{ tasks: TasksTable }>()
    .selectFrom('tasks')
    .select(['id', 'owner_id as ownerId', ...fields.map((field) => `${columns[field]} as ${field}` as const)]);
  if (ofOwner.length === 0) return tasks.$castTo<ReadTask>();
  return tasks
    .leftJoin(selectOwners(em, ofOwner).as('owners'), 'owners.ownerKey', 'tasks.owner_id')
    .select(ofOwner.map((field) => ownerColumn(field)))
    .$castTo<ReadTask>() as never;
}

function taskFields(selected: Selected | undefined): readonly TaskField[] {
  return selected ? allFields.filter((field) => selected.fields.has(field)) : allFields;
}

/** What of the owner is to be read beyond the id, which the task itself holds. */
function ownerFields(selected: Selected | undefined): readonly UserField[] {
  const owner = selected?.fields.get('owner');
  return owner ? userFields(owner) : [];
}

/** Tasks with all their columns, and their owners with all of theirs. */
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
 * Makes rows to hand over of tasks that were read, one after the other. Tasks of one owner share its row.
 *
 * @param selected as `selectTasks` was given it.
 */
export function taskRows(selected?: Selected): (read: ReadTask) => TaskRow {
  const ids = ['id', 'ownerId'] as const;
  const Row = rowOf([...ids, ...taskFields(selected)].map((field) => [field, field]));
  if (!selected?.fields.has('owner')) return (read) => new Row(read);
  const ownerOf = ownerRows('ownerId', ownerFields(selected));
  const owners = new Map<string, UserRow>();
  return (read) => {
    const row = new Row(read);
    let owner = owners.get(read.ownerId);
    if (!owner) {
      owner = ownerOf(read);
      owners.set(read.ownerId, owner);
    }
    row.owner = owner;
    return row;
  };
}
