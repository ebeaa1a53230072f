/** The embedded database loses stack with each failing statement. It is opened again, and no client notices. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { PgliteConnection } from '@mikro-orm/pglite';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sharedOptions } from '../../../../mikro-orm.config.ts';
import { openDatabase } from '../../../../src/database/connection.ts';
import type { Database } from '../../../../src/database/database.ts';
import { type EmbeddedPglite, renewing } from '../../../../src/database/embedded/renewal.ts';
import { isDatabaseLost } from '../../../../src/database/faults.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'gatewright-renewal-'));
let database: Database;
let pglite: EmbeddedPglite;

beforeAll(async () => {
  database = await openDatabase({ kind: 'embedded', dataDir }, sharedOptions);
  pglite = await (database.orm.em.getConnection() as unknown as PgliteConnection).getNativeClient();
  await pglite.query('create table kept (id int primary key)');
});
afterAll(async () => {
  await database.close();
  rmSync(dataDir, { recursive: true });
});

it('takes 3,500 statements that fail, some in savepoints, and reads, writes and notifies as before', async () => {
  const heard: string[] = [];
  await pglite.listen('told', (payload) => heard.push(payload));
  await pglite.query('insert into kept values (1)');
  const codes = new Set<unknown>();
  const fail = (em = database.fork()) =>
    em.execute('insert into kept values (1)').catch((error) => codes.add(error.code));
  for (let count = 0; count < 3000; count++) await fail();
  await database.fork().transactional(async (tx) => {
    for (let count = 0; count < 500; count++)
      await tx.transactional((inner) => inner.execute('select 1 / 0')).catch(() => {});
    await tx.execute('insert into kept values (2)');
  });
  expect([...codes]).toEqual(['23505']);
  await database.ping();
  expect(await database.fork().execute('select id from kept order by id')).toEqual([{ id: 1 }, { id: 2 }]);
  await pglite.query("notify told, 'still'");
  await vi.waitFor(() => expect(heard).toEqual(['still']));
}, 120_000);

it('says that the database is lost while it may not be opened anew, and comes back when it may', async () => {
  let may = false;
  const opened: PGlite[] = [];
  const open = async () => {
    const one = await PGlite.create('memory://');
    opened.push(one);
    return one;
  };
  const renewed = await renewing(open, async () => may);
  const deep = "do $$ begin raise exception 'deep' using errcode = '54001'; end $$";
  const refused = await renewed.query(deep).catch((error: unknown) => error);
  expect(isDatabaseLost(refused)).toBe(true);
  expect((await renewed.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }]);
  expect(opened).toHaveLength(1);
  may = true;
  await renewed.query(deep).catch(() => {});
  expect((await renewed.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }]);
  expect(opened).toHaveLength(2);
  await renewed.close();
});

it('tells of a transaction that cannot begin, and does not wait for it', async () => {
  const renewed = await renewing(
    () => PGlite.create('memory://'),
    async () => false,
  );
  await renewed.close();
  const work = vi.fn(async (tx: { query(text: string): Promise<unknown> }) => tx.query('select 1'));
  await expect(renewed.transaction(work)).rejects.toThrow('closed');
  expect(work).toHaveBeenCalledOnce();
});
