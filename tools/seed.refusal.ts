/** Which databases are not filled with accounts of a published password. */
import type { EntityManager } from '../src/database/connection.ts';
import type { OpenedDatabase } from './database.ts';

type Target = Pick<OpenedDatabase, 'name' | 'key' | 'production'> & {
  /** What there is in it; null for nothing. */
  contents: string | null;
};

/** Why the database stays as it is; null if it may be filled. `force`: the key of the database that is meant. */
export function refusalOf({ name, key, production, contents }: Target, force: string | null): string | null {
  if (force === key) return null;
  if (force !== null) return `--force names ${force}, but this is the ${name}, --force ${key}`;
  if (production) return `NODE_ENV is production. To fill the ${name} all the same, write --force ${key}`;
  return contents && `the ${name} holds ${contents} already. To fill it all the same, write --force ${key}`;
}

/** What there is in the database, which may have no tables yet; null for nothing. */
export async function contentsOf(em: EntityManager): Promise<string | null> {
  for (const table of ['users', 'tasks']) {
    const [found] = await em.execute(`select to_regclass('${table}') is not null as exists`);
    if (!found?.exists) continue;
    const [row] = await em.execute(`select exists (select from ${table})`);
    if (row?.exists) return table === 'users' ? 'accounts' : 'tasks';
  }
  return null;
}
