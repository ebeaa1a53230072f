import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/database/connection.ts';
import { ensureAdministrator } from '../../../src/users/user.accounts.ts';
import { User } from '../../../src/users/user.entity.ts';
import { testDatabases } from '../../support/database.ts';
import { createWorld, type World } from './world.ts';

describe.each(testDatabases())('the first administrator on $name', ({ open }) => {
  let database: Database;
  let world: World;
  beforeAll(async () => {
    database = await open();
    world = await createWorld(database);
  });
  afterAll(() => database.close());

  const ensure = (username: string, email = `${username}@example.org`, password?: string): Promise<string | null> =>
    ensureAdministrator(database.fork(), {
      username,
      email,
      password,
      passwords: world.authentication.passwords,
      now: world.now(),
    });

  it('signs in with the password that was generated, which is told once', async () => {
    const password = await ensure('root');
    expect(password).toMatch(/^[\w-]{24}$/);
    expect((await world.tryLogin('root', password as string)).session).toMatchObject({ role: 'ADMIN' });
    expect(await ensure('root')).toBeNull();
    expect((await world.tryLogin('root', password as string)).session).not.toBeNull();
  });

  it('signs in with the password that was given, which is not told', async () => {
    expect(await ensure('chief', 'chief@example.org', 'seven blue bottles')).toBeNull();
    expect((await world.tryLogin('chief', 'seven blue bottles')).session).toMatchObject({ role: 'ADMIN' });
  });

  it('is made by one of several servers that start at once', async () => {
    const passwords = await Promise.all(Array.from({ length: 4 }, () => ensure('captain')));
    const told = passwords.filter((password) => password !== null);
    expect(told).toHaveLength(1);
    expect((await world.tryLogin('captain', told[0] as string)).session).toMatchObject({ role: 'ADMIN' });
  });

  it('is never made of an account that is there: neither its role nor its password changes', async () => {
    await world.register('ada');
    expect(await ensure('ADA', 'other@example.org', 'seven blue bottles')).toBeNull();
    expect(await database.fork().findOneOrFail(User, { usernameKey: 'ada' })).toMatchObject({
      role: 'USER',
      email: 'ada@example.org',
    });
    expect((await world.tryLogin('ada', 'seven blue bottles')).session).toBeNull();
  });

  it('is not made, with a reason, when the names cannot be used', async () => {
    await expect(ensure('x')).rejects.toThrow('at least 3 characters');
    await expect(ensure('admin', 'admin')).rejects.toThrow('not an e-mail address');
    await world.register('eve');
    await expect(ensure('other', 'eve@example.org')).rejects.toThrow('another account has that e-mail address');
    expect(await database.fork().count(User, { usernameKey: ['x', 'admin', 'other'] })).toBe(0);
  });
});
