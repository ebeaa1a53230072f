/**
 * Formulas in SQL, of PostgreSQL. Two forms: a condition, for single rows, and branches, for lists: one for each
 * alternative, read from whatever the viewer's id finds first. An OR of EXISTS makes PostgreSQL walk the table for those
 * who see little. See docs/decisions/0012-rows-are-relations-in-the-schema.md.
 */
import type { Grants, RowsOf } from '../contract/relations.ts';
import type { Formula, Term, Terms } from './formula.ts';
import { isEveryRow } from './formula.ts';
import { empty, join, raw, Sql, type SqlPiece, sql } from './sql-text.ts';

export interface Dialect {
  /** The SQL type of viewers' ids and of rows' ids, such as `uuid`. */
  readonly idType: string;
  readonly tenantType: string;
}

/** What the statements are asked with. */
export interface Given {
  readonly viewer: string | null;
  readonly tenant: string | null;
  readonly now: Date;
}

/** The part of a list that is wanted. */
export interface Wanted {
  /** SQL of a row's columns, unqualified: equals are ordered by id. Null: the order does not matter. */
  readonly sort?: { readonly expression: string; readonly direction: 'asc' | 'desc' } | null;
  /** On a row's columns, unqualified: filters and positions. */
  readonly where?: readonly SqlPiece[];
  readonly limit?: number | null;
}

const outer = 't';

export class RowSql {
  readonly #rowsOf: (type: string) => RowsOf;
  readonly #dialect: Dialect;
  readonly #given: Given;
  #aliases = 0;

  constructor(rowsOf: (type: string) => RowsOf, dialect: Dialect, given: Given) {
    this.#rowsOf = rowsOf;
    this.#dialect = dialect;
    this.#given = given;
  }

  /** One boolean, for `where`, of the row of `type` that `alias` names. NULL counts as false, as it does there. */
  condition(type: string, formula: Formula, alias: string): Sql {
    if (isEveryRow(formula)) return sql`true`;
    if (formula.length === 0) return sql`false`;
    return join(
      formula.map((terms) => this.#all(type, terms, alias)),
      ' or ',
      '(',
      ')',
    );
  }

  /**
   * The ids of the rows, with what they are sorted by, of each alternative. Each branch is in the wanted order, and has
   * `limit` rows at most. Their union holds the page. Columns: `id` and, where it is sorted, `sort`.
   */
  branches(type: string, formula: Formula, wanted: Wanted): Sql[] {
    const alternatives = isEveryRow(formula) ? [[]] : formula;
    return alternatives.map((terms) => this.#branch(type, terms, wanted));
  }

  /** All branches as one statement: `id` and `sort`, in order. No alternative: no row. */
  page(type: string, formula: Formula, wanted: Wanted): Sql {
    const branches = this.branches(type, formula, wanted);
    const [first, ...more] = branches;
    if (!first) return sql`select null::${raw(this.#dialect.idType)} as id, null as sort where false`;
    if (more.length === 0) return first;
    const united = join(
      branches.map((branch) => sql`(${branch})`),
      ' union ',
    );
    return sql`select * from (${united}) united${this.#rest(wanted, 'sort')}`;
  }

  /** How many rows there are. */
  count(type: string, formula: Formula, where: readonly SqlPiece[] = []): Sql {
    return sql`select count(*)::int as count from (${this.page(type, formula, { where })}) counted`;
  }

  /** Reads `id`, as text, of those of the rows with these ids that are among them. */
  check(type: string, formula: Formula, ids: readonly string[]): Sql {
    const id = this.#column(type, outer, null);
    const given = sql`${id} = any(${[...ids]}::${raw(this.#dialect.idType)}[])`;
    const condition = this.condition(type, formula, outer);
    return sql`select ${id}::text as id from ${name(this.#rowsOf(type).table)} ${raw(outer)} where ${given} and ${condition}`;
  }

  #branch(type: string, terms: Terms, wanted: Wanted): Sql {
    const driver = driverOf(terms);
    if (driver === null || driver.kind === 'viewer') return this.#read(type, terms, wanted);
    const others = terms.filter((term) => term !== driver);
    const row = this.#column(type, outer, driver.kind === 'listed' ? null : driver.property);
    const each = this.#read(type, others, wanted, sql`${row} = found.id`);
    const found = driver.kind === 'listed' ? this.#granted(driver.grants) : this.#ids(driver.type, driver.terms);
    return sql`select each.* from (${found}) found cross join lateral (${each}) each${this.#rest(wanted, 'sort')}`;
  }

  /** Rows of one table, sorted and cut as wanted. */
  #read(type: string, terms: Terms, wanted: Wanted, by: Sql | null = null): Sql {
    const { table } = this.#rowsOf(type);
    const conditions = [...(by ? [by] : []), ...this.#terms(type, terms, outer), ...(wanted.where ?? []).map(piece)];
    const where = conditions.length === 0 ? empty : sql` where ${join(conditions, ') and (', '(', ')')}`;
    const sort = wanted.sort ? sql`, ${raw(wanted.sort.expression)} as sort` : empty;
    const id = this.#column(type, outer, null);
    return sql`select ${id} as id${sort} from ${name(table)} ${raw(outer)}${where}${this.#rest(wanted, null)}`;
  }

  /** @param sorted the name of what it is sorted by; null: the expression itself. */
  #rest({ sort, limit }: Wanted, sorted: string | null): Sql {
    const order = sort
      ? sql` order by ${raw(sorted ?? sort.expression)} ${raw(sort.direction)}, id ${raw(sort.direction)}`
      : empty;
    return limit == null ? order : sql`${order} ${raw(`limit ${Math.trunc(limit)}`)}`;
  }

