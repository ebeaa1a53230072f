/** Which databases `npm run db:seed` refuses. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/database/database.ts';
import { noteSecret } from '../../../src/server/bootstrap/installation.ts';
import { contentsOf } from '../../../tools/seed.refusal.ts';
import { testDatabases } from '../../support/database.ts';
import { addUser } from '../tasks/fixtures.ts';

describe.each(testDatabases())('an empty database on $name', ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  it('may be filled until a server has started on it, also one that made no account', async () => {
    const em = database.fork();
    expect(await contentsOf(em)).toBeNull();
    await noteSecret(em, { secret: 'a secret of the server', previousSecret: null }, new Date());
    expect(await contentsOf(em)).toBe('was used by a server');
    await addUser(em, { username: 'ada' });
    expect(await contentsOf(em)).toBe('holds accounts');
  });
});
