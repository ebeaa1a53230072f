/** Rows that were read in part. */
import { LRUCache } from 'lru-cache';
import { toIsoText } from '../database/timestamps.ts';

/** Properties of a row, each with the column that it is read from. */
export type Members = readonly (readonly [property: string, column: string])[];

export type MakeRow<Row> = new (read: object) => Row;

export interface Columns {
  /** What may be read or not. */
  readonly optional: readonly string[];
  /** Those that are a `timestamptz`: the row has them as they are written to clients. */
  readonly moments: readonly string[];
}

/** Classes by what was read, which operations choose. */
const maxClasses = 200;

/**
 * Makes classes of rows. To read a column that was not asked for is a fault, never null: a rule that looks at a row (see
 * docs/authorization.md) must not take for empty what nobody has read. The constructors are generated, so that the
 * engine knows the rows' shape; to give them their prototype afterwards takes twenty times as long.
 */
export function partialRows<Row>({ optional, moments }: Columns): (members: Members) => MakeRow<Row> {
  const made = new LRUCache<string, MakeRow<Row>>({ max: maxClasses });
  return (members) => {
    const key = members.join();
    let row = made.get(key);
    if (!row) {
      row = classOf(members);
      made.set(key, row);
    }
    return row;
  };

  function classOf(members: Members): MakeRow<Row> {
    const lines = members.map(([property, column]) => {
      const value = `read[${JSON.stringify(column)}]`;
      return `this.${property} = ${moments.includes(property) ? `${value} === null ? null : toIsoText(${value})` : value};`;
    });
    const code = `return class { constructor(read) { ${lines.join(' ')} } };`;
    const row = new Function('toIsoText', code)(toIsoText);
    const read = new Set(members.map(([property]) => property));
    for (const column of optional) {
      if (!read.has(column)) Object.defineProperty(row.prototype, column, { get: () => refuse(column) });
    }
    return row;
  }
}

function refuse(column: string): never {
  throw new Error(`The column ${column} was not read: the operation does not select it.`);
}
