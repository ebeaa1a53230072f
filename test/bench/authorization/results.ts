/** Computes the reported figures from the measurements of the lanes, round by round. */
import type { Ran } from '../conditions.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import { entries, reference } from './contestants.ts';
import type { FloodOrder, FloodSample } from './flood.ts';
import type { Lane } from './lane.ts';
import type { Measured } from './measure.ts';
import type { Times } from './round.ts';
import type { Workload } from './workloads.ts';

/** The measurements of each lane, by number of rows. */
export type Round = readonly (Lane & { readonly cells: readonly (Measured & { readonly rows: number })[] })[];

export interface Flood extends FloodOrder {
  readonly samples: readonly FloodSample[];
}

/** One contestant, one workload, one number of rows. */
export interface Cell {
  readonly contestant: string;
  readonly workload: Workload;
  readonly rows: number;
  /** Processor time of one run. */
  readonly milliseconds: Spread;
  readonly byRound: readonly number[];
  /** In all rounds. */
  readonly runs: number;
  /** The ratio to the same contestant's engine without guards, round by round. Missing for that engine itself. */
  readonly price?: Spread;
  /** The ratio to graphql-js without guards. */
  readonly toGraphqlJs: Spread;
  /** The ratio to `guard.execute` with the same workload. */
  readonly toGatewright: Spread;
}

export interface Results extends Ran {
  /** The rounds, and milliseconds of processor time. */
  readonly settings: Times & { readonly rounds: number };
  /** Processor time by elapsed time, over all measurements. If it is much below 1, the machine did something else. */
  readonly share: number;
  readonly sizes: readonly number[];
  readonly cells: readonly Cell[];
  readonly floods: readonly Flood[];
}

export function cellsOf(rounds: readonly Round[], sizes: readonly number[]): Cell[] {
  return Object.entries(entries).flatMap(([contestant, { workloads, baseline }]) =>
    workloads.flatMap((workload) =>
      sizes.map((rows) => {
        const at = (name: string, of: Workload) => rounds.map((round) => cellIn(round, name, of, rows));
        const own = at(contestant, workload);
        const times = own.map(perRun);
        const to = (name: string, of: Workload) =>
          spreadOf(at(name, of).map((measured, round) => (times[round] as number) / perRun(measured)));
        return {
          contestant,
          workload,
          rows,
          milliseconds: spreadOf(times),
          byRound: times,
          runs: own.reduce((sum, { runs }) => sum + runs, 0),
          ...(workload !== 'unguarded' && { price: to(baseline, 'unguarded') }),
          toGraphqlJs: to('graphql-js', 'unguarded'),
          toGatewright: to(reference, workload),
        };
      }),
    ),
  );
}

export function shareOf(rounds: readonly Round[]): number {
  const measured = rounds.flat().flatMap(({ cells }) => cells);
  const total = (of: 'processor' | 'elapsed') => measured.reduce((sum, cell) => sum + cell[of], 0);
  return Number((total('processor') / total('elapsed')).toFixed(2));
}

function perRun({ processor, runs }: Measured): number {
  return processor / runs;
}

function cellIn(round: Round, contestant: string, workload: Workload, rows: number) {
  const lane = round.find((lane) => lane.contestant === contestant && lane.workload === workload);
  const cell = lane?.cells.find((cell) => cell.rows === rows);
  if (!cell) throw new Error(`${contestant}, ${workload}, ${rows} rows: nothing was measured.`);
  return cell;
}
