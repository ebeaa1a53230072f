/**
 * Writes the schema as one SDL document with its guards. It composes as a subgraph of Apollo Federation.
 *
 *   node tools/print-schema.ts                writes schema.graphql
 *   node tools/print-schema.ts --out FILE     writes FILE; `-` is standard output
 *   node tools/print-schema.ts --without-guards   for gateways that refuse access control
 *   node tools/print-schema.ts --without-node     to compose beside a service whose `node` finds other types
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { guardSchema } from '../src/api/schema.ts';
import { printSubgraph } from '../src/api/subgraph.ts';
import { shortly } from './database.ts';

const usage = 'usage: npm run schema:print -- [--out FILE] [--without-guards] [--without-node]';

function readOptions() {
  try {
    return parseArgs({
      options: {
        out: { type: 'string', default: 'schema.graphql' },
        'without-guards': { type: 'boolean', default: false },
        'without-node': { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    console.error(`schema:print: ${shortly(error)}\n${usage}`);
    return null;
  }
}

const options = readOptions();
if (options === null) {
  process.exitCode = 2;
} else {
  const { out: target } = options;
  const { requirements } = guardSchema({ denial: 'filter' });
  const sdl = printSubgraph({ requirements, guards: !options['without-guards'], node: !options['without-node'] });
  if (target === '-') {
    process.stdout.write(sdl);
  } else {
    try {
      writeFileSync(target, sdl);
      console.log(`wrote ${target}`);
    } catch (error) {
      console.error(`schema:print: ${target} cannot be written: ${shortly(error)}`);
      process.exitCode = 1;
    }
  }
}
