import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { sharedOptions } from '../../../mikro-orm.config.ts';
import { openDatabase } from '../../../src/database/connection.ts';
import type { Database } from '../../../src/database/database.ts';
import { testDatabases } from '../../support/database.ts';
import { onServer, withDatabase } from '../../support/global-setup.ts';

describe.each(testDatabases())('migrations on $name', ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  it('leave nothing for the entities to ask for', async () => {
    expect(await database.orm.schema.getUpdateSchemaSQL()).toBe('');
  });

  it('are all marked as run', async () => {
    expect(await database.orm.migrator.getPending()).toEqual([]);
  });

  it('keep the signing keys that are there: each has signed since it was made', async () => {
    const em = database.fork();
    await database.orm.migrator.down({ to: 'Migration20261122001644_initial' });
    await em.execute(`insert into signing_keys (kid, algorithm, encrypted_private_key, created_at)
      values ('a', 'ES256', 'v1.AAAA', '2026-01-01T12:00:00Z')`);
    await database.migrate();
    const [row] = await em.execute('select signs_from = created_at as same, retired_at from signing_keys');
    expect(row).toEqual({ same: true, retired_at: null });
    expect(await database.orm.migrator.getPending()).toEqual([]);
    expect(await database.orm.schema.getUpdateSchemaSQL()).toBe('');
  });
});

/** Without the migrator's own lines. */
const quiet = { ...sharedOptions, logger: () => {} };

describe.runIf(inject('server'))('migrations by a role that may create no extension', () => {
  const server = inject('server')?.url ?? '';
  const name = `gatewright_test_${randomBytes(6).toString('hex')}`;
  const own = () => withDatabase(server, name);
  let database: Database;
  beforeAll(async () => {
    await onServer(server, `create database ${name}`);
    await onServer(server, `create role ${name}`);
    await onServer(own(), `grant create on schema public to ${name}`);
    await onServer(server, `alter database ${name} set role = ${name}`);
    database = await openDatabase({ kind: 'postgresql', url: own() }, quiet);
  });
  afterAll(async () => {
    await database.close();
    await onServer(server, `drop database ${name} with (force)`);
    await onServer(server, `drop role ${name}`);
  });

  it('say what is missing, and run once an administrator has made it', async () => {
    const refusal: Error = await database.migrate().then(
      () => new Error('nothing'),
      (error: Error) => error,
    );
    expect(refusal.message).toContain('Finding text needs the extension pg_trgm');
    expect(refusal.message).toContain('create extension pg_trgm');
    expect((await database.orm.migrator.getPending()).length).toBeGreaterThan(0);
    await onServer(own(), 'set role none; create extension pg_trgm');
    await database.migrate();
    expect(await database.orm.migrator.getPending()).toEqual([]);
  });
});
