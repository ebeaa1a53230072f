import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/database/connection.ts';
import { columnAs, Rows } from '../../../src/database/rows.ts';
import { testDatabases } from '../../support/database.ts';

describe.each(testDatabases())('rows, on $name', ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database?.close());

  const numbers = () => new Rows<{ n: number }>(database.fork(), { columns: ['n'], from: 'generate_series(1, 4) n' });

  it('are those that every condition allows, also where one of them says or', async () => {
    const some = numbers().where(sql`n > 2`);
    expect(await some.where(sql`n = 1 or n = 3`).read()).toEqual([{ n: 3 }]);
    expect(await numbers().where(sql`n = 1 or n = 3`, sql`true`).read()).toEqual([{ n: 1 }, { n: 3 }]);
    expect(await some.read(sql`order by n desc`)).toEqual([{ n: 4 }, { n: 3 }]);
  });

  it('are all where there is no condition, and what is narrowed down leaves them as they are', async () => {
    const all = numbers();
    expect(await all.where(sql`false`).read()).toEqual([]);
    expect(await all.read()).toHaveLength(4);
  });

  it('are read with other columns, or more, under the same conditions', async () => {
    const one = numbers().where(sql`n = ${2}`);
    expect(await one.reading(columnAs('n * 10', 'tenfold')).read()).toEqual([{ tenfold: 20 }]);
    expect(await one.with(columnAs('n + 1', 'next')).read()).toEqual([{ n: 2, next: 3 }]);
  });
});