  /** The ids of all rows of a type that a viewer's id leads to, each once. */
  #ids(type: string, terms: Terms): Sql {
    const driver = driverOf(terms);
    const { table } = this.#rowsOf(type);
    const alias = this.#alias();
    const id = this.#column(type, alias, null);
    const read = (from: Sql, rest: Terms) => {
      const conditions = this.#terms(type, rest, alias);
      const where = conditions.length === 0 ? empty : sql` where ${join(conditions, ' and ')}`;
      return sql`select ${id} as id from ${from}${where}`;
    };
    if (driver === null || driver.kind === 'viewer') return read(sql`${name(table)} ${raw(alias)}`, terms);
    const others = terms.filter((term) => term !== driver);
    const found = driver.kind === 'listed' ? this.#granted(driver.grants) : this.#ids(driver.type, driver.terms);
    const leading = this.#alias();
    const column = this.#column(type, alias, driver.kind === 'listed' ? null : driver.property);
    return read(
      sql`(${found}) ${raw(leading)} join ${name(table)} ${raw(alias)} on ${column} = ${raw(leading)}.id`,
      others,
    );
  }

  /** The ids of the rows that the viewer is granted, each once. */
  #granted(grants: Grants): Sql {
    const alias = this.#alias();
    const conditions = this.#grant(grants, alias);
    return sql`select distinct ${column(alias, grants.row)} as id from ${name(grants.table)} ${raw(alias)} where ${join(conditions, ' and ')}`;
  }

  #grant({ viewer, where = {}, until }: Grants, alias: string): Sql[] {
    const conditions = [sql`${column(alias, viewer)} = ${this.#viewer()}`];
    for (const [property, values] of Object.entries(where)) {
      conditions.push(sql`${column(alias, property)} in (${join([...values])})`);
    }
    if (until !== undefined) {
      const end = column(alias, until);
      conditions.push(sql`(${end} is null or ${end} > ${this.#now()})`);
    }
    return conditions;
  }

  #all(type: string, terms: Terms, alias: string): Sql {
    return terms.length === 0 ? sql`true` : join(this.#terms(type, terms, alias), ' and ', '(', ')');
  }

  #terms(type: string, terms: Terms, alias: string): Sql[] {
    return terms.map((term) => this.#term(type, term, alias));
  }

  #term(type: string, term: Term, alias: string): Sql {
    switch (term.kind) {
      case 'viewer':
        return sql`${this.#column(type, alias, term.property)} = ${this.#viewer()}`;
      case 'state':
        return sql`${this.#column(type, alias, term.property)} in (${join([...term.values])})`;
      case 'tenant': {
        const column = this.#column(type, alias, term.property);
        const { tenant } = this.#given;
        // `is not distinct from` is served by no index.
        return tenant === null
          ? sql`${column} is null`
          : sql`${column} = ${this.#unseen(tenant, this.#dialect.tenantType)}`;
      }
      case 'listed': {
        const edge = this.#alias();
        const row = sql`${column(edge, term.grants.row)} = ${this.#column(type, alias, null)}`;
        const conditions = join([row, ...this.#grant(term.grants, edge)], ' and ');
        return sql`exists (select 1 from ${name(term.grants.table)} ${raw(edge)} where ${conditions})`;
      }
      case 'parent': {
        const parent = this.#alias();
        const { table } = this.#rowsOf(term.type);
        const row = sql`${this.#column(term.type, parent, null)} = ${this.#column(type, alias, term.property)}`;
        const conditions = join([row, ...this.#terms(term.type, term.terms, parent)], ' and ');
        return sql`exists (select 1 from ${name(table)} ${raw(parent)} where ${conditions})`;
      }
    }
  }

  /** @param property null: the id. */
  #column(type: string, alias: string, property: string | null): Sql {
    const { id = 'id', columns } = this.#rowsOf(type);
    const named = property === null ? (columns[id] ?? id) : columns[property];
    if (named === undefined) throw new TypeError(`rows of ${type} have no column for ${property}`);
    return column(alias, named);
  }

  #viewer(): Sql {
    return this.#unseen(this.#given.viewer, this.#dialect.idType);
  }

  #now(): Sql {
    return this.#unseen(this.#given.now.toISOString(), 'timestamptz');
  }

  /** In a subquery no value is seen when a plan is made: one plan serves all viewers. */
  #unseen(value: string | null, type: string): Sql {
    return sql`(select ${value}::${raw(type)})`;
  }

  #alias(): string {
    return `r${++this.#aliases}`;
  }
}

type Driver = Extract<Term, { kind: 'viewer' | 'listed' | 'parent' }>;

/** The term that finds the rows from the viewer's id: the nearest to the row. Null: none does. */
function driverOf(terms: Terms): Driver | null {
  for (const kind of ['viewer', 'listed'] as const) {
    const found = terms.find((term) => term.kind === kind);
    if (found) return found as Driver;
  }
  const parents = terms.filter((term): term is Extract<Term, { kind: 'parent' }> => term.kind === 'parent');
  return parents.find((term) => driverOf(term.terms) !== null) ?? null;
}

function piece({ strings, values }: SqlPiece): Sql {
  return new Sql(strings, values);
}

function name(text: string): Sql {
  return raw(`"${text.replaceAll('"', '""')}"`);
}

function column(alias: string, text: string): Sql {
  return sql`${raw(alias)}.${name(text)}`;
}
