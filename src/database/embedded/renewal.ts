/**
 * Opens the embedded database anew before it breaks. PGlite 0.5.8 loses some of its stack with each statement that fails.
 * After about 2,900 of them every statement fails, with 54001. PGlite 0.5.17 does not lose it.
 */
import type { PGlite, Transaction } from '@electric-sql/pglite';

/** The part of PGlite that MikroORM, Kysely and this folder use, if MikroORM does not own it. */
export type EmbeddedPglite = Pick<
  PGlite,
  'query' | 'transaction' | 'listen' | 'close' | 'closed' | 'ready' | 'waitReady'
>;

/** Failures of one instance before it is renewed. A statement that fails deep inside a function loses more stack. */
const allowed = 500;

interface Listener {
  channel: string;
  receive: (payload: string) => void;
  stop?: () => Promise<void>;
}

/** @param mayRenew answers false to put a renewal off until the next failure. */
export async function renewing(open: () => Promise<PGlite>, mayRenew: () => Promise<boolean>): Promise<EmbeddedPglite> {
  let current = await open();
  let renewal: Promise<void> | null = null;
  let failures = 0;
  let uses = 0;
  let idle: PromiseWithResolvers<void> | null = null;
  let isClosed = false;
  const listeners = new Set<Listener>();

  async function listen(listener: Listener): Promise<void> {
    listener.stop = await current.listen(listener.channel, listener.receive);
  }

  async function renew(): Promise<void> {
    if (!(await mayRenew())) return;
    idle = Promise.withResolvers();
    if (uses > 0) await idle.promise;
    if (isClosed) return;
    if (!current.closed) await current.close();
    current = await open();
    failures = 0;
    for (const listener of listeners) await listen(listener);
  }

  function failed(error: unknown): never {
    failures++;
    const { code } = error as { code?: unknown };
    if (!isClosed && (failures >= allowed || code === '54001' || current.closed)) {
      renewal ??= renew()
        .catch(() => {})
        .finally(() => {
          renewal = null;
        });
    }
    throw error;
  }

  async function use<Result>(work: (pglite: PGlite) => Promise<Result>): Promise<Result> {
    while (renewal) await renewal;
    uses++;
    try {
      return await work(current).catch(failed);
    } finally {
      if (--uses === 0) idle?.resolve();
    }
  }

  return {
    ready: true,
    waitReady: Promise.resolve(),
    get closed() {
      return isClosed;
    },
    query: (...given) => use((pglite) => pglite.query(...given)) as never,
    transaction: (work) => use((pglite) => begun(pglite, (tx) => work(watched(tx, failed)))),
    listen: async (channel, receive) => {
      const listener: Listener = { channel, receive };
      await use(() => listen(listener));
      listeners.add(listener);
      return async () => {
        listeners.delete(listener);
        await use(async () => listener.stop?.());
      };
    },
    close: async () => {
      isClosed = true;
      idle?.resolve();
      await renewal;
      if (!current.closed) await current.close();
    },
  };
}

/** Kysely waits without end for a transaction that did not begin. So the first statement of `work` fails instead. */
async function begun<Result>(pglite: PGlite, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
  let hasBegun = false;
  try {
    return await pglite.transaction((tx) => {
      hasBegun = true;
      return work(tx);
    });
  } catch (error) {
    if (!hasBegun) await work({ query: () => Promise.reject(error) } as unknown as Transaction);
    throw error;
  }
}

/** A savepoint hides its failures from the transaction, so each statement is watched. */
function watched(tx: Transaction, failed: (error: unknown) => never): Transaction {
  const query = (...given: Parameters<Transaction['query']>) => tx.query(...given).catch(failed);
  return Object.create(tx, { query: { value: query } });
}
