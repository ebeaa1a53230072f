/** Rows with only some of their columns. */
import { LRUCache } from 'lru-cache';
import { toIsoText } from '../database/timestamps.ts';

/** Properties of a row, each with its column. */
export type Members = readonly (readonly [property: string, column: string])[];

export type MakeRow<Row> = new (read: object) => Row;

export interface Columns {
  /** Columns that a query may leave out. */
  readonly optional: readonly string[];
  /** Columns of type `timestamptz`. The row has them in the form in which clients receive them. */
  readonly moments: readonly string[];
}

/** The most classes that are kept. Operations choose the columns, so clients choose the number of classes. */
const maxClasses = 200;

/**
 * Makes classes for rows with only some of their columns. Reading a column that was not selected throws, and never
 * gives null: a rule that reads a row (see docs/authorization.md) must not take an unread column for an empty one. The
 * constructors are generated, so that V8 knows the shape of the rows. Setting the prototype afterwards takes twenty
 * times as long.
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
