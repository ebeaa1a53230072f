/** Rows on their way into compiled code: asked what the viewer may see of them, and freed of what it cannot take. */
import { type Call, evaluate, isPromise } from '../rules/evaluate.ts';
import { isForeign } from '../rules/foreign-rows.ts';
import type { RowDenial, RowRule } from './selected-field.ts';

/** Compiled code would not answer as graphql-js does: graphql-js is asked instead. */
export class Doubt extends Error {}

/** Stand-ins, with the rows that they stand in for. */
const standIns = new WeakMap<object, object>();

/**
 * What a field returned, with a stand-in for each row that is denied something.
 *
 * @param lists how many list levels lie above the rows.
 * @throws Doubt where compiled code could not answer for what is in there, such as promises in a list.
 */
export function readRows(value: unknown, lists: number, rules: readonly RowRule[], context: unknown): unknown {
  if (lists === 0 && rules.length === 0) return value;
  try {
    return readLevel(value, lists, rules, { parent: undefined, args: {}, context, info: undefined });
  } catch (error) {
    abandonAll(value);
    throw error;
  }
}

/** One call for all rows, each its parent in turn. */
type RowCall = Call & { parent: unknown };

function readLevel(value: unknown, lists: number, rules: readonly RowRule[], call: RowCall): unknown {
  if (value === null || value === undefined || value instanceof Error) return value;
  if (lists === 0) return rules.length === 0 ? value : readRow(value, rules, call);
  // Other iterables may be read once only, and graphql-js has to read them then.
  if (!Array.isArray(value)) throw new Doubt();
  const items: readonly unknown[] = value;
  let changed: unknown[] | null = null;
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (isPromise(item)) throw new Doubt();
    const read = readLevel(item, lists - 1, rules, call);
    if (read === item) continue;
    changed ??= [...items];
    changed[i] = read;
  }
  return changed ?? items;
}

/** The row itself, of a row or of its stand-in. */
export function rowOf(value: unknown): unknown {
  return (typeof value === 'object' && value !== null && standIns.get(value)) || value;
}

/** Whether graphql-js would wait for the value; then nobody will, and its failure must not end the process. */
export function isAbandoned(value: unknown): boolean {
  if (!isPromise(value)) return false;
  Promise.resolve(value).catch(() => {});
  return true;
}

/** The promises in a list, and in the lists in it. */
function abandonAll(value: unknown): void {
  if (Array.isArray(value)) value.forEach(abandonAll);
  else isAbandoned(value);
}

/** @throws Doubt also where a rule throws: that is graphql-js's to report, for the field that it is about. */
function readRow(row: unknown, rules: readonly RowRule[], call: RowCall): unknown {
  if (typeof row !== 'object' || row === null || isForeign(row)) throw new Doubt();
  call.parent = row;
  let denied: Map<string, RowDenial> | null = null;
  for (const { rule, marks } of rules) {
    let outcome: ReturnType<typeof evaluate>;
    try {
      outcome = evaluate(rule, call);
    } catch {
      throw new Doubt();
    }
    if (outcome === true) continue;
    if (isAbandoned(outcome)) throw new Doubt();
    denied = new Map([...(denied ?? []), ...marks]);
  }
  return denied ? standInFor(row, denied) : row;
}

/** Shows denials where they are due, and the row in all else: its own getters see the row, not this. */
function standInFor(row: object, denied: ReadonlyMap<string, RowDenial>): object {
  const standIn = new Proxy({}, { get: (_, property) => denied.get(property as string) ?? Reflect.get(row, property) });
  standIns.set(standIn, row);
  return standIn;
}
