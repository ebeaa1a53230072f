/**
 * What authorization costs, in Gatewright and in its peers: `npm run bench:authorization`.
 * docs/benchmarks/README.md says how it measures.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runChild } from './child.ts';
import { conditionsNow, load } from './conditions.ts';
import { entries } from './contestants.ts';
import type { FloodOrder, FloodSample } from './flood.ts';
import type { LaneOrder, LaneResult } from './lane.ts';
import { installPeers } from './peers-package.ts';
import { report } from './report.ts';
import { cellsOf, type Flood, type Results, type Round } from './results.ts';

const usage = 'usage: npm run bench:authorization -- [--rounds 1 to 100] [--output DIRECTORY] [--quick]';
const docs = join(import.meta.dirname, '../../../docs/benchmarks');

interface Plan {
  readonly rounds: number;
  readonly sizes: readonly number[];
  /** Milliseconds. */
  readonly times: Pick<LaneOrder, 'warmUp' | 'settle' | 'slice'>;
  readonly floods: readonly FloodOrder[];
  /** Null: on the console alone. */
  readonly output: string | null;
}

const full = {
  rounds: 5,
  sizes: [1, 20, 100, 1000, 10_000],
  times: { warmUp: 600, settle: 100, slice: 250 },
  floods: [
    { queries: 100_000, executions: 1 },
    { queries: 100_000, executions: 20 },
  ],
  output: docs,
};
/** To see that everything runs and answers rightly; its figures mean little, so it leaves the committed ones alone. */
const quick = {
  rounds: 1,
  sizes: [1, 20, 1000],
  times: { warmUp: 100, settle: 20, slice: 50 },
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
  const conditions = conditionsNow();
  const started = performance.now();
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    measured.push(await runRound(round, rounds, (lane) => ({ ...lane, sizes, ...times })));
  }
  const flooded: Flood[] = [];
  for (const flood of floods) flooded.push(await runFlood(flood));
  const results: Results = {
    conditions,
    loadAtEnd: load(),
    seconds: (performance.now() - started) / 1000,
    settings: { rounds, ...times },
    sizes,
    cells: cellsOf(measured, sizes),
    floods: flooded,
  };
  console.log(`\n${report(results)}`);
  if (output) write(output, results);
}

type Lane = Pick<LaneOrder, 'contestant' | 'workload'>;

/** The order is turned a little further each round, and reversed every second: nobody always has the best place. */
async function runRound(round: number, rounds: number, orderOf: (lane: Lane) => LaneOrder): Promise<Round> {
  const lanes: Lane[] = Object.entries(entries).flatMap(([contestant, { workloads }]) =>
    workloads.map((workload) => ({ contestant, workload })),
  );
  const turn = Math.floor((round * lanes.length) / rounds);
  const turned = [...lanes.slice(turn), ...lanes.slice(0, turn)];
  const results: LaneResult[] = [];
  for (const lane of round % 2 === 0 ? turned : turned.reverse()) {
    console.log(`round ${round + 1} of ${rounds}: ${lane.contestant}, ${lane.workload}`);
    await runChild('./lane.ts', orderOf(lane), (result) => results.push(result));
  }
  return results;
}

async function runFlood(flood: FloodOrder): Promise<Flood> {
  const samples: FloodSample[] = [];
  await runChild('./flood.ts', flood, (sample: FloodSample) => {
    samples.push(sample);
    const { queries, heapMiB, residentMiB } = sample;
    console.log(`${queries} queries, ${flood.executions} times each: heap ${heapMiB} MiB, resident ${residentMiB} MiB`);
  });
  return { ...flood, samples };
}

function write(directory: string, results: Results): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'authorization.json'), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(directory, 'authorization.md'), report(results));
  console.log(`written to ${directory}: authorization.md, authorization.json`);
}
