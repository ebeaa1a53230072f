/** The schema's source text. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DocumentNode, Kind, parse, Source } from 'graphql';

/** Every file of schema/, in the order of their names. Each definition knows its file. `folder`: another one. */
export function readTypeDefs(folder: string = schemaFolder()): DocumentNode {
  const definitions = readdirSync(folder)
    .filter((name) => name.endsWith('.graphql'))
    .sort()
    .flatMap((name) => parse(new Source(readFileSync(join(folder, name), 'utf8'), `schema/${name}`)).definitions);
  return { kind: Kind.DOCUMENT, definitions };
}

/** Beside src/: `tools/build.ts` copies schema/ to dist/, so the same path holds there. */
function schemaFolder(): string {
  const folder = join(import.meta.dirname, '../../schema');
  if (!existsSync(folder)) throw new Error(`The folder ${folder} is missing: run \`npm run build\`.`);
  return folder;
}
