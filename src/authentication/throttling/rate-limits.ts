/**
 * Counts in fixed windows, exact however many count at once: in PostgreSQL for all nodes of a server, in memory for
 * the embedded database, which one process has. Nothing is caught: if the store fails, so does what is counted.
 */
import { createRequire } from 'node:module';
import pLimit from 'p-limit';
import type * as Limiters from 'rate-limiter-flexible';
import type { EntityManager } from '../../database/database.ts';
import { type Pool, poolOf } from '../../database/pool.ts';

// Not its index, which loads limiters for a dozen other stores.
const require = createRequire(import.meta.url);
const part = (name: string): unknown => require(`rate-limiter-flexible/lib/${name}.js`);
const RateLimiterMemory = part('RateLimiterMemory') as typeof Limiters.RateLimiterMemory;
const RateLimiterPostgres = part('RateLimiterPostgres') as typeof Limiters.RateLimiterPostgres;
const RateLimiterRes = part('RateLimiterRes') as typeof Limiters.RateLimiterRes;

export interface Limit {
  /** How many are allowed in a window. */
  readonly points: number;
  /** The length of a window, in seconds; it begins with the first that is counted. */
  readonly duration: number;
}

export interface Use {
  readonly key: string;
  readonly isAllowed: boolean;
  /** The first that was refused in its window. */
  readonly isFirstRefused: boolean;
  /** Milliseconds until the window ends. */
  readonly msLeft: number;
  /** A moment in the window, close to its end, in milliseconds since 1970. */
  readonly until: number;
}

export interface Counter {
  /** Counts one, and says whether it was one too many. */
  count(key: string): Promise<Use>;
  /** Milliseconds until the window ends, if one was refused in it; otherwise 0. Counts nothing, and locks nothing. */
  msRefused(key: string): Promise<number>;
  /** Takes back one that was allowed, unless its window is over. Those that were refused no longer count either. */
  giveBack(use: Use): Promise<void>;
  /** Begins a new window. */
  clear(key: string): Promise<void>;
}

export interface RateLimits {
  /** `isFinal`: nothing is ever given back or cleared. What is refused is then refused without asking the store. */
  counter(name: string, limit: Limit, options?: { isFinal?: boolean }): Counter;
  /** Forgets windows that are over. Done every few minutes, apart from any request. */
  deleteExpired(): Promise<void>;
  /** Resolves when nothing is deleted any more. Call it before the database is closed. */
  close(): Promise<void>;
}

/** How often windows that are over are deleted, in milliseconds. */
const deletionInterval = 5 * 60_000;

export async function createRateLimits(em: EntityManager): Promise<RateLimits> {
  const pool = await poolOf(em);
  return pool ? inDatabase(pool) : inMemory();
}

function inDatabase(pool: Pool): RateLimits {
  let deletion: Promise<void> = Promise.resolve();
  let isClosed = false;
  const timer = setInterval(() => {
    // A failure is left to the next time: it makes nothing wrong, only the table longer.
    deletion = deletion.then(() => deleteExpired(pool, () => isClosed)).catch(() => {});
  }, deletionInterval).unref();

  return {
    counter: (keyPrefix, { points, duration }, { isFinal = false } = {}) => {
      const limiter = new RateLimiterPostgres({
        storeClient: pool,
        storeType: 'pool',
        tableName: 'rate_limits',
        tableCreated: true,
        clearExpiredByTimeout: false,
        keyPrefix,
        points,
        duration,
        // In this process alone, where a window cleared by another node would go on: so only where none is cleared.
        ...(isFinal && { inMemoryBlockOnConsumed: points + 1 }),
      });
      return counterOf(limiter, async ({ key, until }) => {
        await pool.query({
          text: `update rate_limits set points = least(points, $1) - 1
            where key = $2 and points > 0 and expire < $3`,
          // The next window ends later than that.
          values: [points, limiter.getKey(key), until + duration * 1000],
        });
      });
    },
    deleteExpired: () => deleteExpired(pool, () => isClosed),
    close: async () => {
      isClosed = true;
      clearInterval(timer);
      await deletion;
    },
  };
}

/** How many rows are deleted by one statement. */
const deletedAtOnce = 5000;

async function deleteExpired(pool: Pool, isClosed: () => boolean): Promise<void> {
  let deleted: number | null;
  do {
    const statement = {
      // What somebody counts, or another node deletes, is left to them.
      text: `delete from rate_limits where key in
        (select key from rate_limits where expire < $1 order by expire limit $2 for update skip locked)`,
      values: [Date.now(), deletedAtOnce],
    };
    deleted = (await pool.query(statement)).rowCount;
  } while (deleted === deletedAtOnce && !isClosed());
}

function inMemory(): RateLimits {
  return {
    counter: (keyPrefix, { points, duration }) => {
      const limiter = new RateLimiterMemory({ keyPrefix, points, duration });
      // Giving back reads and then writes; nothing may be counted in between.
      const inTurn = pLimit(1);
      const counter = counterOf(limiter, async ({ key, until }) => {
        const known = await limiter.get(key);
        if (!known || known.consumedPoints <= 0 || Date.now() >= until) return;
        await limiter.reward(key, known.consumedPoints - Math.min(known.consumedPoints, points) + 1);
      });
      return {
        count: (key) => inTurn(() => counter.count(key)),
        msRefused: (key) => inTurn(() => counter.msRefused(key)),
        giveBack: (use) => inTurn(() => counter.giveBack(use)),
        clear: (key) => inTurn(() => counter.clear(key)),
      };
    },
    // Each window is forgotten by a timer of its own.
    deleteExpired: async () => {},
    close: async () => {},
  };
}

function counterOf(limiter: Limiters.RateLimiterAbstract, giveBack: Counter['giveBack']): Counter {
  return {
    count: async (key) => {
      const asked = Date.now();
      const { isAllowed, result } = await consume(limiter, key);
      return {
        key,
        isAllowed,
        isFirstRefused: !isAllowed && result.consumedPoints === limiter.points + 1,
        msLeft: result.msBeforeNext,
        // From before the store was asked, so never after the end.
        until: asked + result.msBeforeNext,
      };
    },
    msRefused: async (key) => {
      const known = await limiter.get(key);
      return known && known.consumedPoints > limiter.points ? Math.max(known.msBeforeNext, 0) : 0;
    },
    giveBack,
    clear: async (key) => {
      await limiter.delete(key);
    },
  };
}

async function consume(
  limiter: Limiters.RateLimiterAbstract,
  key: string,
): Promise<{ isAllowed: boolean; result: Limiters.RateLimiterRes }> {
  try {
    return { isAllowed: true, result: await limiter.consume(key) };
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return { isAllowed: false, result: refusal };
    throw refusal;
  }
}
