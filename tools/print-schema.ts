/**
 * Writes the schema as one SDL document, guards included, which composes as an Apollo Federation subgraph.
 *
 *   node tools/print-schema.ts                writes schema.graphql
 *   node tools/print-schema.ts --out FILE     writes FILE; `-` is standard output
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { printSubgraph } from '../src/server/subgraph.ts';

const { values } = parseArgs({ options: { out: { type: 'string', default: 'schema.graphql' } } });
if (values.out === '-') {
  process.stdout.write(printSubgraph());
} else {
  writeFileSync(values.out, printSubgraph());
  console.log(`wrote ${values.out}`);
}
