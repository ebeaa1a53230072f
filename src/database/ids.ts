/**
 * Identifiers: a UUIDv7 in the database, a TypeID (type prefix and UUIDv7) for clients, so that an id of one
 * type is never taken for another. Source: the TypeID specification 0.3; RFC 9562, section 5.7.
 */
import { TypeID, typeid } from 'typeid-js';

/** A new UUIDv7. */
export function newId(): string {
  return typeid().toUUID();
}

/**
 * The global id of a row, by its UUID in lower case as PostgreSQL spells it. Written out here, because a list makes
 * hundreds of them (docs/performance.md).
 */
export function toGlobalId(prefix: string, uuid: string): string {
  let spelling = spellings.get(prefix);
  if (!spelling) {
    spelling = { bytes: Buffer.from(`${prefix}_${'0'.repeat(26)}`, 'latin1'), uuid: null, id: '' };
    spellings.set(prefix, spelling);
  }
  // The same again, as where a list names one owner in each row.
  if (spelling.uuid === uuid) return spelling.id;
  spelling.id = spell(spelling.bytes, uuid);
  spelling.uuid = uuid;
  return spelling.id;
}

function spell(id: Buffer, uuid: string): string {
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

/** By prefix, which is a noun's: `bytes` are written over again and again, `id` is the last one. */
const spellings = new Map<string, { readonly bytes: Buffer; uuid: string | null; id: string }>();

/** Crockford's digits, by value. */
const base32 = Buffer.from('0123456789abcdefghjkmnpqrstvwxyz', 'latin1');
/** Values of hexadecimal digits, by character; -1: none. */
const hexadecimal = new Int8Array(128).fill(-1);
for (let value = 0; value < 16; value++) hexadecimal[value.toString(16).charCodeAt(0)] = value;

/** The UUID in a global id of that type; null if it is of another type or no TypeID at all. */
export function fromGlobalId(prefix: string, globalId: unknown): string | null {
  if (typeof globalId !== 'string' || globalId.length !== prefix.length + 27) return null;
  try {
    const uuid = TypeID.fromString(globalId, prefix).toUUID();
    // One spelling for one row: what does not read back as it was written is refused.
    return toGlobalId(prefix, uuid) === globalId ? uuid : null;
  } catch {
    return null;
  }
}
