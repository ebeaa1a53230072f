/**
 * How long a start takes, and how many requests each database serves: `npm run bench:start`. docs/benchmarks/README.md
 * says how it measures.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { conditionsNow, load } from '../conditions.ts';
import { type Cleanup, runAndClearUp } from '../login/cleanup.ts';
import { findServer } from '../login/database.ts';
import { makeDatabases } from './databases.ts';
import { makeInstallation } from './installation.ts';
import { type Plan, readPlan } from './plan.ts';
import { report } from './report.ts';
import { type Results, type Round, spreadsOf } from './results.ts';
import { measureServing } from './serving.ts';
import { measureNpm, measureStarts } from './starts.ts';

const plan = readPlan(process.argv.slice(2));
if (!plan) process.exitCode = 2;
else await runAndClearUp('bench:start', (cleanup) => run(plan, cleanup));

async function run({ settings, output }: Plan, cleanup: Cleanup): Promise<void> {
  const postgresql = await findServer();
  const conditions = conditionsNow(versions());
  const started = performance.now();
  console.log('installing, building and making databases');
  const directory = makeInstallation(cleanup);
  const databases = await makeDatabases(directory, postgresql, cleanup);
  const rounds: Round[] = [];
  for (let round = 0; round < settings.rounds; round++) {
    const tell = (section: string) => console.log(`round ${round + 1} of ${settings.rounds}: ${section}`);
    tell('starts');
    const npm = await measureNpm(directory);
    const starts = await measureStarts(directory, databases, cleanup);
    tell('the embedded database');
    const embedded = await measureServing(directory, databases.filled.embedded, { settings, cleanup });
    tell('PostgreSQL');
    const server = await measureServing(directory, databases.filled.postgresql, { settings, cleanup });
    rounds.push({ npm, starts, serving: { embedded, postgresql: server } });
  }
  const results: Results = {
    conditions,
    loadAtEnd: load(),
    seconds: (performance.now() - started) / 1000,
    settings,
    postgresql: postgresql.version,
    npm: execFileSync('npm', ['--version'], { encoding: 'utf8' }).trim(),
    rounds,
    figures: spreadsOf(rounds),
  };
  console.log(`\n${report(results)}`);
  if (output) write(output, results);
}

function versions(): Record<string, string> {
  const root = join(import.meta.dirname, '../../..');
  const packages = ['@electric-sql/pglite', '@mikro-orm/core', 'pg', 'fastify', '@apollo/server', 'graphql'];
  const versionIn = (folder: string): string =>
    (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
  const own = ['gatewright', versionIn(root)];
  return Object.fromEntries([own, ...packages.map((name) => [name, versionIn(join(root, 'node_modules', name))])]);
}

function write(directory: string, results: Results): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'start.json'), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(directory, 'start.md'), report(results));
  console.log(`written to ${directory}: start.md, start.json`);
}
