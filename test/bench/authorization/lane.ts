/**
 * One contestant with one workload, in a process of its own, so that no other's code has shaped what the engine
 * compiles. Says what it measured to the process that started it.
 */
import { entries, load } from './contestants.ts';
import { type Measured, measure } from './measure.ts';
import { verify, type Workload, workloads } from './workloads.ts';

export interface LaneOrder {
  readonly contestant: string;
  readonly workload: Workload;
  readonly sizes: readonly number[];
  /** Milliseconds: before anything is timed, before each size, and timed. */
  readonly warmUp: number;
  readonly settle: number;
  readonly slice: number;
}

export interface LaneResult {
  readonly contestant: string;
  readonly workload: Workload;
  readonly cells: readonly (Measured & { readonly rows: number })[];
}

const warmUpRows = 1000;
const leastBatches = 3;

const order = JSON.parse(process.argv[2] as string) as LaneOrder;
process.send?.(await run(order));
// Some contestants keep the process alive.
process.disconnect?.();

async function run({ contestant, workload, sizes, warmUp, settle, slice }: LaneOrder): Promise<LaneResult> {
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
  const { viewer } = workloads[workload];
  await measure(() => execute(viewer(), warmUpRows), warmUp);
  const cells = [];
  for (const rows of sizes) {
    const once = () => execute(viewer(), rows);
    await measure(once, settle);
    globalThis.gc?.();
    cells.push({ rows, ...(await measure(once, slice, leastBatches)) });
  }
  return { contestant, workload, cells };
}
