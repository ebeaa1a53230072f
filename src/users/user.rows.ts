/** Accounts as plain rows: read without hydrating entities, which costs ten times the query on a list. */

import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from '../database/database.ts';
import type { Connection } from '../lists/connection.ts';
import { partialRows } from '../lists/row-classes.ts';
import { columnAs, Rows } from '../lists/rows.ts';
import type { Selected } from '../lists/selected.ts';
import type { UserRow } from './user.entity.ts';
import type { Viewer } from './viewer.ts';

export type UserPage = Connection<UserRow>;

/** What of an account can be read without hydrating it. `password_hash` is not among it. */
const columns = {
  username: 'username',
  displayName: 'display_name',
  email: 'email',
  role: 'role',
  isActive: 'is_active',
  createdAt: 'created_at',
} as const;

export type UserField = keyof typeof columns;

const allFields = Object.keys(columns) as UserField[];

/** Those of the columns that an operation selects; all, if nothing is said. */
export function userFields(selected?: Selected): readonly UserField[] {
  return selected ? allFields.filter((field) => selected.fields.has(field)) : allFields;
}

/** @param selected what of the accounts is to be read beside `id`; all, if left out. */
export function selectUsers(em: EntityManager, selected?: Selected): Rows<ReadUser> {
  const fields = userFields(selected).map((field) => columnAs(columns[field], field));
  return new Rows(em, { columns: ['id', ...fields], from: 'users' });
}

/** An account as it was read. */
export type ReadUser = Pick<UserRow, 'id'> & {
  [Field in UserField]: Field extends 'createdAt' ? string : UserRow[Field];
};

/**
 * The columns of accounts under names of their own, to be joined with rows that accounts own: no name of the one
 * is then taken for the other's. `ownerKey` is the id. SQL, for a `from`.
 */
export function ownersOf(fields: readonly UserField[]): string {
  const named = fields.map((field) => columnAs(columns[field], ownerColumn(field)));
  return `(select ${[columnAs('id', 'ownerKey'), ...named].join(', ')} from users)`;
}

/** What the column is called in the join. */
export function ownerColumn<Field extends UserField>(field: Field): `owner ${Field}` {
  return `owner ${field}`;
}

const rowOf = partialRows<UserRow>({ optional: allFields, moments: ['createdAt'] });

/** Makes rows to hand over of accounts that were read. @param selected as `selectUsers` was given it. */
export function userRows(selected?: Selected): (read: ReadUser) => UserRow {
  const Row = rowOf([['id', 'id'], ...userFields(selected).map((field) => [field, field] as const)]);
  return (read) => new Row(read);
}

/** Makes rows of the accounts that were read along with what they own. @param key the column with the account's id. */
export function ownerRows(key: string, fields: readonly UserField[]): (read: object) => UserRow {
  const Row = rowOf([['id', key], ...fields.map((field) => [field, ownerColumn(field)] as const)]);
  return (read) => new Row(read);
}

/** Which accounts the viewer may look up: one's own; all, as an ADMIN with scope `user:read:any`. */
export function visibleTo(viewer: Viewer | null): Sql {
  if (!viewer) return sql`false`;
  if (viewer.roles.includes('ADMIN') && viewer.scopes.includes('user:read:any')) return sql`true`;
  return sql`id = ${viewer.id}`;
}
