/** Computes the reported figures from the rounds. */
import type { RanOnServer } from '../conditions.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import type { Kind } from './databases.ts';
import type { Settings } from './plan.ts';
import type { ServingRound } from './serving.ts';
import type { StartRound } from './starts.ts';

export interface Round {
  /** Milliseconds of an npm script that does nothing. */
  readonly npm: number;
  readonly starts: StartRound;
  readonly serving: Readonly<Record<Kind, ServingRound>>;
}

export interface Results extends RanOnServer {
  readonly settings: Settings;
  readonly npm: string;
  readonly rounds: readonly Round[];
  readonly figures: Spreads<Round>;
}

/** The same shape, with a spread for each number; null if a round has none. */
export type Spreads<Measured> = Measured extends number
  ? Spread
  : Measured extends null
    ? null
    : { readonly [Name in keyof Measured]: Spreads<Measured[Name]> };

/** @param rounds one or more, all of one shape. */
export function spreadsOf<Measured extends object>(rounds: readonly Measured[]): Spreads<Measured> {
  return spreads(rounds) as Spreads<Measured>;
}

function spreads(values: readonly unknown[]): unknown {
  if (values.some((value) => value === null)) return null;
  if (values.every((value) => typeof value === 'number')) return spreadOf(values);
  const names = Object.keys(values[0] as object);
  return Object.fromEntries(
    names.map((name) => [name, spreads(values.map((value) => (value as Record<string, unknown>)[name]))]),
  );
}
