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
  const hex = uuid.replaceAll('-', '');
  let suffix = pairs[Number.parseInt(hex.slice(0, 2), 16)] as string;
  // 20 bits are five hexadecimal digits, and four of base 32.
  for (let at = 2; at < 32; at += 5) {
    const bits = Number.parseInt(hex.slice(at, at + 5), 16);
    suffix += (pairs[bits >> 10] as string) + pairs[bits & 1023];
  }
  return `${prefix}_${suffix}`;
}

const digits = [...'0123456789abcdefghjkmnpqrstvwxyz'];
/** Every ten bits as two digits of Crockford's base 32. */
const pairs = digits.flatMap((high) => digits.map((low) => high + low));

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
