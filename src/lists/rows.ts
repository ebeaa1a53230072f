/**
 * Rows that are read without hydrating entities, which costs ten times the query on a list. Statements are put together
 * of their texts: to build one of Kysely's nodes takes several times as long (docs/performance.md). Whatever is input is a
 * value in a condition; columns and tables are names in the code.
 */
import { CompiledQuery } from 'kysely';
import sql, { empty, join, raw, Sql } from 'sql-template-tag';
import type { EntityManager } from '../database/database.ts';
import { isDatabaseLost, isDatabaseSlow } from '../database/faults.ts';
import { planned } from '../database/prepared-client.ts';

export interface Source {
  /** SQL, each with the name that the row has it by: see `columnsAs`. */
  readonly columns: readonly string[];
  /** SQL: a table. */
  readonly from: string;
  /** SQL: what is joined with it, one row at most with each of its rows: ` left join …`. Conditions and orders are of the table alone. */
  readonly joined?: string;
}

/**
 * A value in a condition of `Rows` for which PostgreSQL is to make no plan of its own, unless they are filtered. It keeps one plan for all
 * values of a prepared statement only as long as plans for the values that come do not look cheaper, which they do for whoever has
 * many rows and for positions near the end of a list: each would be planned anew. In a subquery no value is seen when a plan
 * is made, and both look alike. The one plan must be good for all, then: decision 10. Source: PostgreSQL, PREPARE ("Notes").
 */
export class Unseen {
  readonly value: string;
  readonly #type: string;

  /** @param type its name in SQL. */
  constructor(type: string, value: string) {
    this.#type = type;
    this.value = value;
  }

  /** @param isPlanned the plan is made for the values, and is to know this one as well. */
  toSql(isPlanned: boolean): Sql {
    const value = sql`${this.value}::${raw(this.#type)}`;
    return isPlanned ? value : sql`(select ${value})`;
  }
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
    const { columns, from, joined = '' } = this.#source;
    const head = `${this.#isFiltered ? planned : ''}select ${columns.join(', ')} from `;
    // In parentheses: an `or` in one of them must not reach beyond it.
    const conditions =
      this.#conditions.length === 0 ? raw('true') : join(this.#distinctConditions(), ') and (', '(', ')');
    if (!this.#isFiltered || joined === '') {
      return await ask<Read>(this.#em, sql`${raw(`${head}${from}${joined} where `)}${conditions} ${rest}`);
    }
    // The page first, and then what is joined with it. How many rows a filter finds is a guess, and where that is high the
    // planner would read all that there is to be joined.
    const page = sql`(select * from ${raw(from)} where ${conditions} ${rest}) ${raw(from)}`;
    return await ask<Read>(this.#em, sql`${raw(head)}${page}${raw(joined)} ${rest}`);
  }

  /** The conditions, each once: of two that say the same, the planner would expect that each leaves out as much. */
  #distinctConditions(): Sql[] {
    const distinct: Sql[] = [];
    for (const { strings, values } of this.#conditions) {
      const condition = new Sql(
        strings,
        values.map((value) => (value instanceof Unseen ? value.toSql(this.#isFiltered) : value)),
      );
      if (!distinct.some((other) => isSame(other, condition))) distinct.push(condition);
    }
    return distinct;
  }
}

function isSame(one: Sql, other: Sql): boolean {
  const { strings, values } = other;
  return (
    one.strings.length === strings.length &&
    one.strings.every((string, i) => string === strings[i]) &&
    one.values.every((value, i) => value === values[i])
  );
}

/**
 * Runs a statement, in the transaction that `em` is in, and gives its rows. Outside of transactions those of one `em`, which
 * is one request's, run one after the other: a request that asks for twenty lists holds one connection, as any other does.
 * Where the database is slow or gone, those that wait fail with the one that found it.
 *
 * @throws the driver's own error.
 */
export async function ask<Row>(em: EntityManager & Asking, statement: Sql): Promise<Row[]> {
  if (em.isInTransaction()) return await run(em, statement);
  const before = em[last];
  const asked = before ? before.then(() => run<Row>(em, statement)) : run<Row>(em, statement);
  const ended = asked.then(
    () => {},
    (error: unknown) => {
      if (isDatabaseSlow(error) || isDatabaseLost(error)) throw error;
    },
  );
  // Whether anybody waits for it is not known yet.
  ended.catch(() => {});
  em[last] = ended;
  try {
    return await asked;
  } finally {
    if (em[last] === ended) em[last] = null;
  }
}

const last = Symbol('what was asked last, and may be under way');

interface Asking {
  [last]?: Promise<void> | null;
}

async function run<Row>(em: EntityManager, { text, values }: Sql): Promise<Row[]> {
  // The driver writes dates in the zone of the process, whose offsets were no whole minutes once.
  const parameters = values.map((value) => {
    if (value instanceof Date) return value.toISOString();
    // Of a condition that did not go through `Rows`.
    return value instanceof Unseen ? value.value : value;
  });
  return (await em.getKysely().executeQuery<Row>({ ...asText, sql: text, parameters })).rows;
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
