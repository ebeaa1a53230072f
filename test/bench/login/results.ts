/** Computes the reported figures from the rounds. */
import type { Config } from '../../../src/config/config.ts';
import type { Ran } from '../conditions.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import type { CrowdFigures } from './crowd.ts';
import type { HashFigures, HashTimes } from './hashes.ts';
import type { ReaderFigures, ReaderTimes } from './readers.ts';
import type { RefreshFigures } from './refreshes.ts';
import type { Timing, TimingPlan } from './timing.ts';
import { algorithms, type VerificationFigures, type VerificationRound } from './verification.ts';

export interface Round {
  readonly hashes: HashFigures;
  readonly readers: ReaderFigures;
  readonly crowd: CrowdFigures;
  readonly refreshes: RefreshFigures;
  readonly verification: VerificationRound;
}

/** Milliseconds, except `tokens`, `timing` and the rate. */
export interface Settings {
  readonly rounds: number;
  readonly hashes: HashTimes;
  readonly readers: ReaderTimes;
  readonly refreshes: number;
  /** How many access tokens are new. */
  readonly tokens: number;
  readonly timing: TimingPlan;
}

/** The server's settings, and the number of clients. */
export interface Setup {
  readonly argon2: Config['argon2'];
  readonly maxHashes: number;
  readonly maxWaitingHashes: number;
  readonly throttles: Readonly<Record<string, string>>;
  readonly postgresql: string;
  readonly clients: {
    readonly full: number;
    readonly overflow: number;
    readonly storm: number;
    readonly chains: number;
  };
  readonly crowd: {
    readonly networks: number;
    readonly accounts: number;
    readonly connections: number;
    /** Sign-ins a second. */
    readonly rate: number;
  };
  /** Milliseconds until a refused client tries again. */
  readonly impatience: number;
}

export interface Results extends Ran {
  readonly settings: Settings;
  readonly setup: Setup;
  readonly rounds: readonly Round[];
  readonly figures: Figures;
  readonly timing: Timing;
}

/** Null if a round has none. */
export type Spreads<Measured> = {
  readonly [Name in keyof Measured]: Spread | (null extends Measured[Name] ? null : never);
};

export interface Figures {
  readonly hashes: Spreads<HashFigures>;
  readonly readers: Spreads<ReaderFigures>;
  readonly crowd: Spreads<CrowdFigures>;
  readonly refreshes: Spreads<RefreshFigures>;
  readonly verification: Readonly<Record<keyof VerificationRound, Spreads<VerificationFigures>>>;
}

/** Ratios are those of the rounds, not of the medians. */
export function figuresOf(rounds: readonly Round[]): Figures {
  return {
    hashes: spreadsOf(rounds.map(({ hashes }) => hashes)),
    readers: spreadsOf(rounds.map(({ readers }) => readers)),
    crowd: spreadsOf(rounds.map(({ crowd }) => crowd)),
    refreshes: spreadsOf(rounds.map(({ refreshes }) => refreshes)),
    verification: Object.fromEntries(
      algorithms.map((algorithm) => [algorithm, spreadsOf(rounds.map(({ verification }) => verification[algorithm]))]),
    ) as Figures['verification'],
  };
}

function spreadsOf<Measured extends object>(rounds: readonly Measured[]): Spreads<Measured> {
  const names = Object.keys(rounds[0] ?? {}) as (keyof Measured)[];
  const entries = names.map((name) => {
    const values = rounds.map((round) => round[name] as number | null);
    const numbers = values.filter((value) => value !== null);
    return [name, numbers.length === rounds.length ? spreadOf(numbers) : null];
  });
  return Object.fromEntries(entries) as Spreads<Measured>;
}
