/** The schema's source text. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every file of schema/, in the order of their names. */
export function readTypeDefs(): string {
  const folder = schemaFolder();
  return readdirSync(folder)
    .filter((name) => name.endsWith('.graphql'))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

/** Beside src/: `tools/build.ts` copies schema/ to dist/, so the same path holds there. */
function schemaFolder(): string {
  const folder = join(import.meta.dirname, '../../schema');
  if (!existsSync(folder)) throw new Error(`The folder ${folder} is missing: run \`npm run build\`.`);
  return folder;
}
