/** A transaction that PostgreSQL undoes without a fault of the server runs again; no other does. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { sharedOptions } from '../../../mikro-orm.config.ts';
import { openDatabase } from '../../../src/database/connection.ts';
import type { Database, EntityManager } from '../../../src/database/database.ts';
import { inTransaction } from '../../../src/database/transaction.ts';
import { createServerDatabase } from '../../support/database.ts';

describe.runIf(inject('server'))('a transaction', () => {
  let made: { url: string; drop: () => Promise<void> };
  let database: Database;
  beforeAll(async () => {
    made = await createServerDatabase();
    database = await openDatabase({ kind: 'postgresql', url: made.url }, sharedOptions);
    await database.fork().execute('create table counters (name text primary key, count int not null)');
    await database.fork().execute("insert into counters values ('a', 0), ('b', 0)");
  });
  afterAll(async () => {
    await database.close();
    await made.drop();
  });

  const count = (em: EntityManager, name: string) =>
    em.execute('update counters set count = count + 1 where name = ?', [name]);
  const counts = async () => {
    const rows = await database.fork().execute<{ count: number }[]>('select count from counters order by name');
    return rows.map((row) => row.count);
  };
  const failing = (code: string) => `do $$ begin raise exception 'refused' using errcode = '${code}'; end $$`;

  it('that another one deadlocks with is done again, and both are done once', async () => {
    const [before = 0] = await counts();
    const met = Promise.withResolvers<void>();
    let begun = 0;
    const both = async (names: string[]) => {
      await inTransaction(database.fork(), async (tx) => {
        await count(tx, names[0] as string);
        if (++begun === 2) met.resolve();
        await met.promise;
        await count(tx, names[1] as string);
      });
    };
    await Promise.all([both(['a', 'b']), both(['b', 'a'])]);
    expect(begun).toBe(3);
    expect(await counts()).toEqual([before + 2, before + 2]);
  });

  it.each(['40001', '40P01', '0A000', '26000'])('that fails by %s is done four times at the most', async (code) => {
    let attempts = 0;
    const work = (fails: number) =>
      inTransaction(database.fork(), async (tx) => {
        await count(tx, 'a');
        if (attempts++ < fails) await tx.execute(failing(code));
      });
    const [before = 0] = await counts();
    await work(3);
    expect([attempts, (await counts())[0]]).toEqual([4, before + 1]);
    attempts = 0;
    await expect(work(Number.POSITIVE_INFINITY)).rejects.toMatchObject({ code });
    expect([attempts, (await counts())[0]]).toEqual([4, before + 1]);
  });

  it.each(['23505', '57014', 'P0001'])('that fails by %s is not done again', async (code) => {
    let attempts = 0;
    const work = inTransaction(database.fork(), async (tx) => {
      attempts++;
      await tx.execute(failing(code));
    });
    await expect(work).rejects.toMatchObject({ code });
    expect(attempts).toBe(1);
  });

  it('inside another one is done again with that alone', async () => {
    let [outer, inner] = [0, 0];
    await inTransaction(database.fork(), async (tx) => {
      outer++;
      await inTransaction(tx, async (nested) => {
        if (inner++ === 0) await nested.execute(failing('40P01'));
      });
    });
    expect([outer, inner]).toEqual([2, 2]);
  });

  it('goes on while a migration changes what its prepared statements return', async () => {
    const read = () =>
      inTransaction(database.fork(), async (tx) => {
        const first = await tx.execute('select * from counters where name = ?', ['a']);
        return [...first, ...(await tx.execute('select *, 1 as one from counters where name = ?', ['a']))];
      });
    for (let time = 0; time < 5; time++) await Promise.all([read(), read(), read(), read()]);
    await database.fork().execute('alter table counters add column more int');
    const rows = (await Promise.all([read(), read(), read(), read()])).flat();
    expect(rows.filter((row) => row.more === null)).toHaveLength(8);
  });

  /** Raises `code` at every other call. A sequence counts, because rollbacks do not undo it. */
  async function raisesAtFirst(name: string, code: string): Promise<void> {
    await database.fork().execute(`create sequence ${name}_calls`);
    await database.fork().execute(`create function ${name}() returns trigger language plpgsql as $$ begin
      if nextval('${name}_calls') % 2 = 1 then raise exception 'refused' using errcode = '${code}'; end if;
      return null;
    end $$`);
  }

  it('whose commit fails is done again, not taken for done', async () => {
    await raisesAtFirst('late', '40001');
    await database.fork().execute(`create constraint trigger late after update on counters
      deferrable initially deferred for each row when (new.name = 'a') execute function late()`);
    const [before = 0] = await counts();
    await inTransaction(database.fork(), async (tx) => void (await count(tx, 'a')));
    expect((await counts())[0]).toBe(before + 1);
    await database.fork().execute('drop trigger late on counters');
  });

  it.each([
    ['40P01', 'deadlocked', true],
    ['23514', 'wrong', false],
  ])(
    'is not needed around one statement: after %s it is done again if that undid it',
    async (code, name, isRepeated) => {
      await raisesAtFirst(name, code);
      await database
        .fork()
        .execute(`create trigger ${name} after update on counters for each row execute function ${name}()`);
      const [, before = 0] = await counts();
      const counted = count(database.fork(), 'b');
      if (isRepeated) await counted;
      else await expect(counted).rejects.toMatchObject({ code });
      await database.fork().execute(`drop trigger ${name} on counters`);
      expect((await counts())[1]).toBe(before + (isRepeated ? 1 : 0));
    },
  );
});
