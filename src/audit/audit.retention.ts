/** Deletes events that are older than the retention time. Only the server does this. */
import { sql } from 'kysely';
import type { EntityManager } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';

/** Rows in one statement; small, so that other writers do not wait for long. */
const batch = 5000;

/**
 * Deletes events that are older than `retention` seconds. Several nodes may do it at once.
 *
 * @returns the number of deleted events.
 */
export async function deleteOldEvents(em: EntityManager, retention: number, now: Date): Promise<number> {
  const end = new Date(now.getTime() - retention * 1000).toISOString();
  let total = 0;
  for (let deleted = batch; deleted === batch; total += deleted) {
    deleted = await inTransaction(em, async (tx) => {
      // Only for this transaction. A trigger refuses every other deletion.
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
