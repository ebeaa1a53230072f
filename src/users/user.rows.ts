/** Accounts as plain rows. Hydrating entities costs ten times as much as the query of a list. */

import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from '../database/database.ts';
import type { Connection } from '../lists/connection.ts';
import { partialRows } from '../lists/row-classes.ts';
import { columnAs, Rows } from '../lists/rows.ts';
import type { Selected } from '../lists/selected.ts';
import type { UserRow } from './user.entity.ts';
import type { Viewer } from './viewer.ts';

export type UserPage = Connection<UserRow>;

/** The columns that can be read without hydrating. `password_hash` is not among them. */
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

/** The columns that an operation selects. Default: all. */
export function userFields(selected?: Selected): readonly UserField[] {
  return selected ? allFields.filter((field) => selected.fields.has(field)) : allFields;
}

/** @param selected what to read of the accounts beside `id`. Default: all. */
export function selectUsers(em: EntityManager, selected?: Selected): Rows<ReadUser> {
  const fields = userFields(selected).map((field) => columnAs(columns[field], field));
  return new Rows(em, { columns: ['id', ...fields], from: 'users' });
}

/** An account as it was read. */
export type ReadUser = Pick<UserRow, 'id'> & {
  [Field in UserField]: Field extends 'createdAt' ? string : UserRow[Field];
};

/**
 * The columns of accounts under names of their own, to join with rows that accounts own. Names of the two tables then
 * cannot clash. `ownerKey` is the id. SQL, for a `from`.
 */
export function ownersOf(fields: readonly UserField[]): string {
  const named = fields.map((field) => columnAs(columns[field], ownerColumn(field)));
  return `(select ${[columnAs('id', 'ownerKey'), ...named].join(', ')} from users)`;
}

/** The name of the column in the join. */
export function ownerColumn<Field extends UserField>(field: Field): `owner ${Field}` {
  return `owner ${field}`;
}

const rowOf = partialRows<UserRow>({ optional: allFields, moments: ['createdAt'] });

/**
 * Makes the rows to return from accounts that were read.
 * @param selected the same as for `selectUsers`.
 */
export function userRows(selected?: Selected): (read: ReadUser) => UserRow {
  const Row = rowOf([['id', 'id'], ...userFields(selected).map((field) => [field, field] as const)]);
  return (read) => new Row(read);
}

/**
 * Makes rows of accounts that were read together with rows that they own.
 * @param key the column with the account's id.
 */
export function ownerRows(key: string, fields: readonly UserField[]): (read: object) => UserRow {
  const Row = rowOf([['id', key], ...fields.map((field) => [field, ownerColumn(field)] as const)]);
  return (read) => new Row(read);
}

/** The accounts that the viewer may look up: the viewer's own; all for an ADMIN with scope `user:read:any`. */
export function visibleTo(viewer: Viewer | null): Sql {
  if (!viewer) return sql`false`;
  if (viewer.roles.includes('ADMIN') && viewer.scopes.includes('user:read:any')) return sql`true`;
  return sql`id = ${viewer.id}`;
}
