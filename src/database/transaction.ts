import type { TransactionOptions } from '@mikro-orm/core';
import type { EntityManager } from './database.ts';
import { mayBeRepeated } from './faults.ts';

const attempts = 4;

/**
 * Runs `work`, and runs it again if PostgreSQL undid it for no fault of its own. Causes are a deadlock, a
 * serialization failure, and a table that a migration changed meanwhile. So `work` must change nothing but the
 * database, all of it or nothing.
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

/** Runs a transaction, and repeats it as `repeated` does. Inside another transaction only the outermost is repeated. */
export function inTransaction<Result>(
  em: EntityManager,
  work: (tx: EntityManager) => Promise<Result>,
  options?: TransactionOptions,
): Promise<Result> {
  const once = () => em.transactional((tx) => work(tx as EntityManager), options);
  return em.isInTransaction() ? once() : repeated(once);
}
