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
});
