/** The five readings of which rows a viewer sees, compared with a naive one. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import sql, { empty, join, raw, Sql } from 'sql-template-tag';
import type { Formula } from '../../../src/authorization/rows/formula.ts';
import type { RowFormulas, RowPolicies, RowPolicy } from '../../../src/authorization/rows/row-policy.ts';
import type { proves } from '../../../src/authorization/rows/row-proof.ts';
import type { RowSql, Wanted } from '../../../src/authorization/rows/sql.ts';
import type { EntityManager } from '../../../src/database/database.ts';
import { ask } from '../../../src/lists/rows.ts';
import {
  type Asker,
  Naive,
  now,
  someAsker,
  somePolicies,
  someWorld,
  subjectOf,
  type TypeName,
  tableOf,
  types,
  type World,
  type WorldRow,
} from './rows.world.ts';

/** What is read with: the engine's own modules, or a mutant of one. */
export interface Engine {
  readonly RowFormulas: typeof RowFormulas;
  readonly RowSql: typeof RowSql;
  readonly proves: typeof proves;
}

export const settings = fc.record({
  policies: somePolicies,
  world: someWorld,
  askers: fc.array(someAsker, { minLength: 2, maxLength: 4 }),
  size: fc.integer({ min: 1, max: 5 }),
  direction: fc.constantFrom('asc' as const, 'desc' as const),
  isFiltered: fc.boolean(),
});

export type Setting = typeof settings extends fc.Arbitrary<infer Value> ? Value : never;

export async function makeTables(em: EntityManager): Promise<void> {
  for (const type of types) {
    const table = tableOf(type);
    const columns = 'id uuid, owner_id uuid, assignee_id uuid, tenant_id uuid, parent_id uuid, status text, rank int';
    await ask(em, raw(`create table ${table} (${columns})`));
    const ofGrants = 'row_id uuid, user_id uuid, access text, expires_at timestamptz';
    await ask(em, raw(`create table ${table}_grants (${ofGrants})`));
  }
}

export interface Compared {
  /** How many rows were judged, and how many of them a viewer sees. */
  readonly judged: number;
  readonly seen: number;
  /** The reading that differs, with what it read and what was expected; null: all agree. */
  readonly difference: { readonly reading: string; readonly read: unknown; readonly expected: unknown } | null;
}

/** Stops at the first difference. */
export async function compare(em: EntityManager, engine: Engine, setting: Setting): Promise<Compared> {
  const { policies, world, askers, isFiltered } = setting;
  await fill(em, world);
  let [judged, seen] = [0, 0];
  for (const asker of askers) {
    const naive = new Naive(world, policies, asker);
    for (const type of types) {
      const visible = world[type].rows.filter((row) => naive.sees(type, row));
      const matching = visible.filter(({ status }) => !isFiltered || status === 'PUBLISHED');
      const reading = new Reading(em, engine, { type, policies, asker });
      for await (const [name, read, expected] of reading.all(setting, { visible, matching })) {
        if (!isDeepStrictEqual(read, expected)) return { judged, seen, difference: { reading: name, read, expected } };
      }
      judged += world[type].rows.length;
      seen += visible.length;
    }
  }
  return { judged, seen, difference: null };
}

type Read = readonly [reading: string, read: unknown, expected: unknown];

class Reading {
  readonly #em: EntityManager;
  readonly #engine: Engine;
  readonly #type: TypeName;
  readonly #asker: Asker;
  readonly #formula: Formula;
  readonly #sql: () => RowSql;

  constructor(
    em: EntityManager,
    engine: Engine,
    { type, policies, asker }: { type: TypeName; policies: RowPolicies; asker: Asker },
  ) {
    this.#em = em;
    this.#engine = engine;
    this.#type = type;
    this.#asker = asker;
    this.#formula = new engine.RowFormulas(policies, subjectOf(asker)).visible(type);
    const given = { viewer: asker.id, tenant: asker.tenant, now };
    const rowsOf = (name: string) => (policies.get(name) as RowPolicy).rows;
    this.#sql = () => new engine.RowSql(rowsOf, { idType: 'uuid', tenantType: 'uuid' }, given);
  }

