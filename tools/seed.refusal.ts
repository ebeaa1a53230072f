/** Which databases are not filled with accounts of a published password. */
import type { EntityManager } from '../src/database/database.ts';
import type { OpenedDatabase } from './database.ts';

type Target = Pick<OpenedDatabase, 'name' | 'key' | 'production'> & {
  /** What it holds, or was used by; null for nothing. */
  contents: string | null;
};

/** Why the database stays as it is; null if it may be filled. `force`: the key of the database that is meant. */
export function refusalOf({ name, key, production, contents }: Target, force: string | null): string | null {
  if (force === key) return null;
  if (force !== null) return `--force names ${force}, but this is the ${name}, --force ${key}`;
  if (production) return `NODE_ENV is production. To fill the ${name} all the same, write --force ${key}`;
  return contents && `the ${name} ${contents} already. To fill it all the same, write --force ${key}`;
}

const signs = [
  { table: 'users', where: 'true', contents: 'holds accounts' },
  { table: 'tasks', where: 'true', contents: 'holds tasks' },
  // A server of production makes no account without ADMIN_PASSWORD, but every start is noted.
  { table: 'installation', where: 'secret_seen_at is not null', contents: 'was used by a server' },
];

/** What says that somebody needs the database, which may have no tables yet; null for nothing. */
export async function contentsOf(em: EntityManager): Promise<string | null> {
  for (const { table, where, contents } of signs) {
    const [found] = await em.execute(`select to_regclass('${table}') is not null as exists`);
    if (!found?.exists) continue;
    const [row] = await em.execute(`select exists (select from ${table} where ${where})`);
    if (row?.exists) return contents;
  }
  return null;
}
