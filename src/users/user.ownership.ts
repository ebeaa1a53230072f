/** An account owns itself. Also says what a list of accounts reveals. */

import type { GraphQLContext } from '../graphql/context.ts';
import type { User as UserFields, UserFilter, UserOrderField } from '../graphql/schema-types.ts';
import { ownersOf } from '../lists/owners.ts';
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
  return await ownersOf(selectUsers(context.em, { fields: new Map() }), 'user', ids, 'id');
}
