/** The end of events: what is older than is kept is deleted, by the server and by nobody else. */
import { sql } from 'kysely';
import type { EntityManager } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';

/** Rows at a time, so that nobody waits for long. */
const batch = 5000;

/**
 * Deletes what is older than `retention` seconds. Several nodes may do it at once.
 *
 * @returns how many events there were.
 */
export async function deleteOldEvents(em: EntityManager, retention: number, now: Date): Promise<number> {
  const end = new Date(now.getTime() - retention * 1000).toISOString();
  let total = 0;
  for (let deleted = batch; deleted === batch; total += deleted) {
    deleted = await inTransaction(em, async (tx) => {
      // For this transaction alone: a trigger refuses every other deletion.
      await sql`set local gatewright.audit_retention = 'on'`.execute(tx.getKysely());
      const { numAffectedRows } = await sql`
        delete from audit_events where id in (
          select id from audit_events where created_at < ${end} order by created_at limit ${batch} for update skip locked
        )`.execute(tx.getKysely());
      return Number(numAffectedRows ?? 0);
    });
  }
  return total;
}
