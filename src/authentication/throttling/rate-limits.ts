/**
 * Counts attempts in fixed windows, exact under parallel calls. PostgreSQL counts for all nodes of a server. The
 * embedded database belongs to one process, so there memory counts. Errors are not caught: if the store fails, the
 * attempt fails.
 */
import { createRequire } from 'node:module';
import pLimit from 'p-limit';
import type * as Limiters from 'rate-limiter-flexible';
import type { EntityManager } from '../../database/database.ts';
import { type Pool, poolOf } from '../../database/pool.ts';

// Single modules, because the index loads limiters for a dozen other stores.
const require = createRequire(import.meta.url);
const part = (name: string): unknown => require(`rate-limiter-flexible/lib/${name}.js`);
const RateLimiterMemory = part('RateLimiterMemory') as typeof Limiters.RateLimiterMemory;
const RateLimiterPostgres = part('RateLimiterPostgres') as typeof Limiters.RateLimiterPostgres;
const RateLimiterRes = part('RateLimiterRes') as typeof Limiters.RateLimiterRes;

export interface Limit {
  /** How many attempts a window allows. */
  readonly points: number;
  /** The length of a window, in seconds. It begins with its first attempt. */
  readonly duration: number;
}

export interface Use {
  readonly key: string;
  readonly isAllowed: boolean;
  /** Whether this attempt is the first refused one in its window. */
  readonly isFirstRefused: boolean;
  /** Milliseconds until the window ends. */
  readonly msLeft: number;
  /** A moment in the window, close to its end, in milliseconds since 1970. */
  readonly until: number;
}

export interface Counter {
  /** Counts an attempt, and says whether it was one too many. */
  count(key: string): Promise<Use>;
  /**
   * Milliseconds until the window ends, if an attempt was refused in it; otherwise 0. Counts nothing, and locks
   * nothing.
   */
  msRefused(key: string): Promise<number>;
  /**
   * Takes back an allowed attempt, unless its window is over. Refused attempts of the window then no longer count
   * either.
   */
  giveBack(use: Use): Promise<void>;
  /** Begins a new window. */
  clear(key: string): Promise<void>;
}

export interface RateLimits {
  /**
   * `isFinal`: attempts are never given back or cleared. A refused key is then refused again without asking the store.
   */
  counter(name: string, limit: Limit, options?: { isFinal?: boolean }): Counter;
  /** Deletes windows that are over. Runs every few minutes, apart from requests. */
  deleteExpired(): Promise<void>;
  /** Resolves when no deletion is under way. Call it before the database is closed. */
  close(): Promise<void>;
}

/** Milliseconds between deletions of windows that are over. */
const deletionInterval = 5 * 60_000;

export async function createRateLimits(em: EntityManager): Promise<RateLimits> {
  const pool = await poolOf(em);
  return pool ? inDatabase(pool) : inMemory();
}

function inDatabase(pool: Pool): RateLimits {
  let deletion: Promise<void> = Promise.resolve();
  let isClosed = false;
  const timer = setInterval(() => {
    // Ignores a failure, because a longer table does no harm. The next deletion tries again.
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
        // Only where no window is ever cleared, because this process would not see that another node cleared one.
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

/** The most rows that one statement deletes. */
const deletedAtOnce = 5000;

async function deleteExpired(pool: Pool, isClosed: () => boolean): Promise<void> {
  let deleted: number | null;
  do {
    const statement = {
      // Skips rows that a count or another node's deletion holds.
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
      // Giving back reads and then writes, so no count may come in between.
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
    // The limiter's own timers delete windows.
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
        // Measured from before the question to the store, so never after the end.
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
