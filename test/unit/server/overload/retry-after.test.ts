import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { returns } from '../../../../src/server/overload/retry-after.ts';

describe('a refused client is told to come again', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  /** The seconds for this many refusals of a network, one after the other. */
  const told = (retryAfter: (network: string) => number, network: string, count: number) =>
    Array.from({ length: count }, () => retryAfter(network));

  it('in a second, if few were refused', () => {
    expect(new Set(told(returns(), 'one', 100))).toEqual(new Set([1]));
  });

  it('later, the more stay away: a hundred for each second', () => {
    const seconds = told(returns(), 'one', 350);
    expect([99, 100, 199, 200, 349].map((i) => seconds[i])).toEqual([1, 2, 2, 3, 4]);
  });

  it('in half a minute at most', () => {
    expect(told(returns(), 'one', 5000).at(-1)).toBe(30);
  });

  it('in a second again, once those who were told to have come', () => {
    const retryAfter = returns();
    expect(told(retryAfter, 'one', 500).at(-1)).toBe(5);
    vi.advanceTimersByTime(6000);
    expect(retryAfter('one')).toBe(1);
  });

  it('steadily: about a hundred of an obedient crowd come in a second', () => {
    const retryAfter = returns();
    let arriving = new Map<number, number>([[0, 600]]);
    const arrivals: number[] = [];
    for (let second = 0; second < 40; second++) {
      const now = arriving.get(second) ?? 0;
      arrivals.push(now);
      arriving = new Map(arriving);
      for (const seconds of told(retryAfter, 'one', now)) {
        arriving.set(second + seconds, (arriving.get(second + seconds) ?? 0) + 1);
      }
      vi.advanceTimersByTime(1000);
    }
    for (const count of arrivals.slice(10)) {
      expect(count).toBeGreaterThan(50);
      expect(count).toBeLessThan(150);
    }
  });

  it('by network: one with few refusals does not wait for one with many', () => {
    const retryAfter = returns();
    expect(told(retryAfter, 'crowd', 1000).at(-1)).toBe(10);
    expect(told(retryAfter, 'few', 4)).toEqual([1, 1, 1, 1]);
    // Two networks share the hundred.
    expect(told(retryAfter, 'crowd', 1)).toEqual([21]);
    // However many networks there are, each may send ten in a second.
    for (let i = 0; i < 3000; i++) expect(retryAfter(`another ${i}`)).toBe(1);
    expect(told(retryAfter, 'few', 7)).toEqual([1, 1, 1, 1, 1, 1, 2]);
  });
});
