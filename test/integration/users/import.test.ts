import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/database/database.ts';
import { createAccount } from '../../../src/users/user.accounts.ts';
import { User } from '../../../src/users/user.entity.ts';
import { foreseeImport, type ImportedAccount, importAccounts } from '../../../src/users/user.import.ts';
import { testDatabases } from '../../support/database.ts';

const now = new Date(Date.UTC(2026, 0, 1, 12));

function account(username: string, change: Partial<ImportedAccount> = {}): ImportedAccount {
  return {
    username,
    email: `${username}@example.org`,
    displayName: username,
    passwordHash: `hash of ${username}`,
    role: 'USER',
    isActive: true,
    createdAt: new Date(Date.UTC(2020, 1, 29)),
    ...change,
  };
}

describe.each(testDatabases())('on $name', ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  beforeEach(() => database.fork().nativeDelete(User, {}));
  afterAll(() => database.close());

  const run = (accounts: ImportedAccount[]) => importAccounts(database.fork(), accounts, now);
  const count = () => database.fork().count(User);

  it('makes accounts as they were, tidied', async () => {
    const ada = account('Zoe\u0308', {
      email: 'Zoe@EXAMPLE.org',
      displayName: ' Zoe\u0308 L. ',
      role: 'ADMIN',
      isActive: false,
    });
    expect(await run([account('bob'), ada])).toEqual(['made', 'made']);
    expect(await database.fork().findOneOrFail(User, { usernameKey: 'zo\u00eb' })).toMatchObject({
      username: 'Zo\u00eb',
      email: 'Zoe@EXAMPLE.org',
      emailKey: 'zoe@example.org',
      displayName: 'Zo\u00eb L.',
      passwordHash: 'hash of Zoe\u0308',
      role: 'ADMIN',
      isActive: false,
      createdAt: new Date(Date.UTC(2020, 1, 29)),
      sessionsValidFrom: now,
    });
  });

  it('leaves those that are there as they are', async () => {
    await run([account('ada'), account('bob')]);
    const again = account('ADA', { email: 'ADA@example.org', passwordHash: 'another', role: 'ADMIN' });
    expect(await run([again, account('carol'), account('bob')])).toEqual(['present', 'made', 'present']);
    expect(await database.fork().findOneOrFail(User, { usernameKey: 'ada' })).toMatchObject({
      username: 'ada',
      passwordHash: 'hash of ada',
      role: 'USER',
    });
    expect(await count()).toBe(3);
  });

  it('tells which of its names another account has', async () => {
    await run([account('ada'), account('bob')]);
    const outcomes = await run([
      account('ada', { email: 'other@example.org' }),
      account('other', { email: 'bob@example.org' }),
      account('bob', { email: 'ada@example.org' }),
      account('carol'),
    ]);
    expect(outcomes).toEqual([{ taken: ['username'] }, { taken: ['email'] }, { taken: ['username', 'email'] }, 'made']);
    expect(await count()).toBe(3);
  });

  it('foresees the same, and makes nothing', async () => {
    await run([account('ada'), account('bob')]);
    const accounts = [
      account('ada'),
      account('bob', { email: 'other@example.org' }),
      account('other', { email: 'bob@example.org' }),
      account('carol'),
    ];
    const foreseen = await foreseeImport(database.fork(), accounts);
    expect(foreseen).toEqual(['present', { taken: ['username'] }, { taken: ['email'] }, 'made']);
    expect(await count()).toBe(2);
    expect(await run(accounts)).toEqual(foreseen);
  });

  it('makes each account once, of several imports and a registration at once', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `person${index}`);
    const register = () =>
      createAccount(database.fork(), { ...account('person25'), displayName: 'the registered one', now });
    const [first, second, registered] = await Promise.all([
      run(names.map((name) => account(name))),
      run(names.toReversed().map((name) => account(name))),
      register(),
    ]);
    const made = [...first, ...second].filter((outcome) => outcome === 'made').length + (registered.id ? 1 : 0);
    expect(made).toBe(50);
    expect(await count()).toBe(50);
  });

  it('makes all or, where the database refuses one, none', async () => {
    const broken = account('broken', { displayName: 'a NUL: \0' });
    await expect(run([account('ada'), broken, account('bob')])).rejects.toThrow();
    expect(await count()).toBe(0);
  });

  it('has nothing to do for nobody', async () => {
    expect([await run([]), await foreseeImport(database.fork(), [])]).toEqual([[], []]);
  });
});
