/**
 * Writes the schema as one SDL document, guards included, which composes as an Apollo Federation subgraph.
 *
 *   node tools/print-schema.ts                writes schema.graphql
 *   node tools/print-schema.ts --out FILE     writes FILE; `-` is standard output
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { printSubgraph } from '../src/server/subgraph.ts';
import { shortly } from './database.ts';

const usage = 'usage: npm run schema:print -- [--out FILE]';

function readTarget(): string | null {
  try {
    return parseArgs({ options: { out: { type: 'string', default: 'schema.graphql' } } }).values.out;
  } catch (error) {
    console.error(`schema:print: ${shortly(error)}\n${usage}`);
    return null;
  }
}

const target = readTarget();
if (target === null) {
  process.exitCode = 2;
} else if (target === '-') {
  process.stdout.write(printSubgraph());
} else {
  try {
    writeFileSync(target, printSubgraph());
    console.log(`wrote ${target}`);
  } catch (error) {
    console.error(`schema:print: ${target} cannot be written: ${shortly(error)}`);
    process.exitCode = 1;
  }
}
