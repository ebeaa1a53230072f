/** What the store deletes, and when. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { RateLimit } from '../../../../src/authentication/throttling/rate-limit.entity.ts';
import { createRateLimits, type RateLimits } from '../../../../src/authentication/throttling/rate-limits.ts';
import type { Database } from '../../../../src/database/database.ts';
import { testDatabases } from '../../../support/database.ts';
import { minute, pass, stopClock } from './throttle.world.ts';

const limit = { points: 1, duration: minute };
const day = 24 * 60 * minute;

describe.each(testDatabases())('counts on $name', ({ open, name }) => {
  let database: Database;
  let rateLimits: RateLimits;
  beforeAll(async () => {
    database = await open();
  });
  afterEach(async () => {
    await rateLimits.close();
    await database.fork().nativeDelete(RateLimit, {});
    vi.useRealTimers();
  });
  afterAll(() => database.close());

  const keys = async () =>
    (await database.fork().find(RateLimit, {}, { orderBy: { key: 'asc' } })).map(({ key }) => key);

  it('say whether one was refused, and count nothing by it', async () => {
    stopClock();
    rateLimits = await createRateLimits(database.fork());
    const counter = rateLimits.counter('short', limit);
    expect(await counter.msRefused('a')).toBe(0);
    expect(await counter.count('a')).toMatchObject({ isAllowed: true, isFirstRefused: false, msLeft: 60_000 });
    expect(await counter.msRefused('a')).toBe(0);
    pass(1);
    expect(await counter.count('a')).toMatchObject({ isAllowed: false, isFirstRefused: true, msLeft: 59_000 });
    expect(await counter.count('a')).toMatchObject({ isAllowed: false, isFirstRefused: false, msLeft: 59_000 });
    expect(await counter.msRefused('a')).toBe(59_000);
    expect(await counter.msRefused('b')).toBe(0);
    pass(minute);
    expect(await counter.msRefused('a')).toBe(0);
  });

  it('hold for the longest window that can be configured', async () => {
    stopClock();
    rateLimits = await createRateLimits(database.fork());
    const counter = rateLimits.counter('longest', { points: 1, duration: 24 * day });
    await counter.count('a');
    await new Promise((resolve) => setTimeout(resolve, 5));
    pass(24 * day - 1);
    expect(await counter.count('a')).toMatchObject({ isAllowed: false, isFirstRefused: true });
  });

  if (name === 'postgresql')
    it('are deleted when their window is over, and not before', async () => {
      stopClock();
      rateLimits = await createRateLimits(database.fork());
      await rateLimits.counter('short', limit).count('a');
      await rateLimits.counter('long', { points: 1, duration: day }).count('a');
      await rateLimits.deleteExpired();
      expect(await keys()).toEqual(['long:a', 'short:a']);
      pass(minute + 1);
      await rateLimits.deleteExpired();
      expect(await keys()).toEqual(['long:a']);
    });

  if (name === 'postgresql')
    it('are deleted however many they are', async () => {
      rateLimits = await createRateLimits(database.fork());
      await database
        .fork()
        .execute(`insert into rate_limits select 'old:' || n, 1, n from generate_series(1, 12000) as series (n)`);
      await rateLimits.deleteExpired();
      expect(await keys()).toEqual([]);
    });

  if (name === 'postgresql')
    it('are deleted from time to time, until the store is closed', async () => {
      vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
      rateLimits = await createRateLimits(database.fork());
      const counter = rateLimits.counter('short', limit);
      await counter.count('a');
      vi.advanceTimersByTime(5 * 60_000);
      await vi.waitFor(async () => expect(await keys()).toEqual([]));
      await counter.count('b');
      await rateLimits.close();
      vi.advanceTimersByTime(60 * 60_000);
      expect(vi.getTimerCount()).toBe(0);
      expect(await keys()).toEqual(['short:b']);
    });

  if (name === 'postgresql')
    it('that are over do not count, deleted or not', async () => {
      stopClock();
      rateLimits = await createRateLimits(database.fork());
      const counter = rateLimits.counter('short', limit);
      const use = await counter.count('a');
      pass(minute);
      await counter.giveBack(use);
      expect(await counter.count('a')).toMatchObject({ isAllowed: true, msLeft: 60_000 });
      expect(await counter.count('a')).toMatchObject({ isAllowed: false });
    });

  if (name === 'postgresql')
    it('are looked at, and old ones deleted, past what others are changing', async () => {
      stopClock();
      rateLimits = await createRateLimits(database.fork());
      const counter = rateLimits.counter('short', limit);
      await counter.count('a');
      pass(minute + 1);
      await database.fork().transactional(async (em) => {
        await em.execute('select * from rate_limits for update');
        await counter.count('b');
        await rateLimits.deleteExpired();
        expect(await counter.msRefused('a')).toBe(0);
      });
      expect(await keys()).toEqual(['short:a', 'short:b']);
    });

  if (name === 'postgresql')
    it('are kept in a table that is not logged', async () => {
      rateLimits = await createRateLimits(database.fork());
      const rows = await database.fork().execute(`select relpersistence from pg_class where relname = 'rate_limits'`);
      expect(rows).toEqual([{ relpersistence: 'u' }]);
    });
});
