/** Whose an account is: its own. */
import { fromGlobalId } from '../database/ids.ts';
import type { GraphQLContext } from '../graphql/context.ts';
import { selectUsers } from './user.rows.ts';

/** The owners' UUIDs of the accounts with these global ids, in their order; null for an id that names none. */
export async function ownersOfUsers(
  ids: readonly string[],
  context: Pick<GraphQLContext, 'em'>,
): Promise<(string | null)[]> {
  const uuids = ids.map((id) => fromGlobalId('user', id));
  const wanted = [...new Set(uuids)].filter((uuid) => uuid !== null);
  if (wanted.length === 0) return uuids;
  const read = await selectUsers(context.em).clearSelect().select('id').where('id', 'in', wanted).execute();
  const existing = new Set(read.map(({ id }) => id));
  return uuids.map((uuid) => (uuid !== null && existing.has(uuid) ? uuid : null));
}
