/**
 * Migrates once, so that each test file begins with a copy. The embedded database is copied from a dumped data
 * directory, and the server that DATABASE_URL names from a template database.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PgliteConnection } from '@mikro-orm/pglite';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { sharedOptions } from '../../mikro-orm.config.ts';
import { openDatabase } from '../../src/database/connection.ts';

declare module 'vitest' {
  interface ProvidedContext {
    snapshot: string;
    /** Null: no server was given. */
    server: { url: string; template: string } | null;
    /** The databases that tests for both run on. */
    databases: readonly ('embedded' | 'postgresql')[];
  }
}

/** Without the migrator's own lines. */
const options = { ...sharedOptions, logger: () => {} };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-test-'));
  const snapshot = join(folder, 'snapshot.tar');
  const embedded = await openDatabase({ kind: 'memory' }, options);
  await embedded.migrate();
  const pglite = await (embedded.orm.em.getConnection() as unknown as PgliteConnection).getNativeClient();
  writeFileSync(snapshot, new Uint8Array(await (await pglite.dumpDataDir('none')).arrayBuffer()));
  await embedded.close();
  project.provide('snapshot', snapshot);

  const url = process.env.DATABASE_URL;
  const template = `gatewright_test_${randomBytes(6).toString('hex')}`;
  project.provide('server', url ? { url, template } : null);
  const isServerAlone = process.env.TEST_DATABASES === 'postgresql';
  if (isServerAlone && !url) throw new Error('TEST_DATABASES=postgresql needs DATABASE_URL.');
  project.provide('databases', url ? (isServerAlone ? ['postgresql'] : ['embedded', 'postgresql']) : ['embedded']);
  if (url) {
    await onServer(url, `create database ${template}`);
    const migrated = await openDatabase({ kind: 'postgresql', url: withDatabase(url, template) }, options);
    await migrated.migrate();
    await migrated.close();
  }

  return async () => {
    rmSync(folder, { recursive: true, force: true });
    if (url) await onServer(url, `drop database if exists ${template} with (force)`);
  };
}

/** The address of another database on the same server. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

export async function onServer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
