/** Protects databases in use from accounts with a published password. */
import type { EntityManager } from '../src/database/database.ts';
import type { OpenedDatabase } from './database.ts';

type Target = Pick<OpenedDatabase, 'name' | 'key' | 'production'> & {
  /** What the database contains, or who used it; null for nothing. */
  contents: string | null;
};

/** Why the database must not be filled; null if it may. `force`: the key of the database that the caller allows. */
export function refusalOf({ name, key, production, contents }: Target, force: string | null): string | null {
  if (force === key) return null;
  if (force !== null) return `--force names ${force}, but this is the ${name}, --force ${key}`;
  if (production) return `NODE_ENV is production. To fill the ${name} all the same, write --force ${key}`;
  return contents && `the ${name} ${contents} already. To fill it all the same, write --force ${key}`;
}

const signs = [
  { table: 'users', where: 'true', contents: 'holds accounts' },
  { table: 'tasks', where: 'true', contents: 'holds tasks' },
  // A production server without ADMIN_PASSWORD creates no account, but records each start.
  { table: 'installation', where: 'secret_seen_at is not null', contents: 'was used by a server' },
];

/** What shows that the database is in use; null for nothing. It may have no tables yet. */
export async function contentsOf(em: EntityManager): Promise<string | null> {
  for (const { table, where, contents } of signs) {
    const [found] = await em.execute(`select to_regclass('${table}') is not null as exists`);
    if (!found?.exists) continue;
    const [row] = await em.execute(`select exists (select from ${table} where ${where})`);
    if (row?.exists) return contents;
  }
  return null;
}
