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

/** The global id of a row. */
export function toGlobalId(prefix: IdPrefix, uuid: string): string {
  return TypeID.fromUUID(prefix, uuid).toString();
}

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
