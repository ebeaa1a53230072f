/** Reads an owner's id, from a row or a look-up. */
import { isForeign } from './foreign-rows.ts';

/**
 * The text of an id, which is compared with a viewer's id. A whole number stands for its text, and null for nobody.
 *
 * @throws TypeError for what is no id. The message says what it is.
 */
export function idText(value: unknown): string | null {
  if (typeof value === 'string' || value === null) return value;
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return String(value);
  throw new TypeError(`an id must be a text, a whole number or null, and this is ${describe(value)}`);
}

/** @throws TypeError for an owner that is no id. */
export function isOwnId(owner: unknown, viewerId: string): boolean {
  return typeof owner === 'string' ? owner === viewerId : idText(owner) === viewerId;
}

/**
 * What the row holds at the path. Null on the way means nobody.
 *
 * @throws TypeError where the path leads through a row of another service.
 */
export function ownerIn(row: unknown, path: readonly string[]): unknown {
  let value = row;
  for (const name of path) {
    if (value === null || value === undefined) return value;
    if (isForeign(value)) throw new TypeError('it leads through a row of another service, where clients name the keys');
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function describe(value: unknown): string {
  if (value === undefined) return 'undefined: is its name right, and is the column read?';
  if (typeof value === 'number') return `the number ${value}, which is not exact`;
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'object') return `a ${typeof value}`;
  // Nobody waits for this promise, so its failure must not end the process.
  if (value instanceof Promise) value.catch(() => {});
  const { name } = (value as object).constructor ?? {};
  return `an object${name ? ` (${name})` : ''}`;
}
