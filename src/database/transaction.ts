import type { TransactionOptions } from '@mikro-orm/core';
import type { EntityManager } from './database.ts';
import { mayBeRepeated } from './faults.ts';

const attempts = 4;

/**
 * Runs `work`, and runs it again where PostgreSQL undid it for no fault of its own: a deadlock, a serialization failure,
 * a table that a migration changed meanwhile. So `work` changes nothing but the database, all of it or nothing.
 */
export async function repeated<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts || !mayBeRepeated(error)) throw error;
    }
  }
}

/** A transaction that is repeated. Inside another one it is not: the outermost is. */
export function inTransaction<Result>(
  em: EntityManager,
  work: (tx: EntityManager) => Promise<Result>,
  options?: TransactionOptions,
): Promise<Result> {
  const once = () => em.transactional((tx) => work(tx as EntityManager), options);
  return em.isInTransaction() ? once() : repeated(once);
}
