/** Computes the reported figures from the rounds. */
import type { Ran } from '../conditions.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import type { Settings } from './plan.ts';

/** Milliseconds of processor time. */
export interface Sample {
  /** `createGuard`. */
  readonly guard: number;
  /** The first schema that is shown after a start, later ones for other rights, and a cached one. */
  readonly first: number;
  /** While the first is made: the longest time in which no other work has a turn, by the clock. */
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

/** The cost of a type in the larger schema, divided by that in the smaller: 1 is linear. Taken within a round. */
export function growthOf(step: Step, smaller: Measured, larger: Measured): Spread {
  const factor = smaller.types / larger.types;
  return spreadOf(
    larger.samples.map((sample, round) => (sample[step] / (smaller.samples[round]?.[step] ?? 0)) * factor),
  );
}
