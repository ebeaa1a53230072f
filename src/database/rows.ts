/**
 * Rows that are read without hydrating entities, which costs ten times the query on a list. Statements are put together
 * of their texts: to build one of Kysely's nodes takes six times as long and more (docs/performance.md). Whatever is input is a
 * value in a condition; columns and tables are names in the code.
 */

import { CompiledQuery } from 'kysely';
import sql, { empty, join, raw, type Sql } from 'sql-template-tag';
import type { EntityManager } from './connection.ts';
import { planned } from './prepared-client.ts';

export interface Source {
  /** SQL, each with the name that the row has it by: see `columnsAs`. */
  readonly columns: readonly string[];
  /** SQL: a table, and what is joined with it. */
  readonly from: string;
}

/** Which rows there are, and what is read of each. It does not change: what narrows it down makes another. */
export class Rows<Read> {
  readonly #em: EntityManager;
  readonly #source: Source;
  readonly #conditions: readonly Sql[];
  readonly #isFiltered: boolean;

  constructor(em: EntityManager, source: Source, conditions: readonly Sql[] = [], isFiltered: boolean = false) {
    this.#em = em;
    this.#source = source;
    this.#conditions = conditions;
    this.#isFiltered = isFiltered;
  }

  where(...conditions: readonly Sql[]): Rows<Read> {
    return new Rows(this.#em, this.#source, [...this.#conditions, ...conditions], this.#isFiltered);
  }

  /**
   * By what a client filters by. How many rows that finds depends on its values, and so does the best plan: it is made
   * for them each time. A prepared statement would have one plan for all.
   */
  filter(...conditions: readonly Sql[]): Rows<Read> {
    if (conditions.length === 0) return this;
    return new Rows(this.#em, this.#source, [...this.#conditions, ...conditions], true);
  }

  /** Of the same rows, these columns alone. */
  reading<Other>(...columns: readonly string[]): Rows<Other> {
    return new Rows(this.#em, { ...this.#source, columns }, this.#conditions, this.#isFiltered);
  }

  /** Of the same rows, these columns as well. */
  with<More>(...columns: readonly string[]): Rows<Read & More> {
    return this.reading(...this.#source.columns, ...columns);
  }

  /** @param rest what follows the conditions: order and limit. */
  async read(rest: Sql = empty): Promise<Read[]> {
    const { columns, from } = this.#source;
    const head = `${this.#isFiltered ? planned : ''}select ${columns.join(', ')} from ${from} where `;
    // In parentheses: an `or` in one of them must not reach beyond it.
    const conditions = this.#conditions.length === 0 ? raw('true') : join(this.#conditions, ') and (', '(', ')');
    return await ask<Read>(this.#em, sql`${raw(head)}${conditions} ${rest}`);
  }
}

/**
 * Runs a statement, in the transaction that `em` is in, and gives its rows. Outside of transactions those of one `em`, which
 * is one request's, run one after the other: a request that asks for twenty lists holds one connection, as any other does.
 *
 * @throws the driver's own error.
 */
export async function ask<Row>(em: EntityManager & Asking, { text, values }: Sql): Promise<Row[]> {
  const run = async (): Promise<Row[]> =>
    (await em.getKysely().executeQuery<Row>({ ...asText, sql: text, parameters: values })).rows;
  if (em.isInTransaction()) return await run();
  while (em[current]) await em[current].catch(() => {});
  const mine = run();
  em[current] = mine;
  try {
    return await mine;
  } finally {
    em[current] = null;
  }
}

const current = Symbol('the statement that is under way');

interface Asking {
  [current]?: Promise<unknown> | null;
}

/** What Kysely knows of a query that it did not build. */
const asText = CompiledQuery.raw('');

/** Columns by the names that rows have them by. */
export function columnsAs(names: Readonly<Record<string, string>>): string[] {
  return Object.entries(names).map(([name, column]) => columnAs(column, name));
}

export function columnAs(column: string, name: string): string {
  return `${column} as "${name}"`;
}
