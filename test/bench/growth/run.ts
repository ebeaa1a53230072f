/** How lists grow with the database: `npm run bench:growth`. docs/benchmarks/README.md says how it measures. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { conditionsNow, load } from '../conditions.ts';
import { type Cleanup, runAndClearUp } from '../login/cleanup.ts';
import { findServer } from '../login/database.ts';
import { versions } from '../login/versions.ts';
import { count } from '../markdown.ts';
import { comparisonsOf } from './comparisons.ts';
import { measure } from './measure.ts';
import { pagesOf } from './pages.ts';
import { type Plan, readPlan, type Settings } from './plan.ts';
import { report } from './report.ts';
import { figureOf, type Measured, type Results } from './results.ts';
import { makeWorld, type World } from './worlds.ts';

/** Not counted: until then some servers have compiled more than others. */
const warmUp = { requests: 5, budget: 100 };

const plan = readPlan(process.argv.slice(2));
if (!plan) process.exitCode = 2;
else await runAndClearUp('bench:growth', (cleanup) => run(plan, cleanup));

async function run({ settings, output }: Plan, cleanup: Cleanup): Promise<void> {
  const postgresql = await findServer();
  const conditions = conditionsNow(versions());
  const started = performance.now();
  const worlds: World[] = [];
  for (const tasks of settings.sizes) {
    console.log(`making ${count(tasks)} tasks`);
    worlds.push(await makeWorld(tasks, postgresql, cleanup));
  }
  const measured = await measureAll(worlds, settings).catch(async (error: Error) => {
    // The end of a server is only known a moment later.
    await sleep(100);
    throw new Error([error.message, ...complaintsOf(worlds)].join('\n'), { cause: error });
  });
  const results: Results = {
    ...{ conditions, loadAtEnd: load(), seconds: (performance.now() - started) / 1000, settings },
    postgresql: postgresql.version,
    databases: worlds.map(({ tasks, accounts, made }) => ({ tasks, accounts, ...made })),
    ...{ measured, figures: measured.map(figureOf) },
  };
  console.log(`\n${report(results)}`);
  if (output) write(output, results);
}

/** @throws Error for a wrong answer, and for an error that a server has logged. */
async function measureAll(worlds: readonly World[], { rounds, amount }: Settings): Promise<Measured[]> {
  console.log('walking to the pages far inside');
  const comparisons = [...(await comparisonsOf(worlds)), ...(await pagesOf(worlds))];
  const measured = comparisons.map(({ group, title, variants }) => ({
    ...{ group, title, variants: variants.map(({ name }) => name), rounds: [] as number[][] },
  }));
  console.log('warming up');
  for (const comparison of comparisons) await measure(comparison, warmUp);
  for (let round = 0; round < rounds; round++) {
    let group = '';
    for (const world of worlds) await world.signIn();
    for (const [index, comparison] of comparisons.entries()) {
      if (group !== comparison.group) console.log(`round ${round + 1} of ${rounds}: ${comparison.group}`);
      group = comparison.group;
      measured[index]?.rounds.push(await measure(comparison, amount));
    }
  }
  if (complaintsOf(worlds).length > 0) throw new Error('The answers were right, and yet a server complains:');
  return measured;
}

function complaintsOf(worlds: readonly World[]): string[] {
  return worlds.map(({ server }) => server.complaint()).filter((complaint) => complaint !== null);
}

function write(directory: string, results: Results): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'growth.json'), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(directory, 'growth.md'), report(results));
  console.log(`written to ${directory}: growth.md, growth.json`);
}
