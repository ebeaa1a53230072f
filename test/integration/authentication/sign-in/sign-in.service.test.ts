import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPasswordHasher } from '../../../../src/authentication/passwords/password-hash.ts';
import { Session } from '../../../../src/authentication/sessions/session.entity.ts';
import { register } from '../../../../src/authentication/sign-in/sign-in.service.ts';
import { createThrottle } from '../../../../src/authentication/throttling/throttle.ts';
import type { Database } from '../../../../src/database/database.ts';
import { fromGlobalId } from '../../../../src/database/ids.ts';
import type { RegisterInput } from '../../../../src/graphql/schema-types.ts';
import { User } from '../../../../src/users/user.entity.ts';
import { testDatabases } from '../../../support/database.ts';
import { unlimited } from '../throttling/throttle.world.ts';
import { createWorld, password, type World } from '../world.ts';

describe.each(testDatabases())('on $name', ({ open }) => {
  let database: Database;
  let world: World;
  beforeAll(async () => {
    database = await open();
    world = await createWorld(database);
  });
  afterAll(() => database.close());

  describe('register', () => {
    const tryRegister = (input: Partial<RegisterInput>) =>
      register(
        database.fork(),
        world.authentication,
        { username: 'grace', email: 'grace@example.org', password, ...input },
        world.request(),
      );

    it('makes an account of role USER and signs it in', async () => {
      const { session, errors } = await tryRegister({ username: 'Zoe\u0308', email: 'Zoe@Example.org' });
      expect(errors).toEqual([]);
      expect(session).toEqual({
        accessToken: expect.any(String),
        tokenType: 'Bearer',
        expiresIn: 900,
        expiresAt: new Date(world.now().getTime() + 900_000),
        refreshToken: expect.stringMatching(/^gwr_/),
        scope: 'task:read task:write user:read',
        userId: expect.stringMatching(/^user_/),
        username: 'Zo\u00eb',
        role: 'USER',
      });
      const user = await database.fork().findOneOrFail(User, fromGlobalId('user', session?.userId) as string);
      expect(user).toMatchObject({
        username: 'Zo\u00eb',
        displayName: 'Zo\u00eb',
        email: 'Zoe@Example.org',
        role: 'USER',
        isActive: true,
        createdAt: world.now(),
      });
      expect(user.passwordHash).toMatch(/^\$argon2id\$/);
      expect(await world.viewer(session as NonNullable<typeof session>)).toMatchObject({ id: user.id });
    });

    it('keeps the display name that was given, tidied', async () => {
      const { session } = await tryRegister({ username: 'mary', email: 'mary@example.org', displayName: ' Mary S. ' });
      const user = await database.fork().findOneOrFail(User, fromGlobalId('user', session?.userId) as string);
      expect(user.displayName).toBe('Mary S.');
    });

    it('refuses the display name as the password', async () => {
      const input = { username: 'countess', email: 'countess@example.org', displayName: ' Ada Lovelace ' };
      expect((await tryRegister({ ...input, password: 'ADA LOVELACE' })).errors).toMatchObject([
        { path: ['input', 'password'], code: 'TOO_COMMON' },
      ]);
      expect((await tryRegister({ ...input, password: 'ada lovelace was here' })).errors).toEqual([]);
    });

    it('tells everything that is wrong at once, and makes nothing', async () => {
      await world.register('taken');
      const before = await database.fork().count(User);
      const { session, errors } = await tryRegister({
        username: 'TAKEN',
        email: 'nobody',
        password: '12345678',
        displayName: '',
      });
      expect(session).toBeNull();
      expect(errors.map(({ path, code }) => [path.join('.'), code])).toEqual([
        ['input.email', 'INVALID'],
        ['input.password', 'TOO_COMMON'],
        ['input.displayName', 'TOO_SHORT'],
        ['input.username', 'TAKEN'],
      ]);
      expect(await database.fork().count(User)).toBe(before);
    });

    it.each([
      ['username', { username: 'ADA.L', email: 'other@example.org' }],
      ['email', { username: 'other', email: 'Ada.L@EXAMPLE.org' }],
    ])('refuses a %s that another account spells differently', async (field, input) => {
      await tryRegister({ username: 'ada.l', email: 'ada.l@example.org' });
      expect((await tryRegister(input)).errors).toEqual([
        { path: ['input', field], code: 'TAKEN', message: expect.any(String) },
      ]);
    });

    it('does not take an address for another account’s, though a parser of URLs would', async () => {
      await tryRegister({ username: 'cut', email: 'cut@example.org' });
      const { errors } = await tryRegister({ username: 'cutter', email: 'cut@example.org/path' });
      expect(errors).toEqual([{ path: ['input', 'email'], code: 'INVALID', message: expect.any(String) }]);
    });

    it('gives a name to exactly one of several who want it at once', async () => {
      const results = await Promise.all(
        Array.from({ length: 4 }, (_, index) =>
          tryRegister({ username: 'wanted', email: `wanted${index}@example.org` }),
        ),
      );
      expect(results.filter(({ session }) => session !== null)).toHaveLength(1);
      expect(results.flatMap(({ errors }) => errors)).toEqual(
        Array(3).fill({ path: ['input', 'username'], code: 'TAKEN', message: expect.any(String) }),
      );
      expect(await database.fork().count(User, { usernameKey: 'wanted' })).toBe(1);
    });

    it.each([
      ['a NUL in the username', { username: 'nul\0' }, 'username'],
      ['a NUL in the address', { email: 'nul\0@example.org' }, 'email'],
      ['a lone surrogate in the address', { email: '\ud800@example.org' }, 'email'],
      ['an endless username', { username: 'x'.repeat(1_000_000) }, 'username'],
      ['an endless address', { email: `${'@'.repeat(1_000_000)}` }, 'email'],
      ['an endless password', { password: 'x'.repeat(1_000_000) }, 'password'],
    ])('refuses %s as input, not as a fault', async (_what, input, field) => {
      const { session, errors } = await tryRegister(input);
      expect(session).toBeNull();
      expect(errors.map(({ path }) => path)).toEqual([['input', field]]);
    });

    it('counts no attempt that found no place', async () => {
      const limits = { ...unlimited, registerAddress: { points: 2, duration: 3600 } };
      const throttle = await createThrottle(database.fork(), { limits });
      const cost = { memoryCost: 1024, timeCost: 2, parallelism: 1 };
      const passwords = createPasswordHasher({ ...cost, maxConcurrent: 1, maxWaiting: 0 });
      const busy = { ...world.authentication, throttle, passwords };
      const attempt = (username: string) => {
        const input = { username, email: `${username}@example.org`, password };
        return register(database.fork(), busy, input, { ...world.request(), address: '203.0.113.77' });
      };
      const held = Promise.withResolvers<void>();
      const holder = passwords.withHashingSlot(() => held.promise);
      for (let time = 0; time < 4; time++) {
        await expect(attempt(`late${time}`)).rejects.toThrow('Too many people are signing in');
      }
      held.resolve();
      await holder;
      expect((await attempt('intime1')).errors).toEqual([]);
      expect((await attempt('intime2')).errors).toEqual([]);
      await expect(attempt('toomany')).rejects.toThrow('Too many attempts');
      await throttle.close();
    });
  });

  describe('login', () => {
    const refused = {
      session: null,
      errors: [{ path: ['input'], code: 'INVALID_CREDENTIALS', message: expect.any(String) }],
    };
    beforeAll(async () => {
      await world.register('hedy');
      await world.register('closed');
      await world.setUser('closed', { isActive: false });
    });

    it.each([
      ...['hedy', 'HEDY', 'hedy@example.org', 'Hedy@Example.ORG'],
      // Phone keyboards put a space after a suggestion.
      ...['hedy ', 'hedy@example.org ', '  hedy@example.org'],
    ])('opens a session for %j', async (identifier) => {
      const { session, errors } = await world.tryLogin(identifier, password);
      expect(errors).toEqual([]);
      expect(session).toMatchObject({ username: 'hedy', tokenType: 'Bearer' });
    });

    it('gives one answer for an unknown account, a wrong password and a closed account', async () => {
      const answers = [
        await world.tryLogin('nobody', password),
        await world.tryLogin('nobody@example.org', password),
        await world.tryLogin('hedy', 'a wrong password'),
        await world.tryLogin('closed', password),
        await world.tryLogin('closed', 'a wrong password'),
      ];
      for (const answer of answers) expect(answer).toEqual(refused);
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    });

    it.each([
      ['an empty identifier', '', password],
      ['an empty password', 'hedy', ''],
      ['an endless identifier', 'x'.repeat(1_000_000), password],
      ['an endless password', 'hedy', 'x'.repeat(1_000_000)],
      ['a NUL in the identifier', 'hedy\0', password],
      ['a NUL in the password', 'hedy', `${password}\0`],
      ['a lone surrogate in the identifier', 'hedy\ud800', password],
      ['a path behind the address', 'hedy@example.org/path', password],
      ['a query behind the address', 'hedy@example.org?x', password],
      ['a fragment behind the address', 'hedy@example.org#x', password],
      ['a percent-encoded address', 'hedy@ex%61mple.org', password],
      ['a tab in the address', 'hedy@exam\tple.org', password],
      ['a tab behind the identifier', 'hedy\t', password],
      ['a space within the identifier', 'he dy', password],
      ['SQL', "hedy' or '1'='1", password],
      ['a wildcard', 'hed%', password],
    ])('answers the same to %s', async (_what, identifier, attempt) => {
      expect(await world.tryLogin(identifier, attempt)).toEqual(refused);
    });

    it('opens no session when it refuses', async () => {
      const before = await database.fork().count(Session);
      await world.tryLogin('hedy', 'a wrong password');
      await world.tryLogin('closed', password);
      expect(await database.fork().count(Session)).toBe(before);
      await world.tryLogin('hedy', password);
      expect(await database.fork().count(Session)).toBe(before + 1);
    });

    it('opens a session that counts although the clock that closed the account was ahead', async () => {
      await world.register('reopened');
      await world.setUser('reopened', { sessionsValidFrom: new Date(world.now().getTime() + 2000) });
      expect(await world.viewer(await world.login('reopened'))).not.toBe('refused');
    });
  });
});
