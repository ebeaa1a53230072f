import { fromGlobalId } from '../database/ids.ts';
import { isOneOf } from './conditions.ts';
import { columnAs, type Rows } from './rows.ts';

/**
 * What a noun tells `@ownerOf`: the owners' UUIDs of those `rows` that have these global ids, in their order; null for an
 * id that names none. The ids are what a client sent, so one can be malformed: it names none.
 *
 * @param column that holds the owner.
 */
export async function ownersOf<Read>(
  rows: Rows<Read>,
  prefix: string,
  ids: readonly string[],
  column: string = 'owner_id',
): Promise<(string | null)[]> {
  const uuids = ids.map((id) => fromGlobalId(prefix, id));
  const wanted = uuids.filter((uuid) => uuid !== null);
  if (wanted.length === 0) return uuids;
  const owned = rows.reading<{ id: string; ownerId: string }>('id', columnAs(column, 'ownerId'));
  const owners = new Map((await owned.where(isOneOf('id', wanted)).read()).map(({ id, ownerId }) => [id, ownerId]));
  return uuids.map((uuid) => (uuid === null ? null : (owners.get(uuid) ?? null)));
}
