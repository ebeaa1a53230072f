/**
 * Reads rows without hydrating entities, which costs ten times as much as the query of a list. Statements are joined
 * from texts, because building one of Kysely's nodes takes several times as long (docs/performance.md). Input is always
 * a value in a condition; columns and tables are names in the code.
 */
import { CompiledQuery } from 'kysely';
import sql, { empty, join, raw, Sql } from 'sql-template-tag';
import type { EntityManager } from '../database/database.ts';
import { isDatabaseLost, isDatabaseSlow } from '../database/faults.ts';
import { planned } from '../database/prepared-client.ts';

export interface Source {
  /** SQL, each with its name in the row: see `columnsAs`. */
  readonly columns: readonly string[];
  /** SQL: the name of a table. */
  readonly from: string;
  /**
   * SQL of a join that adds at most one row to each row: ` left join …`. Conditions and orders concern only the table.
   */
  readonly joined?: string;
}

/**
 * A value in a condition of `Rows` that must not change PostgreSQL's plan, unless the rows are filtered. PostgreSQL
 * keeps one plan for a prepared statement only while plans for the present values do not look cheaper. They do look
 * cheaper for an account with many rows, and near the end of a list; each would be planned again. In a subquery the
 * planner does not see the value, so all values look alike. The one plan must then be good for all: decision 10.
 * Source: PostgreSQL, PREPARE ("Notes").
 */
export class Unseen {
  readonly value: string;
  readonly #type: string;

  /** @param type the name of its SQL type. */
  constructor(type: string, value: string) {
    this.#type = type;
    this.value = value;
  }

  /** @param isPlanned whether PostgreSQL plans for these values, and so may see this one. */
  toSql(isPlanned: boolean): Sql {
    const value = sql`${this.value}::${raw(this.#type)}`;
    return isPlanned ? value : sql`(select ${value})`;
  }
}

/** Which rows are read, and which of their columns. Immutable: a narrower selection is another object. */
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
   * Adds conditions by a client's filter. The number of rows, and so the best plan, depends on their values. Such a
   * query is planned each time, because a prepared statement would have one plan for all.
   */
  filter(...conditions: readonly Sql[]): Rows<Read> {
    if (conditions.length === 0) return this;
    return new Rows(this.#em, this.#source, [...this.#conditions, ...conditions], true);
  }

  /** The same rows, with only these columns. */
  reading<Other>(...columns: readonly string[]): Rows<Other> {
    return new Rows(this.#em, { ...this.#source, columns }, this.#conditions, this.#isFiltered);
  }

  /** The same rows, with these columns added. */
  with<More>(...columns: readonly string[]): Rows<Read & More> {
    return this.reading(...this.#source.columns, ...columns);
  }

  /** @param rest the SQL after the conditions: order and limit. */
  async read(rest: Sql = empty): Promise<Read[]> {
    const { columns, from, joined = '' } = this.#source;
    const head = `${this.#isFiltered ? planned : ''}select ${columns.join(', ')} from `;
    // In parentheses, so that an `or` in one condition does not change another.
    const conditions =
      this.#conditions.length === 0 ? raw('true') : join(this.#distinctConditions(), ') and (', '(', ')');
    if (!this.#isFiltered || joined === '') {
      return await ask<Read>(this.#em, sql`${raw(`${head}${from}${joined} where `)}${conditions} ${rest}`);
    }
    // Reads the page first, and then joins. The planner only guesses how many rows a filter finds. With a high guess it
    // would read the whole joined table.
    const page = sql`(select * from ${raw(from)} where ${conditions} ${rest}) ${raw(from)}`;
    return await ask<Read>(this.#em, sql`${raw(head)}${page}${raw(joined)} ${rest}`);
  }

  /** Each condition once. The planner would expect a repeated condition to exclude as many rows again. */
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
 * Runs a statement in the transaction of `em`, and returns its rows. Outside transactions, the statements of one `em`
 * (one request) run one after the other. A request for twenty lists thus uses one connection, like any other. If the
 * database is slow or gone, waiting statements fail with the first.
 *
 * @throws the driver's own error.
 */
export async function ask<Row>(em: EntityManager & Asking, statement: Pick<Sql, 'text' | 'values'>): Promise<Row[]> {
  if (em.isInTransaction()) return await run(em, statement);
  const before = em[last];
  const asked = before ? before.then(() => run<Row>(em, statement)) : run<Row>(em, statement);
  const ended = asked.then(
    () => {},
    (error: unknown) => {
      if (isDatabaseSlow(error) || isDatabaseLost(error)) throw error;
    },
  );
  // Avoids an unhandled rejection if no later statement waits for it.
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

async function run<Row>(em: EntityManager, { text, values }: Pick<Sql, 'text' | 'values'>): Promise<Row[]> {
  // The driver writes dates in the time zone of the process. Old offsets were not whole minutes.
  const parameters = values.map((value) => {
    if (value instanceof Date) return value.toISOString();
    // In a condition that did not go through `Rows`.
    return value instanceof Unseen ? value.value : value;
  });
  return (await em.getKysely().executeQuery<Row>({ ...asText, sql: text, parameters })).rows;
}

/** Kysely's description of a query that it did not build. */
const asText = CompiledQuery.raw('');

/** Columns, with their names in the rows. */
export function columnsAs(names: Readonly<Record<string, string>>): string[] {
  return Object.entries(names).map(([name, column]) => columnAs(column, name));
}

export function columnAs(column: string, name: string): string {
  return `${column} as "${name}"`;
}
