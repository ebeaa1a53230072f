/**
 * Which rows a viewer sees, read five ways from one description: a list by condition, pages walked both ways, a count,
 * a check of given ids, and the proof from a row's own properties. Each must agree with a naive reading.
 */
import fc from 'fast-check';
import sql, { empty, join, raw, type Sql } from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Formula } from '../../../src/authorization/rows/formula.ts';
import { RowFormulas, type RowPolicies, type RowPolicy } from '../../../src/authorization/rows/row-policy.ts';
import { proves } from '../../../src/authorization/rows/row-proof.ts';
import { RowSql, type Wanted } from '../../../src/authorization/rows/sql.ts';
import type { Database, EntityManager } from '../../../src/database/database.ts';
import { ask } from '../../../src/lists/rows.ts';
import { testDatabases } from '../../support/database.ts';
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

const settings = fc.record({
  policies: somePolicies,
  world: someWorld,
  askers: fc.array(someAsker, { minLength: 2, maxLength: 4 }),
  size: fc.integer({ min: 1, max: 5 }),
  direction: fc.constantFrom('asc', 'desc'),
  isFiltered: fc.boolean(),
});

describe.each(testDatabases())('rows that a viewer sees, on $name', (target) => {
  let database: Database;
  let em: EntityManager;
  beforeAll(async () => {
    database = await target.open();
    em = database.fork();
    for (const type of types) {
      await ask(
        em,
        raw(`create table ${tableOf(type)} (id uuid, owner_id uuid, assignee_id uuid, tenant_id uuid,
        parent_id uuid, status text, rank int)`),
      );
      await ask(
        em,
        raw(`create table ${tableOf(type)}_grants (row_id uuid, user_id uuid, access text,
        expires_at timestamptz)`),
      );
    }
  });
  afterAll(() => database?.close());

  it('are the same in lists, pages, counts, checks and proofs', async () => {
    let judged = 0;
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(settings, async ({ policies, world, askers, size, direction, isFiltered }) => {
        await fill(em, world);
        for (const asker of askers) {
          const naive = new Naive(world, policies, asker);
          const formulas = new RowFormulas(policies, subjectOf(asker));
          for (const type of types) {
            const all = world[type].rows;
            const visible = all.filter((row) => naive.sees(type, row));
            const formula = formulas.visible(type);
            const reading = new Reading(em, type, { formula, policies, asker });
            const filter = isFiltered ? [sql`status = ${'PUBLISHED'}`] : [];
            const matching = visible.filter(({ status }) => !isFiltered || status === 'PUBLISHED');
            expect(await reading.list()).toEqual(ids(visible));
            expect(await reading.count(filter)).toBe(matching.length);
            expect(await reading.check(all.map(({ id }) => id))).toEqual(ids(visible));
            const walked = await reading.walk({ size, direction: direction as 'asc' | 'desc', filter });
            expect(walked).toEqual(inOrder(matching, direction));
            for (const row of all) {
              const proof = proves(formula, row, { viewer: asker.id, tenant: asker.tenant });
              if (proof !== undefined) expect([row.id, proof]).toEqual([row.id, visible.includes(row)]);
            }
            judged += all.length;
            seen += visible.length;
          }
        }
      }),
      { numRuns: 120 },
    );
    // Were all or none visible, agreement would say little.
    expect(seen).toBeGreaterThan(judged / 20);
    expect(seen).toBeLessThan((judged * 9) / 10);
  });
});

class Reading {
  readonly #em: EntityManager;
  readonly #type: TypeName;
  readonly #formula: Formula;
  readonly #sql: () => RowSql;

  constructor(
    em: EntityManager,
    type: TypeName,
    { formula, policies, asker }: { formula: Formula; policies: RowPolicies; asker: Asker },
  ) {
    this.#em = em;
    this.#type = type;
    this.#formula = formula;
    const given = { viewer: asker.id, tenant: asker.tenant, now };
    this.#sql = () =>
      new RowSql((name) => (policies.get(name) as RowPolicy).rows, { idType: 'uuid', tenantType: 'uuid' }, given);
  }

  async list(): Promise<string[]> {
    const condition = this.#sql().condition(this.#type, this.#formula, 't');
    return await this.#ids(sql`select t.id from ${raw(tableOf(this.#type))} t where ${condition} order by t.id`);
  }

  async check(wanted: readonly string[]): Promise<string[]> {
    const condition = this.#sql().condition(this.#type, this.#formula, 't');
    const given = sql`t.id in (${join([...wanted])})`;
    return await this.#ids(
      sql`select t.id from ${raw(tableOf(this.#type))} t where ${given} and ${condition} order by t.id`,
    );
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

  async #ids(statement: Sql): Promise<string[]> {
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
