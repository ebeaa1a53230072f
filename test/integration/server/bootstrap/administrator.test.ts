import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../../src/config/config.ts';
import type { Database } from '../../../../src/database/database.ts';
import { type Administrator, administratorOf, reservedNames } from '../../../../src/server/bootstrap/administrator.ts';
import { makeAdministrator } from '../../../../src/users/user.accounts.ts';
import { promote } from '../../../../src/users/user.administration.ts';
import { User } from '../../../../src/users/user.entity.ts';
import { testDatabases } from '../../../support/database.ts';
import { createWorld, type World } from '../../authentication/world.ts';

describe.each(testDatabases())('an administrator on $name', ({ open }) => {
  let database: Database;
  let world: World;
  beforeAll(async () => {
    database = await open();
    world = await createWorld(database);
  });
  afterAll(() => database.close());

  const make = (username: string, email = `${username}@example.org`, password?: string) =>
    makeAdministrator(database.fork(), {
      username,
      email,
      password,
      passwords: world.authentication.passwords,
      now: world.now(),
    });

  it('signs in with the password that was generated, which is told once', async () => {
    const made = await make('root');
    const password = (made.taken === null && made.generatedPassword) || '';
    expect(password).toMatch(/^[\w-]{24}$/);
    expect((await world.tryLogin('root', password)).session).toMatchObject({ role: 'ADMIN' });
    expect(await make('root')).toEqual({ taken: ['username', 'email'] });
    expect((await world.tryLogin('root', password)).session).not.toBeNull();
  });

  it('signs in with the password that was given, which is not told', async () => {
    expect(await make('chief', 'chief@example.org', 'seven blue bottles')).toEqual({
      taken: null,
      generatedPassword: null,
    });
    expect((await world.tryLogin('chief', 'seven blue bottles')).session).toMatchObject({ role: 'ADMIN' });
  });

  it('is never made of an account that is there: neither its role nor its password changes', async () => {
    await world.register('ada');
    expect(await make('ADA', 'other@example.org', 'seven blue bottles')).toEqual({ taken: ['username'] });
    expect(await database.fork().findOneOrFail(User, { usernameKey: 'ada' })).toMatchObject({
      role: 'USER',
      email: 'ada@example.org',
    });
    expect((await world.tryLogin('ada', 'seven blue bottles')).session).toBeNull();
  });

  it('is not made, with a reason, when the names cannot be used', async () => {
    await expect(make('x')).rejects.toThrow('at least 3 characters');
    await expect(make('admin', 'admin')).rejects.toThrow('not an e-mail address');
    await world.register('eve');
    expect(await make('other', 'eve@example.org')).toEqual({ taken: ['email'] });
    expect(await database.fork().count(User, { usernameKey: ['x', 'admin', 'other'] })).toBe(0);
  });

  it('is made of a closed account by an operator, who is told of every change; of no account, nothing', async () => {
    await world.register('bob');
    await world.setUser('bob', { role: 'USER' });
    await database.fork().nativeUpdate(User, { usernameKey: 'bob' }, { isActive: false });
    expect(await promote(database.fork(), 'Bob', world.now())).toEqual(['ROLE_CHANGED', 'ACCOUNT_OPENED']);
    expect(await database.fork().findOneOrFail(User, { usernameKey: 'bob' })).toMatchObject({
      role: 'ADMIN',
      isActive: true,
    });
    expect(await promote(database.fork(), 'bob', world.now())).toEqual([]);
    expect(await promote(database.fork(), 'nobody', world.now())).toBeNull();
  });
});

describe.each(testDatabases())('the start of a server on $name', ({ open }) => {
  let database: Database;
  let world: World;
  beforeEach(async () => {
    database = await open();
    world = await createWorld(database);
    return () => database.close();
  });

  const start = (env: Record<string, string> = {}): Promise<Administrator> =>
    administratorOf(loadConfig({ ADMIN_PASSWORD: 'seven blue bottles', ...env }), {
      database,
      authentication: world.authentication,
      now: world.now,
    });
  const administrators = async () => (await database.fork().find(User, { role: 'ADMIN' })).map((row) => row.username);

  it('makes the administrator once, whatever becomes of that account', async () => {
    expect(await start()).toEqual({ kind: 'made', username: 'admin', password: null });
    await database
      .fork()
      .nativeUpdate(User, { usernameKey: 'admin' }, { username: 'chief', usernameKey: 'chief', emailKey: 'c@d.org' });
    expect(await start()).toEqual({ kind: 'known' });
    expect(await administrators()).toEqual(['chief']);
    expect((await world.tryLogin('admin', 'seven blue bottles')).session).toBeNull();
    expect((await world.tryLogin('chief', 'seven blue bottles')).session).toMatchObject({ role: 'ADMIN' });
  });

  it('makes none of another name when the administrator is gone, and tells how to make one', async () => {
    await start();
    await database.fork().nativeDelete(User, { usernameKey: 'admin' });
    expect(await start({ ADMIN_USERNAME: 'captain' })).toEqual({
      kind: 'none',
      advice: expect.stringContaining('npm run users -- make-administrator USERNAME'),
    });
    expect(await administrators()).toEqual([]);
  });

  it('of several servers at once makes one administrator, though each has another name for it', async () => {
    const names = ['admin', 'captain', 'chief', 'director'];
    const started = await Promise.all(
      names.map((name) => start({ ADMIN_USERNAME: name, ADMIN_EMAIL: `${name}@example.org` })),
    );
    expect(started.map(({ kind }) => kind).sort()).toEqual(['known', 'known', 'known', 'made']);
    expect(await administrators()).toHaveLength(1);
  });

  it('makes none while somebody else has its address, tells what to set, and then makes it', async () => {
    await world.register('ada');
    expect(await start({ ADMIN_EMAIL: 'ada@example.org' })).toEqual({
      kind: 'none',
      advice: expect.stringMatching(/with the address ada@example\.org .+ Set ADMIN_USERNAME and ADMIN_EMAIL/),
    });
    expect(await administrators()).toEqual([]);
    expect(await start()).toMatchObject({ kind: 'made' });
  });

  it('reserves its names until it is made, and then to nobody', async () => {
    const config = loadConfig({ ADMIN_USERNAME: 'captain' });
    expect(await reservedNames(config, database)).toMatchObject({
      reservedUsernames: expect.arrayContaining(['captain', 'root']),
      reservedEmails: ['admin@example.com'],
    });
    await start({ ADMIN_USERNAME: 'captain' });
    const { reservedUsernames, reservedEmails } = await reservedNames(config, database);
    expect(reservedUsernames).toContain('root');
    expect([reservedUsernames.includes('captain'), reservedEmails]).toEqual([false, []]);
  });

  it('makes it where the table was emptied that would tell', async () => {
    await database.fork().execute('delete from installation');
    expect(await start()).toMatchObject({ kind: 'made' });
    expect(await start()).toEqual({ kind: 'known' });
  });

  it('makes none where somebody administers already, and keeps that', async () => {
    await world.register('ada');
    await world.setUser('ada', { role: 'ADMIN' });
    expect(await start()).toEqual({ kind: 'known' });
    await world.setUser('ada', { role: 'USER' });
    expect(await start()).toMatchObject({ kind: 'none' });
    expect(await administrators()).toEqual([]);
  });
});
