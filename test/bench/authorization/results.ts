/** From what the lanes measured, round by round, to the figures that are reported. */
import type { Conditions } from './conditions.ts';
import { entries, reference } from './contestants.ts';
import type { FloodOrder, FloodSample } from './flood.ts';
import type { LaneResult } from './lane.ts';
import { type Spread, spreadOf } from './statistics.ts';
import type { Workload } from './workloads.ts';

export type Round = readonly LaneResult[];

export interface Flood extends FloodOrder {
  readonly samples: readonly FloodSample[];
}

/** One contestant, one workload, one number of rows. */
export interface Cell {
  readonly contestant: string;
  readonly workload: Workload;
  readonly rows: number;
  readonly milliseconds: Spread;
  /** In all rounds. */
  readonly runs: number;
  /** To the same contestant's engine without guards, round by round. Absent for that itself. */
  readonly price?: Spread;
  /** To graphql-js without guards. */
  readonly toGraphqlJs: Spread;
  /** To `guard.execute` with the same workload. */
  readonly toGatewright: Spread;
}

export interface Results {
  readonly conditions: Conditions;
  readonly loadAtEnd: number;
  readonly seconds: number;
  readonly settings: {
    readonly rounds: number;
    readonly warmUp: number;
    readonly settle: number;
    readonly slice: number;
  };
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
        const times = own.map(({ milliseconds }) => milliseconds);
        const to = (name: string, of: Workload) =>
          spreadOf(at(name, of).map(({ milliseconds }, round) => (times[round] as number) / milliseconds));
        return {
          contestant,
          workload,
          rows,
          milliseconds: spreadOf(times),
          runs: own.reduce((sum, { runs }) => sum + runs, 0),
          ...(workload !== 'unguarded' && { price: to(baseline, 'unguarded') }),
          toGraphqlJs: to('graphql-js', 'unguarded'),
          toGatewright: to(reference, workload),
        };
      }),
    ),
  );
}

function cellIn(round: Round, contestant: string, workload: Workload, rows: number) {
  const lane = round.find((lane) => lane.contestant === contestant && lane.workload === workload);
  const cell = lane?.cells.find((cell) => cell.rows === rows);
  if (!cell) throw new Error(`${contestant}, ${workload}, ${rows} rows: nothing was measured.`);
  return cell;
}
