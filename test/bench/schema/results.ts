/** From what the rounds measured to the figures that are reported. */
import type { Ran } from '../conditions.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import type { Settings } from './plan.ts';

/** Milliseconds of processor time. */
export interface Sample {
  /** `createGuard`. */
  readonly guard: number;
  /** The first schema that is shown after a start, the next ones for other rights, and one that is kept. */
  readonly first: number;
  /** While the first is made: the longest time, by the clock, in which nothing else has its turn. */
  readonly longestTurn: number;
  readonly later: number;
  readonly kept: number;
  /** The whole introspection query, by the guard and by graphql-js without one. */
  readonly introspection: number;
  readonly plain: number;
}

export type Step = keyof Sample;

/** One size, in all rounds. */
export interface Measured {
  readonly types: number;
  readonly samples: readonly Sample[];
}

export interface Results extends Ran {
  readonly settings: Settings;
  readonly measured: readonly Measured[];
}

export function timeOf(step: Step, { samples }: Measured): Spread {
  return spreadOf(samples.map((sample) => sample[step]));
}

/** What a type costs in the larger schema, by what it costs in the smaller: 1 is linear. Taken within a round. */
export function growthOf(step: Step, smaller: Measured, larger: Measured): Spread {
  const factor = smaller.types / larger.types;
  return spreadOf(
    larger.samples.map((sample, round) => (sample[step] / (smaller.samples[round]?.[step] ?? 0)) * factor),
  );
}
