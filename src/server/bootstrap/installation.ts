/** Facts that servers keep about their shared database: its first administrator, their secret, a restored backup. */
import { hkdfSync } from 'node:crypto';
import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '../../database/database.ts';
import { newId } from '../../database/ids.ts';
import { inTransaction } from '../../database/transaction.ts';
import { Installation } from './installation.entity.ts';

/** The one row, locked until the transaction ends. If several servers start at once, they take turns. */
export async function lockInstallation(tx: EntityManager): Promise<Installation> {
  const read = () =>
    tx.findOne(Installation, { only: true }, { disableIdentityMap: true, lockMode: LockMode.PESSIMISTIC_WRITE });
  const installation = await read();
  if (installation) return installation;
  // The migration inserted the row, and somebody emptied the table.
  await tx.execute('insert into installation (id) values (?) on conflict ("only") do nothing', [newId()]);
  return (await read()) as Installation;
}

export async function readInstallation(em: EntityManager): Promise<Installation> {
  return await inTransaction(em, lockInstallation);
}

export async function changeInstallation(
  em: EntityManager,
  change: Partial<Pick<Installation, 'administratorSince' | 'secretFingerprint' | 'secretSeenAt' | 'restoredTo'>>,
): Promise<void> {
  await em.nativeUpdate(Installation, { only: true }, change);
}

/** Call it after all sessions from before `before` have ended. The warning about a restore is then settled. */
export async function settleRestore(em: EntityManager, before: Date): Promise<void> {
  await em.nativeUpdate(Installation, { only: true, restoredTo: { $lt: before } }, { restoredTo: null });
}

export interface Secrets {
  secret: string;
  /** JWT_SECRET_PREVIOUS. */
  previousSecret: string | null;
}

/**
 * Records the JWT_SECRET of this server.
 *
 * @returns a warning if the last server started with a secret that is neither of these two.
 */
export async function noteSecret(
  em: EntityManager,
  { secret, previousSecret }: Secrets,
  now: Date,
): Promise<string | null> {
  return await inTransaction(em, async (tx) => {
    const { secretFingerprint: last, secretSeenAt } = await lockInstallation(tx);
    const known = [secret, ...(previousSecret === null ? [] : [previousSecret])].map(fingerprint);
    await changeInstallation(tx, { secretFingerprint: fingerprint(secret), secretSeenAt: now });
    if (!last || known.includes(last)) return null;
    return (
      `JWT_SECRET is not the one that a server on this database started with at ${secretSeenAt?.toISOString()}. ` +
      "Servers with different secrets refuse each other's tokens: give all of them the same. To change it, set " +
      'JWT_SECRET_PREVIOUS to the former one (docs/key-rotation.md). After a change that is meant, ignore this.'
    );
  });
}

/** 128 bits that tell secrets apart and reveal nothing of them. Source: RFC 5869. */
function fingerprint(secret: string): string {
  return Buffer.from(hkdfSync('sha256', secret, '', 'gatewright secret fingerprint', 16)).toString('base64url');
}
