import sql, { raw } from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/database/database.ts';
import { planned } from '../../../src/database/prepared-client.ts';
import { ask, columnAs, Rows, Unseen } from '../../../src/lists/rows.ts';
import { testDatabases } from '../../support/database.ts';
import { statementsOf } from '../tasks/fixtures.ts';

describe.each(testDatabases())('rows, on $name', ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database?.close());

  const numbers = () => new Rows<{ n: number }>(database.fork(), { columns: ['n'], from: 'generate_series(1, 4) n' });

  it('meet every condition, also when one contains an `or`', async () => {
    const some = numbers().where(sql`n > 2`);
    expect(await some.where(sql`n = 1 or n = 3`).read()).toEqual([{ n: 3 }]);
    expect(await numbers().where(sql`n = 1 or n = 3`, sql`true`).read()).toEqual([{ n: 1 }, { n: 3 }]);
    expect(await some.read(sql`order by n desc`)).toEqual([{ n: 4 }, { n: 3 }]);
  });

  it('are all rows without a condition, and narrowing leaves the original as it is', async () => {
    const all = numbers();
    expect(await all.where(sql`false`).read()).toEqual([]);
    expect(await all.read()).toHaveLength(4);
  });

  it('are read with other columns, or more, under the same conditions', async () => {
    const one = numbers().where(sql`n = ${2}`);
    expect(await one.reading(columnAs('n * 10', 'tenfold')).read()).toEqual([{ tenfold: 20 }]);
    expect(await one.with(columnAs('n + 1', 'next')).read()).toEqual([{ n: 2, next: 3 }]);
  });

  it('can hide values from the plan, and show them when the plan is made for them', async () => {
    const isTwo = () => sql`n = ${new Unseen('int', '2')}`;
    const sent = async (rows: Rows<{ n: number }>) => {
      const [statement] = await statementsOf(database, async () => expect(await rows.read()).toEqual([{ n: 2 }]));
      return statement?.sql;
    };
    const of = (condition: string) => `select n from generate_series(1, 4) n where ${condition} `;
    expect(await sent(numbers().where(isTwo()))).toBe(of('(n = (select $1::int))'));
    expect(await sent(numbers().where(isTwo()).filter(sql`n < ${3}`))).toBe(
      `${planned}${of('(n = $1::int) and (n < $2)')}`,
    );
    expect(await numbers().where(isTwo()).filter(sql`n > ${2}`).read()).toEqual([]);
    expect(await ask(database.fork(), sql`select n from generate_series(1, 4) n where ${isTwo()}`)).toEqual([{ n: 2 }]);
  });

  it('apply each condition once, and similar ones separately', async () => {
    const is = (n: string) => sql`n = ${new Unseen('int', n)}`;
    const twice = numbers().where(is('2')).where(is('2'), sql`n <= ${3}`, sql`n <= ${3}`);
    const [statement] = await statementsOf(database, async () => expect(await twice.read()).toEqual([{ n: 2 }]));
    expect(statement?.parameters).toEqual(['2', 3]);
    expect(await numbers().where(is('2')).where(is('3')).read()).toEqual([]);
    expect(await numbers().where(sql`n <= ${3}`, sql`n <= ${1}`).read()).toEqual([{ n: 1 }]);
    expect(await numbers().where(sql`n <= ${3}`, sql`n >= ${3}`).read()).toEqual([{ n: 3 }]);
  });

  it('of one session are read one after the other, also after one that fails', async () => {
    const em = database.fork();
    const read = (text: string) => ask<{ n: number }>(em, sql`select ${raw(text)} as n`);
    const answers = await Promise.allSettled([read('1'), read('1 / 0'), read('nothing'), read('2')]);
    expect(answers.map((each) => (each.status === 'fulfilled' ? each.value : 'failed'))).toEqual([
      [{ n: 1 }],
      'failed',
      'failed',
      [{ n: 2 }],
    ]);
    expect(await read('3')).toEqual([{ n: 3 }]);
  });

  it('of one session are not read just after the database was slow, and are the next time', async () => {
    const em = database.fork();
    const read = (text: string) => ask<{ n: number }>(em, raw(text));
    const slow = "do $$ begin raise exception 'slow' using errcode = '57014'; end $$";
    const failed = { status: 'rejected', reason: { code: '57014' } };
    const [first, ...others] = await Promise.allSettled([
      read('select 1 as n'),
      read(slow),
      read('select 2'),
      read('x'),
    ]);
    expect(first).toEqual({ status: 'fulfilled', value: [{ n: 1 }] });
    expect(others).toMatchObject([failed, failed, failed]);
    expect(await read('select 3 as n')).toEqual([{ n: 3 }]);
  });

  it('in a transaction are read in it, and it may wait for others', async () => {
    const em = database.fork();
    const other = em.transactional(async (tx) => await ask(tx as typeof em, sql`select 1 as n`));
    expect(await other).toEqual([{ n: 1 }]);
    expect(await ask(em, sql`select 2 as n`)).toEqual([{ n: 2 }]);
  });
});
