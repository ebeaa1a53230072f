/** Decides whether two sets of measurements differ. */
import { median } from '../statistics.ts';
import type { Random } from './random.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

const resamples = 2000;

/**
 * The 95 % confidence interval of the difference of the medians, `one` less `other`: the percentile bootstrap. Source:
 * Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13.
 */
export function medianDifference(one: readonly number[], other: readonly number[], random: Random): Interval {
  const again = (values: readonly number[]) => values.map(() => values[Math.floor(random() * values.length)] as number);
  const differences = Array.from({ length: resamples }, () => median(again(one)) - median(again(other)));
  differences.sort((a, b) => a - b);
  const at = (share: number) => differences[Math.round(share * (resamples - 1))] as number;
  return { low: at(0.025), high: at(0.975) };
}

/**
 * The two-sided p-value of the Mann-Whitney U test, by the normal approximation, corrected for ties and continuity. It
 * is the probability of so great a difference if there is none. Good for 8 values each or more. Sources: Mann and
 * Whitney, 1947; Lehmann, Nonparametrics, section 1.4.
 */
export function mannWhitney(one: readonly number[], other: readonly number[]): number {
  const { rankSum, ties } = rankSumOf(one, other);
  const [n, m] = [one.length, other.length];
  const u = rankSum - (n * (n + 1)) / 2;
  const all = n + m;
  const variance = ((n * m) / 12) * (all + 1 - ties / (all * (all - 1)));
  // All values are equal.
  if (!(variance > 0)) return 1;
  const distance = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5);
  return Math.min(1, twoTails(distance / Math.sqrt(variance)));
}

/**
 * p-values of several tests, raised so that the chance of any false alarm is what each test alone would say. Source:
 * Holm, 1979.
 */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] as number) - (values[b] as number));
  const corrected = new Array<number>(values.length);
  let greatest = 0;
  for (const [rank, index] of order.entries()) {
    greatest = Math.max(greatest, Math.min(1, (values[index] as number) * (values.length - rank)));
    corrected[index] = greatest;
  }
  return corrected;
}

/** The ranks of `one` among all, equals sharing theirs; `ties`: the sum of t³ - t over groups of t equals. */
function rankSumOf(one: readonly number[], other: readonly number[]): { rankSum: number; ties: number } {
  const all = [
    ...one.map((value) => ({ value, counts: true })),
    ...other.map((value) => ({ value, counts: false })),
  ].sort((a, b) => a.value - b.value);
  let rankSum = 0;
  let ties = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to]?.value === all[from]?.value) to++;
    const rank = (from + 1 + to) / 2;
    rankSum += rank * all.slice(from, to).filter(({ counts }) => counts).length;
    ties += (to - from) ** 3 - (to - from);
    from = to;
  }
  return { rankSum, ties };
}

/**
 * The part of the normal distribution beyond `z` on both sides. Source: Numerical Recipes, `erfcc`; its relative error
 * is below 1.2e-7.
 */
function twoTails(z: number): number {
  const x = z / Math.SQRT2;
  const t = 1 / (1 + x / 2);
  const sum = coefficients.reduceRight((rest, coefficient) => coefficient + t * rest, 0);
  return t * Math.exp(-x * x + sum);
}

const coefficients = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
  0.17087277,
];
