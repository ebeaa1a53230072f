/**
 * Makes .env.example and docs/configuration.md from the table in src/config/table.ts.
 *
 *   npm run configuration               writes them
 *   npm run configuration -- --check    ends with 1 unless they are current
 *   npm run configuration -- --folder F writes or checks them in another folder
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { documents } from './configuration/documents.ts';

const { values } = parseArgs({ options: { check: { type: 'boolean' }, folder: { type: 'string' } } });
const folder = values.folder ?? join(import.meta.dirname, '..');

for (const { file, text } of documents()) {
  const path = join(folder, file);
  if (!values.check) {
    writeFileSync(path, text);
    console.log(`wrote ${file}`);
  } else if (!existsSync(path) || readFileSync(path, 'utf8').replaceAll('\r\n', '\n') !== text) {
    console.error(`${file} is not made from src/config/table.ts as it is now. Run \`npm run configuration\`.`);
    process.exitCode = 1;
  }
}
