/** The table of every noun, in the order of src/api/nouns.ts. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { nouns } from '../../src/api/nouns.ts';
import type { Role } from '../../src/graphql/schema-types.ts';
import type { NounTable } from './noun-table.ts';

const files = globSync('*.table.ts', { cwd: import.meta.dirname }).map((file) => join(import.meta.dirname, file));
const found: NounTable[] = [];
for (const file of files) found.push((await import(file)).table);

export const tables: readonly NounTable[] = nouns.map(({ name }) => {
  const [table, another] = found.filter(({ noun }) => noun === name);
  if (!table) throw new Error(`The noun ${name} has no table. Write one in test/nouns, as tasks.table.ts is written.`);
  if (another) throw new Error(`The noun ${name} has two tables in test/nouns. Make them one.`);
  return table;
});

for (const { noun } of found.filter((table) => !tables.includes(table))) {
  throw new Error(`A table in test/nouns is of ${noun}, which src/api/nouns.ts does not list. Delete the table.`);
}

/** What each role is worth, as the tables say. */
export function scopesOf(role: Role): string[] {
  const scopes = tables.flatMap((table) => Object.entries(table.scopes ?? {}));
  return scopes.filter(([, roles]) => roles.includes(role)).map(([name]) => name);
}
