/** Computes the reported figures from the rounds. */
import type { RanOnServer } from '../conditions.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import type { Settings } from './plan.ts';
import type { World } from './worlds.ts';

/** One comparison, in all rounds. */
export interface Measured {
  readonly group: string;
  readonly title: string;
  /** Names of its variants. */
  readonly variants: readonly string[];
  /** For each round, the median latency of each variant, in milliseconds. */
  readonly rounds: readonly (readonly number[])[];
}

export interface Figure extends Omit<Measured, 'rounds'> {
  readonly latencies: readonly Spread[];
  /** The ratio of the last variant to the first, within a round. */
  readonly ratio: Spread;
}

export interface Results extends RanOnServer {
  readonly settings: Settings;
  readonly databases: readonly (Pick<World, 'tasks' | 'accounts'> & World['made'])[];
  readonly measured: readonly Measured[];
  readonly figures: readonly Figure[];
}

export const target = 1.2;

export function figureOf({ rounds, ...measured }: Measured): Figure {
  return {
    ...measured,
    latencies: measured.variants.map((_, variant) => spreadOf(rounds.map((round) => round[variant] as number))),
    ratio: spreadOf(rounds.map((round) => (round.at(-1) as number) / (round[0] as number))),
  };
}
