import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/database/connection.ts';
import { testDatabases } from '../../support/database.ts';

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
