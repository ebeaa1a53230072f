/** The security log only grows, for every user of the database, and forgets events that are too old. */
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deleteOldEvents } from '../../../src/audit/audit.retention.ts';
import { recordEvent } from '../../../src/audit/audit.service.ts';
import { AuditEvent } from '../../../src/audit/audit-event.entity.ts';
import type { Database } from '../../../src/database/database.ts';
import { newId } from '../../../src/database/ids.ts';
import { testDatabases } from '../../support/database.ts';
import { origin } from '../authentication/world.ts';

const now = new Date('2026-03-01T09:30:00.000Z');
const day = 86_400;

describe.each(testDatabases())('the security log on $name', ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  const execute = (statement: string) => sql.raw(statement).execute(database.fork().getKysely());
  const record = (secondsAgo = 0) => {
    const request = { ...origin, now: new Date(now.getTime() - secondsAgo * 1000) };
    return recordEvent(database.fork(), request, { type: 'THROTTLED', subjectId: newId(), detail: `${secondsAgo}` });
  };
  const stored = () => database.fork().find(AuditEvent, {}, { orderBy: { createdAt: 'desc', id: 'desc' } });
  const details = async () => (await stored()).map(({ detail }) => detail);
  const clear = () => deleteOldEvents(database.fork(), 0, new Date('2100-01-01'));
  const refusal = /The security log is append-only/;

  describe('that has an event', () => {
    beforeEach(() => record());
    afterEach(clear);

    it.each([
      ["update audit_events set detail = 'nothing'"],
      ['update audit_events set created_at = created_at'],
      ['delete from audit_events'],
      ['truncate audit_events'],
      ['truncate audit_events cascade'],
      ["insert into audit_events select * from audit_events on conflict (id) do update set detail = 'nothing'"],
      ['with gone as (delete from audit_events returning *) select * from gone'],
      [
        'merge into audit_events e using (select 1) one on true ' +
          "when matched and e.type = 'THROTTLED' then delete when matched then do nothing",
      ],
    ])('refuses %s', async (statement) => {
      const before = await stored();
      await expect(execute(statement)).rejects.toThrow(refusal);
      expect(await stored()).toEqual(before);
    });

    it('refuses a change through entities', async () => {
      const before = await stored();
      const em = database.fork();
      await expect(em.nativeDelete(AuditEvent, {})).rejects.toThrow(refusal);
      await expect(em.nativeUpdate(AuditEvent, {}, { detail: 'nothing' })).rejects.toThrow(refusal);
      const event = await em.findOneOrFail(AuditEvent, { type: 'THROTTLED' });
      event.detail = 'nothing';
      await expect(em.flush()).rejects.toThrow(refusal);
      expect(await stored()).toEqual(before);
    });

    it('accepts another event, and can be read', async () => {
      await record();
      expect(await stored()).toHaveLength(2);
    });
  });

  it('keeps an event exactly when its transaction commits', async () => {
    const write = (fails: boolean) =>
      database.fork().transactional(async (tx) => {
        await recordEvent(tx, { ...origin, now }, { type: 'SIGNED_IN' });
        if (fails) throw new Error('undone');
      });
    await expect(write(true)).rejects.toThrow('undone');
    expect(await stored()).toEqual([]);
    await write(false);
    expect(await stored()).toMatchObject([{ type: 'SIGNED_IN', actorId: null, subjectId: null, ...origin }]);
    await clear();
  });

  it('keeps 200 characters of a detail', async () => {
    await recordEvent(database.fork(), { ...origin, now }, { type: 'THROTTLED', detail: 'x'.repeat(10_000) });
    expect(await details()).toEqual(['x'.repeat(200)]);
    await clear();
  });

  describe('once its time has passed', () => {
    afterEach(clear);

    it('deletes older events, to the millisecond, and returns how many', async () => {
      for (const secondsAgo of [0, 400 * day, 400 * day + 0.001, 500 * day]) await record(secondsAgo);
      expect(await deleteOldEvents(database.fork(), 400 * day, now)).toBe(2);
      expect(await details()).toEqual(['0', `${400 * day}`]);
      expect(await deleteOldEvents(database.fork(), 400 * day, now)).toBe(0);
    });

    it('deletes more events than one batch', async () => {
      await record();
      await execute(
        'insert into audit_events (id, type, created_at) ' +
          "select gen_random_uuid(), 'THROTTLED', '2020-01-01' from generate_series(1, 10001)",
      );
      expect(await deleteOldEvents(database.fork(), day, now)).toBe(10_001);
      expect(await details()).toEqual(['0']);
    });

    it('deletes each event once, when several nodes do it at once', async () => {
      await record();
      await execute(
        'insert into audit_events (id, type, created_at) ' +
          "select gen_random_uuid(), 'THROTTLED', '2020-01-01' from generate_series(1, 100)",
      );
      const counts = await Promise.all(Array.from({ length: 4 }, () => deleteOldEvents(database.fork(), day, now)));
      expect(counts.reduce((sum, count) => sum + count)).toBe(100);
      expect(await details()).toEqual(['0']);
    });

    it('opens the log to no other code, also when it fails', async () => {
      for (const secondsAgo of [0, 2 * day]) await record(secondsAgo);
      await deleteOldEvents(database.fork(), day, now);
      await expect(execute('delete from audit_events')).rejects.toThrow(refusal);
      await expect(
        database.fork().transactional(async (tx) => {
          await deleteOldEvents(tx, day, now);
          throw new Error('undone');
        }),
      ).rejects.toThrow('undone');
      await expect(execute('delete from audit_events')).rejects.toThrow(refusal);
      expect(await details()).toEqual(['0']);
    });
  });
});
