/** Accounts as plain rows: read without hydrating entities, which costs ten times the query on a list. */
import { type Expression, type SqlBool, sql } from 'kysely';
import type { Viewer } from '../authentication/viewer.ts';
import type { EntityManager } from '../database/connection.ts';
import { fromTimestamp } from '../database/timestamps.ts';
import type { UserRow } from './user.entity.ts';

interface UsersTable {
  id: string;
  username: string;
  username_key: string;
  email: string;
  display_name: string;
  role: UserRow['role'];
  is_active: boolean;
  created_at: string;
}

/** What of an account can be read without hydrating it. `password_hash` is not among it. */
export function selectUsers(em: EntityManager) {
  return em
    .getKysely<{ users: UsersTable }>()
    .selectFrom('users')
    .select([
      'id',
      'username',
      'display_name as displayName',
      'email',
      'role',
      'is_active as isActive',
      'created_at as createdAt',
    ]);
}

type ReadUser = Awaited<ReturnType<ReturnType<typeof selectUsers>['executeTakeFirstOrThrow']>>;

export function toUserRow(read: ReadUser): UserRow {
  return {
    id: read.id,
    username: read.username,
    displayName: read.displayName,
    email: read.email,
    role: read.role,
    isActive: read.isActive,
    createdAt: fromTimestamp(read.createdAt),
  };
}

/** Which accounts the viewer may look up: one's own; all, as an ADMIN with scope `user:read:any`. */
export function visibleTo(viewer: Viewer | null): Expression<SqlBool> {
  if (!viewer) return sql`false`;
  if (viewer.roles.includes('ADMIN') && viewer.scopes.includes('user:read:any')) return sql`true`;
  return sql`id = ${viewer.id}`;
}
