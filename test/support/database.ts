/** Databases for tests. Each test file gets a migrated one of its own, which is removed afterwards. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Client } from 'pg';
import { inject } from 'vitest';
import { sharedOptions } from '../../mikro-orm.config.ts';
import { openDatabase } from '../../src/database/connection.ts';
import type { Database } from '../../src/database/database.ts';
import { onServer, withDatabase } from './global-setup.ts';

export interface TestDatabase {
  name: 'embedded' | 'postgresql';
  /** Opens a new, empty, migrated database; `close` removes it. */
  open(): Promise<Database>;
}

/**
 * The embedded database; PostgreSQL as well when DATABASE_URL is set, or only PostgreSQL with
 * TEST_DATABASES=postgresql. For `describe.each`.
 */
export function testDatabases(): TestDatabase[] {
  return inject('databases').map((name) => (name === 'embedded' ? embedded : postgresql));
}

const embedded: TestDatabase = {
  name: 'embedded',
  open: () => openDatabase({ kind: 'memory', snapshot: new Blob([readFileSync(inject('snapshot'))]) }, sharedOptions),
};

/** PostgreSQL, for tests that run only when there is a server. */
export const postgresql: TestDatabase = {
  name: 'postgresql',
  open: async () => {
    const { url, drop } = await createServerDatabase();
    const database = await openDatabase({ kind: 'postgresql', url }, sharedOptions);
    return {
      ...database,
      close: async () => {
        await database.close();
        await drop();
      },
    };
  },
};

/** A migrated database on the server, for a test that opens it from several processes. */
export async function createServerDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const server = inject('server');
  if (!server) throw new Error('DATABASE_URL is not set');
  const name = `gatewright_test_${randomBytes(6).toString('hex')}`;
  await onServer(server.url, `create database ${name} template ${server.template}`);
  return {
    url: withDatabase(server.url, name),
    drop: () => onServer(server.url, `drop database if exists ${name} with (force)`),
  };
}

/** How many connections to the same database wait for a lock. */
export async function waitingIn(client: Client): Promise<number> {
  const { rows } = await client.query<{ waiting: number }>(
    `select count(*)::int as waiting from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]?.waiting ?? 0;
}