  async *all(
    { world, size, direction, isFiltered }: Setting,
    { visible, matching }: { visible: readonly WorldRow[]; matching: readonly WorldRow[] },
  ): AsyncGenerator<Read> {
    const filter = isFiltered ? [sql`status = ${'PUBLISHED'}`] : [];
    const rows = world[this.#type].rows;
    yield ['list', await this.list(), ids(visible)];
    yield ['count', await this.count(filter), matching.length];
    yield ['check', await this.check(ids(rows)), ids(visible)];
    yield ['pages', await this.walk({ size, direction, filter }), inOrder(matching, direction)];
    const known = { viewer: this.#asker.id, tenant: this.#asker.tenant };
    for (const row of rows) {
      const proof = this.#engine.proves(this.#formula, row, known);
      if (proof !== undefined) yield ['proof', proof, visible.includes(row)];
    }
  }

  async list(): Promise<string[]> {
    const { strings, values } = this.#sql().condition(this.#type, this.#formula, 't');
    const condition = new Sql(strings, values);
    return await this.#ids(sql`select t.id from ${raw(tableOf(this.#type))} t where ${condition} order by t.id`);
  }

  async check(wanted: readonly string[]): Promise<string[]> {
    return (await this.#ids(this.#sql().check(this.#type, this.#formula, wanted))).sort();
  }

  async count(where: readonly Sql[]): Promise<number> {
    const [read] = await ask<{ count: number }>(this.#em, this.#sql().count(this.#type, this.#formula, where));
    return read?.count ?? -1;
  }

  /** Page after page, to the end. */
  async walk({ size, direction, filter }: { size: number; direction: 'asc' | 'desc'; filter: Sql[] }) {
    const walked: string[] = [];
    let position: Sql = empty;
    for (;;) {
      const where = position === empty ? filter : [...filter, position];
      const wanted: Wanted = { sort: { expression: 'rank', direction }, where, limit: size };
      const rows = await ask<{ id: string; sort: number }>(
        this.#em,
        this.#sql().page(this.#type, this.#formula, wanted),
      );
      walked.push(...rows.map(({ id }) => id));
      const last = rows.at(-1);
      if (rows.length < size || !last) return walked;
      if (walked.length > 100) throw new Error('the walk does not end');
      position = sql`(rank, id) ${raw(direction === 'asc' ? '>' : '<')} (${last.sort}::int, ${last.id}::uuid)`;
    }
  }

  async #ids(statement: Pick<Sql, 'text' | 'values'>): Promise<string[]> {
    return (await ask<{ id: string }>(this.#em, statement)).map(({ id }) => id);
  }
}

function ids(rows: readonly WorldRow[]): string[] {
  return rows.map(({ id }) => id).sort();
}

function inOrder(rows: readonly WorldRow[], direction: string): string[] {
  const sorted = [...rows].sort((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1));
  return (direction === 'asc' ? sorted : sorted.reverse()).map(({ id }) => id);
}

async function fill(em: EntityManager, world: World): Promise<void> {
  for (const type of types) {
    const table = tableOf(type);
    const { rows, grants } = world[type];
    await ask(em, raw(`truncate ${table}, ${table}_grants`));
    const written = rows.map(
      (row) =>
        sql`(${row.id}::uuid, ${row.ownerId}::uuid, ${row.assigneeId}::uuid, ${row.tenantId}::uuid,
          ${row.parentId}::uuid, ${row.status}, ${row.rank}::int)`,
    );
    await ask(em, sql`insert into ${raw(table)} values ${join(written)}`);
    if (grants.length === 0) continue;
    const granted = grants.map(
      ({ rowId, userId, access, expiresAt }) =>
        sql`(${rowId}::uuid, ${userId}::uuid, ${access}, ${expiresAt}::timestamptz)`,
    );
    await ask(em, sql`insert into ${raw(`${table}_grants`)} values ${join(granted)}`);
  }
}
