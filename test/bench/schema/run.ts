/**
 * The cost of a guard, and of visible schemas, as the schema grows: `npm run bench:schema`. docs/benchmarks/README.md
 * says how it measures.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../child.ts';
import { conditionsNow, load } from '../conditions.ts';
import { count } from '../markdown.ts';
import { type Plan, readPlan } from './plan.ts';
import { report } from './report.ts';
import type { Results, Sample } from './results.ts';

const plan = readPlan(process.argv.slice(2));
if (!plan) process.exitCode = 2;
else await run(plan);

async function run({ settings, output }: Plan): Promise<void> {
  const conditions = conditionsNow(versions());
  const started = performance.now();
  const measured = settings.sizes.map((types) => ({ types, samples: [] as Sample[] }));
  for (let round = 0; round < settings.rounds; round++) {
    for (const { types, samples } of measured) {
      console.log(`round ${round + 1} of ${settings.rounds}: ${count(types)} types`);
      samples.push(await measure(types));
    }
  }
  const seconds = (performance.now() - started) / 1000;
  const results: Results = { conditions, loadAtEnd: load(), seconds, settings, measured };
  console.log(`\n${report(results)}`);
  if (output) write(output, results);
}

async function measure(types: number): Promise<Sample> {
  const child = startChild<{ types: number }, Sample>(new URL('measure.child.ts', import.meta.url));
  try {
    return await child.ask({ types });
  } finally {
    await child.end();
  }
}

function versions(): Record<string, string> {
  const root = join(import.meta.dirname, '../../..');
  const versionIn = (folder: string): string =>
    (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
  return { gatewright: versionIn(root), graphql: versionIn(join(root, 'node_modules/graphql')) };
}

function write(directory: string, results: Results): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'schema.json'), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(directory, 'schema.md'), report(results));
  console.log(`written to ${directory}: schema.md, schema.json`);
}
