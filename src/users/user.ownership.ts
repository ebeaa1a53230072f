/** An account owns itself. Also says what a list of accounts reveals. */

import { fromGlobalId } from '../database/ids.ts';
import type { GraphQLContext } from '../graphql/context.ts';
import type { User as UserFields, UserFilter, UserOrderField } from '../graphql/schema-types.ts';
import { isOneOf } from '../lists/conditions.ts';
import { selectUsers } from './user.rows.ts';

/** What filters and orders reveal of an account. Using one needs the guards of the fields that it reads. */
export const readsOfUsers = {
  'UserFilter.text': ['User.username', 'User.displayName'],
  'UserFilter.role': ['User.role'],
  'UserFilter.isActive': ['User.isActive'],
  'UserOrderField.CREATED_AT': ['User.createdAt'],
  'UserOrderField.USERNAME': ['User.username'],
} as const satisfies Record<
  `UserFilter.${keyof UserFilter}` | `UserOrderField.${UserOrderField}`,
  readonly `User.${keyof UserFields}`[]
>;

/** The owners' UUIDs of the accounts with these global ids, in the same order. Null for an id without an account. */
export async function ownersOfUsers(
  ids: readonly string[],
  context: Pick<GraphQLContext, 'em'>,
): Promise<(string | null)[]> {
  const uuids = ids.map((id) => fromGlobalId('user', id));
  const wanted = [...new Set(uuids)].filter((uuid) => uuid !== null);
  if (wanted.length === 0) return uuids;
  const read = await selectUsers(context.em, { fields: new Map() }).where(isOneOf('id', wanted)).read();
  const existing = new Set(read.map(({ id }) => id));
  return uuids.map((uuid) => (uuid !== null && existing.has(uuid) ? uuid : null));
}
