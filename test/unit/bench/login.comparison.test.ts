import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holm, mannWhitney, medianDifference } from '../../bench/login/comparison.ts';
import { randomOf, shuffled } from '../../bench/login/random.ts';
import { percentile } from '../../bench/statistics.ts';

describe('the Mann-Whitney test', () => {
  it('says what SciPy says', () => {
    expect(mannWhitney([19, 22, 16, 29, 24], [20, 11, 17, 12])).toBeCloseTo(0.11134688653314041, 6);
  });

  it('says so with ties, too', () => {
    expect(mannWhitney([1, 2, 2, 3, 5, 5, 8, 9], [2, 3, 3, 4, 5, 5, 5, 7])).toBeCloseTo(0.8721890715577998, 6);
  });

  it('finds no difference where all are equal', () => {
    expect(mannWhitney([3, 3, 3], [3, 3, 3])).toBe(1);
  });

  it('is sure of lots that do not overlap', () => {
    expect(mannWhitney(numbers(100), numbers(100, 1000))).toBeLessThan(1e-20);
  });

  it('is a probability, the same from both sides', () => {
    const lot = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(lot, lot, (one, other) => {
        const p = mannWhitney(one, other);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(mannWhitney(other, one)).toBeCloseTo(p, 9);
      }),
    );
  });

  it('gives a false alarm as often as it says', () => {
    const random = randomOf(1);
    const lot = () => Array.from({ length: 40 }, random);
    const alarms = Array.from({ length: 1000 }, () => mannWhitney(lot(), lot())).filter((p) => p < 0.05);
    expect(alarms.length).toBeGreaterThan(25);
    expect(alarms.length).toBeLessThan(75);
  });
});

describe('the correction by Holm', () => {
  it('multiplies the least by the number of tests, and the next by one less', () => {
    const corrected = holm([0.01, 0.04, 0.03, 0.005]);
    for (const [index, expected] of [0.03, 0.06, 0.06, 0.02].entries()) expect(corrected[index]).toBeCloseTo(expected);
  });

  it('stays a probability, raises and keeps the order', () => {
    const p = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(p), (values) => {
        const corrected = holm(values);
        for (const [index, value] of values.entries()) {
          expect(corrected[index]).toBeGreaterThanOrEqual(value);
          expect(corrected[index]).toBeLessThanOrEqual(1);
          for (const [other, than] of values.entries()) {
            if (value < than) expect(corrected[index]).toBeLessThanOrEqual(corrected[other] as number);
          }
        }
      }),
    );
  });
});

describe('the interval of the difference of medians', () => {
  it('holds the difference that there is', () => {
    const { low, high } = medianDifference(numbers(101, 10), numbers(101), randomOf(1));
    expect(low).toBeLessThan(10);
    expect(high).toBeGreaterThan(10);
    expect(high - low).toBeLessThan(60);
  });

  it('is the same again with the same seed', () => {
    const once = () => medianDifference(numbers(20), numbers(30), randomOf(7));
    expect(once()).toEqual(once());
  });

  it('is a point where nothing varies', () => {
    expect(medianDifference([5, 5, 5], [3, 3, 3], randomOf(1))).toEqual({ low: 2, high: 2 });
  });
});

describe('chance', () => {
  it('is repeated by its seed, and is another with another', () => {
    const ten = (seed: number) => Array.from({ length: 10 }, randomOf(seed));
    expect(ten(1)).toEqual(ten(1));
    expect(ten(1)).not.toEqual(ten(2));
  });

  it('shuffles fairly and loses nothing', () => {
    const random = randomOf(3);
    const first = new Map<number, number>();
    for (let turn = 0; turn < 3000; turn++) {
      const order = shuffled([0, 1, 2], random);
      expect(order.toSorted()).toEqual([0, 1, 2]);
      first.set(order[0] as number, (first.get(order[0] as number) ?? 0) + 1);
    }
    for (const times of first.values()) expect(Math.abs(times - 1000)).toBeLessThan(100);
  });
});

describe('percentiles', () => {
  it('are values that were measured', () => {
    expect(percentile(numbers(100, 1), 0.99)).toBe(99);
    expect(percentile(numbers(100, 1), 0.5)).toBe(50);
    expect(percentile([3, 1, 2], 1)).toBe(3);
    expect(percentile([3, 1, 2], 0)).toBe(1);
    expect(() => percentile([], 0.5)).toThrow(RangeError);
  });
});

function numbers(length: number, from = 0): number[] {
  return Array.from({ length }, (_, number) => from + number);
}
