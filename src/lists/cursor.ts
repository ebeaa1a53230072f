/**
 * Cursors: the position of a row in an ordered list, opaque to clients. A cursor is the base64url of the JSON array
 * [order, direction, sort value, id of the row]. A cursor grants nothing: the conditions of a list decide which rows it
 * shows, whatever the cursor.
 */

import { isStorableMoment } from '../database/timestamps.ts';
import { isStorable } from '../text.ts';

/** The type of a list's sort value: moments, text, or a native enum with its labels. */
export type SortType = 'timestamptz' | 'text' | { readonly name: string; readonly labels: readonly string[] };

/** Text, a label, milliseconds since 1970, or `infinity`, which is later than every moment. */
export type SortValue = string | number;

export interface CursorOrder {
  /** The name of the order in the API. */
  readonly name: string;
  readonly direction: 'ASC' | 'DESC';
  readonly type: SortType;
}

export interface Position {
  readonly sortValue: SortValue;
  /** The UUID of the row. */
  readonly id: string;
}

const maximumLength = 4096;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function encodeCursor(order: CursorOrder, { sortValue, id }: Position): string {
  return Buffer.from(JSON.stringify([order.name, order.direction, sortValue, id])).toString('base64url');
}

/** The position that a cursor of a list in this order names; null for any other text. */
export function decodeCursor(order: CursorOrder, cursor: string): Position | null {
  if (cursor.length > maximumLength) return null;
  const content = parse(cursor);
  if (!Array.isArray(content) || content.length !== 4) return null;
  const [name, direction, sortValue, id] = content as unknown[];
  if (name !== order.name || direction !== order.direction) return null;
  if (typeof id !== 'string' || !uuid.test(id) || !isSortValue(order.type, sortValue)) return null;
  // Each position has only one spelling.
  return encodeCursor(order, { sortValue, id }) === cursor ? { sortValue, id } : null;
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return null;
  }
}

function isSortValue(type: SortType, value: unknown): value is SortValue {
  if (type === 'timestamptz') return value === 'infinity' || isStoredMoment(value);
  if (typeof value !== 'string') return false;
  if (type === 'text') return isStorable(value);
  return type.labels.includes(value);
}

function isStoredMoment(value: unknown): boolean {
  return Number.isInteger(value) && isStorableMoment(new Date(Number(value)));
}
