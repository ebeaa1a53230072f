/** Reads rows for compiled code: asks what the viewer may see of each, and rejects what compiled code cannot take. */
import { type Call, evaluate, isPromise } from '../rules/evaluate.ts';
import { isForeign } from '../rules/foreign-rows.ts';
import type { RowDenial, RowRule } from './selected-field.ts';

/** Compiled code would not answer as graphql-js does, so graphql-js is asked instead. */
export class Doubt extends Error {}

/** By stand-in: the row that it stands in for. */
const standIns = new WeakMap<object, object>();

/**
 * What a field returned, with a stand-in for each row that is denied something.
 *
 * @param lists how many list levels lie above the rows.
 * @throws Doubt where compiled code could not answer for a value, such as a promise in a list.
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

/** One call for all rows. Each row is its parent in turn. */
type RowCall = Call & { parent: unknown };

function readLevel(value: unknown, lists: number, rules: readonly RowRule[], call: RowCall): unknown {
  if (value === null || value === undefined || value instanceof Error) return value;
  if (lists === 0) return rules.length === 0 ? value : readRow(value, rules, call);
  // Another iterable may be readable only once, and graphql-js has to read it then.
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

/** The row, given the row itself or its stand-in. */
export function rowOf(value: unknown): unknown {
  return (typeof value === 'object' && value !== null && standIns.get(value)) || value;
}

/** Whether graphql-js would wait for the value. Nobody waits for it here, so its failure must not end the process. */
export function isAbandoned(value: unknown): boolean {
  if (!isPromise(value)) return false;
  Promise.resolve(value).catch(() => {});
  return true;
}

/** Does the same for the promises in a list, and in the lists within it. */
function abandonAll(value: unknown): void {
  if (Array.isArray(value)) value.forEach(abandonAll);
  else isAbandoned(value);
}

/** @throws Doubt also where a rule throws. graphql-js reports that for the field that the rule is about. */
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

/** Shows the denials, and otherwise the row. The row's own getters see the row, not the stand-in. */
function standInFor(row: object, denied: ReadonlyMap<string, RowDenial>): object {
  const standIn = new Proxy({}, { get: (_, property) => denied.get(property as string) ?? Reflect.get(row, property) });
  standIns.set(standIn, row);
  return standIn;
}
