/**
 * Identifiers. The database has a UUIDv7; clients have a TypeID, which is a type prefix and the UUIDv7. So nobody
 * takes an id of one type for another. Source: the TypeID specification 0.3; RFC 9562, section 5.7.
 */
import { TypeID, typeid } from 'typeid-js';

export function newId(): string {
  return typeid().toUUID();
}

/**
 * The global id of a row, from its UUID in lower case, as PostgreSQL spells it. It is written out here, because a list
 * makes hundreds of them (docs/performance.md).
 */
export function toGlobalId(prefix: string, uuid: string): string {
  let spelling = spellings.get(prefix);
  if (!spelling) {
    spelling = { bytes: Buffer.from(`${prefix}_${'0'.repeat(26)}`, 'latin1'), uuid: null, id: '' };
    spellings.set(prefix, spelling);
  }
  // A list often names one owner in each row, so the last id is kept.
  if (spelling.uuid === uuid) return spelling.id;
  spelling.id = spell(spelling.bytes, uuid);
  spelling.uuid = uuid;
  return spelling.id;
}

function spell(id: Buffer, uuid: string): string {
  let at = id.length;
  // The digits are written from the right: 128 bits, four at a time, become 26 digits of five bits. The first digit
  // holds the last three bits.
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

/** By prefix, which is a noun's. `bytes` is a buffer that each call writes over; `id` is the last result. */
const spellings = new Map<string, { readonly bytes: Buffer; uuid: string | null; id: string }>();

/** Crockford's digits, by value. */
const base32 = Buffer.from('0123456789abcdefghjkmnpqrstvwxyz', 'latin1');
/** The values of hexadecimal digits, by character. -1: it is none. */
const hexadecimal = new Int8Array(128).fill(-1);
for (let value = 0; value < 16; value++) hexadecimal[value.toString(16).charCodeAt(0)] = value;

/** The UUID in a global id of this type. Null for an id of another type, and for what is no TypeID. */
export function fromGlobalId(prefix: string, globalId: unknown): string | null {
  if (typeof globalId !== 'string' || globalId.length !== prefix.length + 27) return null;
  try {
    const uuid = TypeID.fromString(globalId, prefix).toUUID();
    // A row has one spelling of its id. An id that does not read back as it was written is refused.
    return toGlobalId(prefix, uuid) === globalId ? uuid : null;
  } catch {
    return null;
  }
}
