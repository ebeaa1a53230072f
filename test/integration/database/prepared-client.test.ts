import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { PreparingClient } from '../../../src/database/prepared-client.ts';
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

  it('does not prepare what has no values, or came once', async () => {
    for (let time = 0; time < 5; time++) await client.query('select 41 as answer');
    await client.query('select $1::int as once', [1]);
    expect((await prepared()).filter((text: string) => /answer|once/.test(text))).toEqual([]);
  });

  it('keeps a hundred statements, those used last', async () => {
    const texts = Array.from({ length: 120 }, (_, i) => `select $1::int as many_${i}`);
    for (const text of texts) for (let time = 0; time < 3; time++) await client.query(text, [time]);
    const kept = await prepared();
    expect(kept.length).toBeLessThanOrEqual(101);
    expect(kept).toContain(texts.at(-1));
    expect(kept).not.toContain(texts[0]);
    expect((await client.query(texts[0] as string, [7])).rows).toEqual([{ many_0: 7 }]);
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

  it('prepares nothing more where a pooler forgets it', async () => {
    const text = 'select $1::int as forgotten';
    for (let time = 0; time < 4; time++) await client.query(text, [time]);
    await client.query('deallocate all');
    expect((await client.query(text, [9])).rows).toEqual([{ forgotten: 9 }]);
    expect((await client.query(text, [10])).rows).toEqual([{ forgotten: 10 }]);
    expect(await prepared()).toEqual([]);
  });
});
