/** One contestant with one workload, in a process of its own, so that no other code has influenced what V8 compiles. */
import { answer } from '../child.ts';
import type { Execute } from './contestant.ts';
import { entries, load } from './contestants.ts';
import { type Measured, measure } from './measure.ts';
import { targetRows } from './rows.ts';
import { verify, type Workload, workloads } from './workloads.ts';

export interface Lane {
  readonly contestant: string;
  readonly workload: Workload;
}

export type LaneQuestion =
  /** Builds it, checks its answers at some sizes, and warms it up for some milliseconds. */
  | { readonly lane: Lane; readonly verify: readonly number[]; readonly warmUp: number }
  /** Measures for some milliseconds. */
  | { readonly rows: number; readonly milliseconds: number };

let prepared: { execute: Execute; lane: Lane } | undefined;

answer<LaneQuestion, Measured>(async (question) => {
  if ('rows' in question) return measureAt(question.rows, question.milliseconds);
  await prepare(question.lane, question.verify);
  return measureAt(targetRows, question.warmUp);
});

async function prepare(lane: Lane, sizes: readonly number[]): Promise<void> {
  const { contestant, workload } = lane;
  const entry = entries[contestant];
  if (!entry) throw new Error(`There is no contestant ${contestant}.`);
  const execute = await (await load(entry))(workload);
  for (const rows of sizes) {
    try {
      await verify(execute, workload, rows, entry.told);
    } catch (error) {
      throw new Error(`${contestant}, ${workload}, ${rows} rows: ${(error as Error).message}`, { cause: error });
    }
  }
  prepared = { execute, lane };
}

function measureAt(rows: number, milliseconds: number): Promise<Measured> {
  if (!prepared) throw new Error('There is nothing to measure yet.');
  const { execute, lane } = prepared;
  const { viewer } = workloads[lane.workload];
  return measure(() => execute(viewer(), rows), milliseconds);
}
