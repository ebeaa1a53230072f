/** Rows on their way into compiled code: asked what the viewer may see of them, and freed of what it cannot take. */
import { evaluate, isPromise } from '../evaluate.ts';
import type { RowRule } from './place.ts';

/** Compiled code would not answer as graphql-js does: graphql-js is asked instead. */
export class Doubt extends Error {}

const original = Symbol('original');

/**
 * What a field returned, with a stand-in for each row that is denied something.
 *
 * @param lists how many list levels lie above the rows.
 * @throws Doubt where compiled code could not answer for what is in there, such as promises in a list.
 */
export function readRows(value: unknown, lists: number, rules: readonly RowRule[], context: unknown): unknown {
  if (value === null || value === undefined || value instanceof Error) return value;
  if (lists === 0) return rules.length === 0 ? value : readRow(value, rules, context);
  if (typeof value !== 'object' || !(Symbol.iterator in value)) throw new Doubt();
  const items: readonly unknown[] = Array.isArray(value) ? value : [...(value as Iterable<unknown>)];
  let changed: unknown[] | null = null;
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (isPromise(item)) {
      items.forEach(isAbandoned);
      throw new Doubt();
    }
    const read = readRows(item, lists - 1, rules, context);
    if (read === item) continue;
    changed ??= [...items];
    changed[i] = read;
  }
  return changed ?? items;
}

/** The row itself, of a row or of its stand-in. */
export function rowOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && original in value ? value[original] : value;
}

/** Whether graphql-js would wait for the value; then nobody will, and its failure must not end the process. */
export function isAbandoned(value: unknown): boolean {
  if (!isPromise(value)) return false;
  Promise.resolve(value).catch(() => {});
  return true;
}

function readRow(row: unknown, rules: readonly RowRule[], context: unknown): unknown {
  if (typeof row !== 'object' || row === null) throw new Doubt();
  let standIn: object | null = null;
  for (const { rule, marks } of rules) {
    const outcome = evaluate(rule, { parent: row, args: {}, context, info: undefined });
    if (outcome === true) continue;
    if (isAbandoned(outcome)) throw new Doubt();
    standIn ??= Object.create(row, { [original]: { value: row } }) as object;
    for (const [property, mark] of marks) Object.defineProperty(standIn, property, { value: mark });
  }
  return standIn ?? row;
}
