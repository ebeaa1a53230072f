/**
 * Identifiers: a UUIDv7 in the database, a TypeID (type prefix and UUIDv7) for clients, so that an id of one
 * type is never taken for another. Source: the TypeID specification 0.3; RFC 9562, section 5.7.
 */
import { TypeID, typeid } from 'typeid-js';

export type IdPrefix = 'task' | 'user' | 'session' | 'event';

/** A new UUIDv7. */
export function newId(): string {
  return typeid().toUUID();
}

/**
 * The global id of a row, by its UUID in lower case as PostgreSQL spells it. Written out here, because a list makes
 * hundreds of them (docs/performance.md).
 */
export function toGlobalId(prefix: IdPrefix, uuid: string): string {
  // The same again, as where a list names one owner in each row.
  const last = lastOf[prefix];
  if (last.uuid === uuid) return last.id;
  last.id = spell(prefix, uuid);
  last.uuid = uuid;
  return last.id;
}

function spell(prefix: IdPrefix, uuid: string): string {
  const id = spelling[prefix];
  let at = id.length;
  // From the right: 128 bits by four, into 26 digits of five bits, the first of which holds the last three.
  let bits = 0;
  let held = 0;
  for (let i = uuid.length - 1; i >= 0; i--) {
    const digit = hexadecimal[uuid.charCodeAt(i)] as number;
    if (digit < 0) continue;
    bits |= digit << held;
    held += 4;
    if (held < 5) continue;
    id[--at] = base32[bits & 31] as number;
    bits >>= 5;
    held -= 5;
  }
  id[--at] = base32[bits] as number;
  return id.toString('latin1');
}

const lastOf: Readonly<Record<IdPrefix, { uuid: string | null; id: string }>> = {
  task: { uuid: null, id: '' },
  user: { uuid: null, id: '' },
  session: { uuid: null, id: '' },
  event: { uuid: null, id: '' },
};

/** Written over again and again. */
const spelling: Readonly<Record<IdPrefix, Buffer>> = {
  task: spellingOf('task'),
  user: spellingOf('user'),
  session: spellingOf('session'),
  event: spellingOf('event'),
};

function spellingOf(prefix: IdPrefix): Buffer {
  return Buffer.from(`${prefix}_${'0'.repeat(26)}`, 'latin1');
}

/** Crockford's digits, by value. */
const base32 = Buffer.from('0123456789abcdefghjkmnpqrstvwxyz', 'latin1');
/** Values of hexadecimal digits, by character; -1: none. */
const hexadecimal = new Int8Array(128).fill(-1);
for (let value = 0; value < 16; value++) hexadecimal[value.toString(16).charCodeAt(0)] = value;

/** The UUID in a global id of that type; null if it is of another type or no TypeID at all. */
export function fromGlobalId(prefix: IdPrefix, globalId: unknown): string | null {
  if (typeof globalId !== 'string' || globalId.length !== prefix.length + 27) return null;
  try {
    const uuid = TypeID.fromString(globalId, prefix).toUUID();
    // One spelling for one row: what does not read back as it was written is refused.
    return toGlobalId(prefix, uuid) === globalId ? uuid : null;
  } catch {
    return null;
  }
}
