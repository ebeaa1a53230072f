import fc from 'fast-check';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { PreparingClient, planned } from '../../../src/database/prepared-client.ts';
import { createServerDatabase } from '../../support/database.ts';

describe.runIf(inject('server'))('a connection that prepares', () => {
  let made: { url: string; drop: () => Promise<void> };
  let client: PreparingClient;
  beforeAll(async () => {
    made = await createServerDatabase();
    client = new PreparingClient({ connectionString: made.url });
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await made.drop();
  });

  const prepared = async () =>
    (await client.query('select statement from pg_prepared_statements')).rows.map(
      ({ statement }: { statement: string }) => statement,
    );

  it('prepares what comes again, and answers as before', async () => {
    const text = 'select $1::int + 1 as next';
    for (let time = 0; time < 5; time++) {
      expect((await client.query(text, [time])).rows).toEqual([{ next: time + 1 }]);
      expect(await prepared()).toEqual(time < 2 ? [] : [text]);
    }
  });

  it('prepares a query without values, and nothing else without them', async () => {
    const text = 'select 40 + 2 as valueless';
    for (let time = 0; time < 5; time++) {
      expect((await client.query(text, [])).rows).toEqual([{ valueless: 42 }]);
      expect((await prepared()).includes(text)).toBe(time >= 2);
    }
    for (let time = 0; time < 5; time++) {
      const both = await client.query('select 1 as first; select 2 as second', []);
      expect(both.map(({ rows }: { rows: object[] }) => rows)).toEqual([[{ first: 1 }], [{ second: 2 }]]);
      await client.query('create temporary table if not exists valueless_made (n int)', []);
    }
    expect((await prepared()).filter((text: string) => /first|made/.test(text))).toEqual([]);
  });

  it('does not prepare what comes without a list of values, came once, or is planned for its values', async () => {
    for (let time = 0; time < 5; time++) await client.query('select 41 as answer');
    await client.query('select $1::int as once', [1]);
    const forValues = `${planned}select $1::int as for_values`;
    for (let time = 0; time < 5; time++) {
      expect((await client.query(forValues, [time])).rows).toEqual([{ for_values: time }]);
    }
    expect((await prepared()).filter((text: string) => /answer|once|for_values/.test(text))).toEqual([]);
  });

  it('keeps a hundred statements, and begins anew with one more', async () => {
    const texts = Array.from({ length: 120 }, (_, i) => `select $1::int as many_${i}`);
    for (const text of texts) for (let time = 0; time < 3; time++) await client.query(text, [time]);
    const kept = await prepared();
    expect(kept.length).toBeLessThanOrEqual(101);
    expect(kept).toContain(texts.at(-1));
    expect(kept).not.toContain(texts[0]);
    expect((await client.query(texts[0] as string, [7])).rows).toEqual([{ many_0: 7 }]);
  });

  it('names at most a thousand statements, goes on without names, and keeps those it has', async () => {
    const naming = new PreparingClient({ connectionString: made.url });
    await naming.connect();
    try {
      const named = async () =>
        (await naming.query('select statement from pg_prepared_statements')).rows.map(
          ({ statement }: { statement: string }) => statement,
        );
      const askOften = async (text: string) => {
        for (let time = 0; time < 4; time++) expect((await naming.query(text, [time])).rows).toEqual([{ n: time }]);
      };
      for (let i = 0; i < 999; i++) await askOften(`select $1::int as n /* shape ${i} */`);
      await askOften('select $1::int as n /* the last with a name */');
      expect(await named()).toContain('select $1::int as n /* the last with a name */');
      await askOften('select $1::int as n /* one too many */');
      const kept = await named();
      expect(kept).not.toContain('select $1::int as n /* one too many */');
      expect(kept).toContain('select $1::int as n /* the last with a name */');
      await askOften('select $1::int as n /* the last with a name */');
    } finally {
      await naming.end();
    }
  });

  it('goes on where a column has another type by now', async () => {
    await client.query('create table shapes (id int, side int)');
    await client.query('insert into shapes values (1, 4)');
    const text = 'select * from shapes where id = $1';
    for (let time = 0; time < 4; time++) expect((await client.query(text, [1])).rows).toEqual([{ id: 1, side: 4 }]);
    await client.query('alter table shapes alter side type text');
    expect((await client.query(text, [1])).rows).toEqual([{ id: 1, side: '4' }]);
    expect((await client.query(text, [2])).rows).toEqual([]);
  });

  it('reports what a statement itself does wrong, each time', async () => {
    for (let time = 0; time < 5; time++) {
      await expect(client.query('select 1 / $1::int', [0])).rejects.toMatchObject({ code: '22012' });
    }
  });

  describe('reads as the driver does', () => {
    let driver: Client;
    beforeAll(async () => {
      driver = new Client({ connectionString: made.url });
      await driver.connect();
    });
    afterAll(() => driver?.end());

    async function compare(text: string, values: unknown[]): Promise<Record<string, unknown>[]> {
      const expected = await driver.query(text, values);
      for (let time = 0; time < 5; time++) {
        const { rows, rowCount, command } = await client.query(text, values);
        expect({ rows, rowCount, command }).toEqual({
          rows: expected.rows,
          rowCount: expected.rowCount,
          command: expected.command,
        });
      }
      return expected.rows;
    }

    it('texts of any characters and any length, and nulls', async () => {
      const text = 'select one, other, length(one) as long from unnest($1::text[], $2::text[]) as pair(one, other)';
      const character = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ maxLength: 300 }), fc.constant(''));
      const storable = character.map((value) => value.replaceAll('\0', '').toWellFormed());
      const pairs = fc.array(fc.tuple(fc.option(storable), fc.option(storable)), { maxLength: 40 });
      await fc.assert(
        fc.asyncProperty(pairs, async (given) => {
          const [ones, others] = [given.map(([one]) => one), given.map(([, other]) => other)];
          expect(await compare(text, [ones, others])).toHaveLength(given.length);
        }),
        { numRuns: 30 },
      );
    });

    it('answers that come in many pieces', async () => {
      const text = "select n, repeat('äx', n) as twice, repeat('a', 20000) as long from generate_series(1, $1::int) n";
      expect(await compare(text, [200])).toHaveLength(200);
    });

    it('types, columns of one name, and a column called `__proto__`', async () => {
      const text = `select $1::int as a, $1::bigint as b, 1.5::float as c, true as d, null as e, now() as f, $2::uuid as g,
        '{"x": [1]}'::jsonb as h, array[1, 2] as i, 'second' as a, 'own' as "__proto__", '\\x00ff'::bytea as j`;
      const values = [7, '018f8f3c-0000-7000-8000-000000000000'];
      const expected = await driver.query(text, values);
      for (let time = 0; time < 5; time++) {
        const { rows } = await client.query(text, values);
        expect(Object.keys(rows[0])).toEqual(Object.keys(expected.rows[0]));
        expect(rows[0]).toMatchObject({ a: 'second', b: '7', d: true, e: null, h: { x: [1] }, i: [1, 2] });
        expect(Object.getPrototypeOf(rows[0])).toBe(Object.prototype);
        expect(rows[0].f).toBeInstanceOf(Date);
      }
    });

    it('statements that return no rows, and what they count', async () => {
      await driver.query('create table counted (id int)');
      for (let time = 0; time < 5; time++) {
        const { rows, rowCount, command } = await client.query('insert into counted values ($1), ($1)', [time]);
        expect({ rows, rowCount, command }).toEqual({ rows: [], rowCount: 2, command: 'INSERT' });
      }
      expect(await compare('select count(*)::int as there from counted where id >= $1', [0])).toEqual([{ there: 10 }]);
    });
  });

  it('refuses a value that cannot be sent, and goes on', async () => {
    const text = 'select $1::text as value';
    for (let time = 0; time < 4; time++) await client.query(text, ['sent']);
    const circular: { self?: unknown } = {};
    circular.self = circular;
    await expect(client.query(text, [circular])).rejects.toThrow(/circular/i);
    expect((await client.query(text, ['sent'])).rows).toEqual([{ value: 'sent' }]);
  });

  it('goes on after a statement that failed in the middle of its rows', async () => {
    const text = 'select 10 / (3 - n) as part from generate_series(1, $1::int) n';
    for (let time = 0; time < 4; time++) expect((await client.query(text, [2])).rows).toHaveLength(2);
    await expect(client.query(text, [5])).rejects.toMatchObject({ code: '22012' });
    expect((await client.query(text, [2])).rows).toEqual([{ part: 5 }, { part: 10 }]);
  });

  it('prepares nothing more where a pooler forgets it', async () => {
    const text = 'select $1::int as forgotten';
    for (let time = 0; time < 4; time++) await client.query(text, [time]);
    await client.query('deallocate all');
    expect((await client.query(text, [9])).rows).toEqual([{ forgotten: 9 }]);
    expect((await client.query(text, [10])).rows).toEqual([{ forgotten: 10 }]);
    expect(await prepared()).toEqual([]);
  });
});
