/** One round: every contestant with every workload, in new processes. */
import { type Child, startChild } from '../child.ts';
import { entries } from './contestants.ts';
import type { Lane, LaneQuestion } from './lane.ts';
import type { Measured } from './measure.ts';
import type { Round } from './results.ts';
import { targetRows } from './rows.ts';

export interface RoundPlan {
  readonly round: number;
  readonly rounds: number;
  readonly sizes: readonly number[];
  readonly times: Times;
}

/** Milliseconds of processor time. */
export interface Times {
  /** Once for each process. */
  readonly warmUp: number;
  /** Before the first slice of a size, if the warm-up used another size. */
  readonly settle: number;
  readonly slice: number;
  /** How many slices each takes in turn, and how many at 1,000 rows, where the targets are. */
  readonly slices: number;
  readonly slicesAtTarget: number;
}

/**
 * Contestants with the same unguarded engine are measured together, slice by slice in turn. So a disturbance of the
 * machine concerns guarded and unguarded alike. The order changes from round to round and from slice to slice.
 */
export async function runRound({ round, rounds, sizes, times }: RoundPlan): Promise<Round> {
  const lanes: Lane[] = Object.entries(entries).flatMap(([contestant, { workloads }]) =>
    workloads.map((workload) => ({ contestant, workload })),
  );
  const groups = [...Map.groupBy(lanes, ({ contestant }) => entries[contestant]?.baseline).values()];
  const results: Round[number][] = [];
  for (const group of turned(groups, round)) {
    console.log(
      `round ${round + 1} of ${rounds}: ${[...new Set(group.map(({ contestant }) => contestant))].join(', ')}`,
    );
    // The answers are the same in every round.
    const verify = round === 0 ? sizes : sizes.slice(0, 1);
    results.push(...(await runGroup(turned(group, round), verify, { sizes, times })));
  }
  return results;
}

type Running = Lane & { readonly child: Child<LaneQuestion, Measured> };

async function runGroup(
  group: readonly Lane[],
  verify: readonly number[],
  { sizes, times }: Pick<RoundPlan, 'sizes' | 'times'>,
): Promise<Round> {
  const running: Running[] = group.map((lane) => ({
    ...lane,
    child: startChild(new URL('./lane.ts', import.meta.url)),
  }));
  try {
    for (const { child, ...lane } of running) await child.ask({ lane, verify, warmUp: times.warmUp });
    const cells = new Map<Running, Round[number]['cells'][number][]>(running.map((lane) => [lane, []]));
    for (const rows of sizes) {
      for (const [lane, measured] of await measureSize(running, rows, times))
        cells.get(lane)?.push({ rows, ...measured });
    }
    return running.map((lane) => {
      const { contestant, workload } = lane;
      return { contestant, workload, cells: cells.get(lane) ?? [] };
    });
  } finally {
    await Promise.all(running.map(({ child }) => child.end()));
  }
}

async function measureSize(running: readonly Running[], rows: number, times: Times): Promise<Map<Running, Measured>> {
  const { settle, slice } = times;
  const slices = rows === targetRows ? times.slicesAtTarget : times.slices;
  if (rows < targetRows) for (const { child } of running) await child.ask({ rows, milliseconds: settle });
  const measured = new Map<Running, Measured>();
  for (let turn = 0; turn < slices; turn++) {
    for (const lane of turned(running, turn)) {
      const before = measured.get(lane);
      // One run of some contestants takes longer than all slices.
      if (before && before.processor >= slice * slices) continue;
      const more = await lane.child.ask({ rows, milliseconds: slice });
      measured.set(lane, before ? sum(before, more) : more);
    }
  }
  return measured;
}

function sum(one: Measured, other: Measured): Measured {
  return {
    processor: one.processor + other.processor,
    elapsed: one.elapsed + other.elapsed,
    runs: one.runs + other.runs,
  };
}

function turned<Item>(items: readonly Item[], by: number): Item[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}
