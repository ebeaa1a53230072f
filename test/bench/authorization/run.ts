/**
 * What authorization costs, in Gatewright and in its peers: `npm run bench:authorization`.
 * docs/benchmarks/README.md says how it measures.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startChild } from '../child.ts';
import { conditionsNow, load } from '../conditions.ts';
import type { FloodOrder, FloodQuestion, FloodSample } from './flood.ts';
import { installPeers, versions } from './peers-package.ts';
import { report } from './report.ts';
import { cellsOf, type Flood, type Results, type Round, shareOf } from './results.ts';
import { runRound, type Times } from './round.ts';

const usage = 'usage: npm run bench:authorization -- [--rounds 1 to 100] [--output DIRECTORY] [--quick]';
const docs = join(import.meta.dirname, '../../../docs/benchmarks');

interface Plan {
  readonly rounds: number;
  readonly sizes: readonly number[];
  readonly times: Times;
  readonly floods: readonly FloodOrder[];
  /** Null: only to the console. */
  readonly output: string | null;
}

const full = {
  rounds: 5,
  sizes: [1, 20, 100, 1000, 10_000],
  times: { warmUp: 500, settle: 80, slice: 60, slices: 3, slicesAtTarget: 15 },
  floods: [
    { queries: 100_000, executions: 1 },
    { queries: 100_000, executions: 20 },
  ],
  output: docs,
};
/** A quick run, to see that everything works. Its figures mean little, so it leaves the committed ones alone. */
const quick = {
  rounds: 1,
  sizes: [1, 20, 1000],
  times: { warmUp: 100, settle: 20, slice: 50, slices: 1, slicesAtTarget: 2 },
  floods: [
    { queries: 2000, executions: 1 },
    { queries: 2000, executions: 20 },
  ],
  output: null,
};

const plan = readPlan(process.argv.slice(2));
if (!plan) process.exitCode = 2;
else {
  try {
    await run(plan);
  } catch (error) {
    console.error(`bench:authorization: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

function readPlan(args: string[]): Plan | null {
  try {
    const { values } = parseArgs({
      args,
      options: { rounds: { type: 'string' }, output: { type: 'string' }, quick: { type: 'boolean' } },
    });
    const settings = values.quick ? quick : full;
    const rounds = Number(values.rounds ?? settings.rounds);
    if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100)
      throw new Error(`${values.rounds} rounds cannot be run`);
    return { ...settings, rounds, output: values.output ?? settings.output };
  } catch (error) {
    console.error(`bench:authorization: ${(error as Error).message}\n${usage}`);
    return null;
  }
}

async function run({ rounds, sizes, times, floods, output }: Plan): Promise<void> {
  installPeers();
  const conditions = conditionsNow(versions());
  const started = performance.now();
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    measured.push(await runRound({ round, rounds, sizes, times }));
  }
  const flooded: Flood[] = [];
  for (const flood of floods) flooded.push(await runFlood(flood));
  const results: Results = {
    conditions,
    loadAtEnd: load(),
    seconds: (performance.now() - started) / 1000,
    settings: { rounds, ...times },
    share: shareOf(measured),
    sizes,
    cells: cellsOf(measured, sizes),
    floods: flooded,
  };
  console.log(`\n${report(results)}`);
  if (output) write(output, results);
}

async function runFlood({ queries, executions }: FloodOrder): Promise<Flood> {
  const child = startChild<FloodQuestion, FloodSample>(new URL('./flood.ts', import.meta.url));
  const samples: FloodSample[] = [];
  try {
    for (let tenth = 0; tenth <= 10; tenth++) {
      const sample = await child.ask({ upTo: (queries / 10) * tenth, executions });
      samples.push(sample);
      const { heapMiB, residentMiB } = sample;
      console.log(
        `${sample.queries} queries, ${executions} times each: heap ${heapMiB} MiB, resident ${residentMiB} MiB`,
      );
    }
  } finally {
    await child.end();
  }
  return { queries, executions, samples };
}

function write(directory: string, results: Results): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'authorization.json'), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(directory, 'authorization.md'), report(results));
  console.log(`written to ${directory}: authorization.md, authorization.json`);
}
