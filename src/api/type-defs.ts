/** Reads the schema's source text. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DocumentNode, Kind, parse, Source } from 'graphql';

/**
 * Reads every file of schema/, in the order of their names. Each definition keeps the name of its file. `folder`:
 * another folder.
 */
export function readTypeDefs(folder: string = schemaFolder()): DocumentNode {
  const definitions = readdirSync(folder)
    .filter((name) => name.endsWith('.graphql'))
    .sort()
    .flatMap((name) => parse(new Source(readFileSync(join(folder, name), 'utf8'), `schema/${name}`)).definitions);
  return { kind: Kind.DOCUMENT, definitions };
}

/** schema/ stands beside src/. `tools/build.ts` copies it to dist/, so the same path works there. */
function schemaFolder(): string {
  const folder = join(import.meta.dirname, '../../schema');
  if (!existsSync(folder)) throw new Error(`The folder ${folder} is missing: run \`npm run build\`.`);
  return folder;
}
