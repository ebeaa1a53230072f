/** What users do with their own account. Each refusal has a twin that is accepted. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testDatabases } from '../support/database.ts';
import { asAdmin, asAnonymous, asUser, type SignedIn, signIn } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { expectEnded, expectLive } from '../support/sessions.ts';
import { failing, faults, signInFaults, storedAccount } from './account.world.ts';
import { ChangePasswordDocument, UpdateProfileDocument, type UpdateProfileInput } from './documents/graphql.ts';

const newPassword = 'nine purple lanterns';

describe.each(testDatabases())('one’s account on $name', (database) => {
  let server: TestServer;
  let ada: SignedIn;
  beforeAll(async () => {
    server = await startTestServer({ database });
  });
  afterAll(() => server?.close());
  beforeEach(async () => {
    ada = await asUser(server);
  });

  const stored = (account: SignedIn) => storedAccount(server, account);
  const signInErrors = (identifier: string, password: string) => signInFaults(server, identifier, password);

  describe('changePassword', () => {
    const change = async (viewer: SignedIn, input: { currentPassword: string; newPassword: string }) => {
      const { data, errors } = await viewer.ask(ChangePasswordDocument, { input });
      expect(errors).toEqual([]);
      return data!.changePassword;
    };

    it('ends the other sessions, keeps this one, and replaces the password', async () => {
      const others = [await signIn(server, ada), await signIn(server, ada)];
      const stranger = await asUser(server);
      const { user, errors } = await change(ada, { currentPassword: ada.password, newPassword });
      expect([user, errors]).toEqual([{ id: ada.userId, username: ada.username }, []]);
      await expectEnded(server, ...others);
      await expectLive(server, ada, stranger);
      expect(await signInErrors(ada.username, ada.password)).toEqual(['INVALID_CREDENTIALS']);
      expect(await signInErrors(ada.username, newPassword)).toEqual([]);
    });

    it('needs the current password', async () => {
      const other = await signIn(server, ada);
      const before = await stored(ada);
      for (const currentPassword of ['', 'not it', newPassword, `${ada.password} `, 'x'.repeat(10_000), 'a\0b']) {
        const { user, errors } = await change(ada, { currentPassword, newPassword });
        expect([user, faults(errors)]).toEqual([null, ['input.currentPassword INVALID_CREDENTIALS']]);
      }
      expect(await stored(ada)).toBe(before);
      await expectLive(server, ada, other);
      expect((await change(ada, { currentPassword: ada.password, newPassword })).errors).toEqual([]);
    });

    it.each([
      ['too short', 'short', 'TOO_SHORT'],
      ['too long', 'ab'.repeat(200), 'TOO_LONG'],
      ['what many people use', 'password123', 'TOO_COMMON'],
      ['one character again and again', 'zzzzzzzzzzzz', 'TOO_COMMON'],
      ['no text', 'broken \ud800 text', 'INVALID'],
    ])('refuses a new password that is %s', async (_what, weak, code) => {
      const before = await stored(ada);
      const { user, errors } = await change(ada, { currentPassword: ada.password, newPassword: weak });
      expect([user, faults(errors)]).toEqual([null, [`input.newPassword ${code}`]]);
      expect(await stored(ada)).toBe(before);
      await expectLive(server, ada);
    });

    it('refuses one’s own names as the password, in any spelling', async () => {
      const input = { displayName: 'Ada of Lovelace Hall', email: `${ada.username}.at.home@example.com` };
      await ada.ask(UpdateProfileDocument, { input: { ...input, currentPassword: ada.password } });
      const own = [ada.username, input.displayName, input.email, `${ada.username}.at.home`];
      for (const name of own.flatMap((each) => [each, each.toUpperCase()])) {
        const { errors } = await change(ada, { currentPassword: ada.password, newPassword: name });
        expect({ name, faults: faults(errors) }).toEqual({ name, faults: ['input.newPassword TOO_COMMON'] });
      }
      const other = `${input.displayName}!`;
      expect((await change(ada, { currentPassword: ada.password, newPassword: other })).errors).toEqual([]);
    });

    it('refuses the present password as the new one, however the keyboard spells it', async () => {
      const accented = 'sieben grüne Flaschen'.normalize('NFC');
      expect((await change(ada, { currentPassword: ada.password, newPassword: accented })).errors).toEqual([]);
      const other = await signIn(server, { ...ada, password: accented });
      for (const form of ['NFC', 'NFD'] as const) {
        const same = accented.normalize(form);
        const { user, errors } = await change(ada, { currentPassword: accented, newPassword: same });
        expect([user, faults(errors)]).toEqual([null, ['input.newPassword INVALID']]);
      }
      await expectLive(server, other);
      const currentPassword = accented.normalize('NFD');
      expect((await change(ada, { currentPassword, newPassword })).errors).toEqual([]);
    });

    it('changes only the viewer’s own password', async () => {
      const input = { currentPassword: ada.password, newPassword };
      expect((await asAnonymous(server).ask(ChangePasswordDocument, { input })).codes).toEqual(['UNAUTHENTICATED']);
      expect(faults((await change(await asUser(server), input)).errors)).toEqual([
        'input.currentPassword INVALID_CREDENTIALS',
      ]);
      expect(await signInErrors(ada.username, ada.password)).toEqual([]);
    });

    it('changes nothing when its last statement fails', async () => {
      const other = await signIn(server, ada);
      const before = await stored(ada);
      const restore = await failing(server, 'insert', 'audit_events', "new.type = 'PASSWORD_CHANGED'");
      try {
        const input = { currentPassword: ada.password, newPassword };
        expect((await ada.ask(ChangePasswordDocument, { input })).codes).toEqual(['INTERNAL_SERVER_ERROR']);
      } finally {
        await restore();
      }
      expect(await stored(ada)).toBe(before);
      await expectLive(server, ada, other);
      expect(await signInErrors(ada.username, newPassword)).toEqual(['INVALID_CREDENTIALS']);
    });
  });

  describe('updateProfile', () => {
    const update = async (viewer: SignedIn, input: UpdateProfileInput) => {
      const { data, errors } = await viewer.ask(UpdateProfileDocument, { input });
      expect(errors).toEqual([]);
      return data!.updateProfile;
    };
    const name = () => `n${randomBytes(6).toString('hex')}`;

    it('changes the display name, and nothing else', async () => {
      const { user, errors } = await update(ada, { displayName: '  Ada Lovelace ' });
      expect(errors).toEqual([]);
      expect(user).toMatchObject({
        ...{
          id: ada.userId,
          username: ada.username,
          email: `${ada.username}@example.com`,
          displayName: 'Ada Lovelace',
        },
        ...{ role: 'USER' },
      });
      await expectLive(server, ada);
    });

    it('changes the username and the address with the password, and frees the old ones', async () => {
      const username = name();
      const email = `${username}@example.net`;
      const { user, errors } = await update(ada, { username, email, currentPassword: ada.password });
      expect(errors).toEqual([]);
      expect(user).toMatchObject({ username, email });
      expect(await signInErrors(username, ada.password)).toEqual([]);
      expect(await signInErrors(email, ada.password)).toEqual([]);
      expect(await signInErrors(ada.username, ada.password)).toEqual(['INVALID_CREDENTIALS']);
      await expectLive(server, ada);
      expect((await asUser(server, { username: ada.username })).userId).not.toBe(ada.userId);
    });

    it.each([
      ['username', () => ({ username: name() })],
      ['email', () => ({ email: `${name()}@example.org` })],
      ['all', () => ({ username: name(), email: `${name()}@example.org`, displayName: 'Another' })],
    ])('changes no %s without the password, or with a wrong one', async (_what, changes) => {
      const before = await stored(ada);
      const input = changes();
      for (const currentPassword of [undefined, null, '', 'not it']) {
        const { user, errors } = await update(ada, {
          ...input,
          ...(currentPassword !== undefined && { currentPassword }),
        });
        expect([user, faults(errors)]).toEqual([null, ['input.currentPassword INVALID_CREDENTIALS']]);
      }
      expect(await stored(ada)).toBe(before);
      expect((await update(ada, { ...input, currentPassword: ada.password })).user).toMatchObject(input);
    });

    it('keeps what is left out, null, or the same already', async () => {
      const before = await stored(ada);
      const same = { username: ada.username, email: `${ada.username}@example.com`, displayName: ada.username };
      for (const input of [{}, { username: null, email: null, displayName: null }, same]) {
        expect((await update(ada, input)).user).toMatchObject(same);
      }
      expect(await stored(ada)).toBe(before);
    });

    it('refuses another’s name in any spelling, and allows one’s own in another spelling', async () => {
      const bob = await asUser(server);
      const before = await stored(ada);
      const currentPassword = ada.password;
      for (const username of [bob.username, bob.username.toUpperCase(), `U${bob.username.slice(1)}`]) {
        expect(faults((await update(ada, { username, currentPassword })).errors)).toEqual(['input.username TAKEN']);
      }
      const email = `${bob.username.toUpperCase()}@EXAMPLE.com`;
      expect(faults((await update(ada, { email, currentPassword })).errors)).toEqual(['input.email TAKEN']);
      const both = await update(ada, { username: bob.username, email, displayName: 'Bob', currentPassword });
      expect([both.user, faults(both.errors)]).toEqual([null, ['input.username TAKEN', 'input.email TAKEN']]);
      expect(await stored(ada)).toBe(before);

      const username = ada.username.toUpperCase();
      expect((await update(ada, { username, currentPassword })).user).toMatchObject({ username });
      expect(await signInErrors(ada.username, ada.password)).toEqual([]);
    });

    it('refuses a name that equals the password, and allows another', async () => {
      const newPassword = `walk${ada.username.slice(0, 8)}`;
      await ada.ask(ChangePasswordDocument, { input: { currentPassword: ada.password, newPassword } });
      const currentPassword = newPassword;
      const named = { username: newPassword.toUpperCase(), email: `${newPassword}@example.com` };
      const { user, errors } = await update(ada, { ...named, currentPassword });
      expect([user, faults(errors)]).toEqual([null, ['input.username INVALID', 'input.email INVALID']]);
      expect((await update(ada, { username: `${newPassword}s`, currentPassword })).errors).toEqual([]);
    });

    it.each(['admin', 'Admin', 'ROOT', 'support'])('gives nobody the name %s', async (username) => {
      const { errors } = await update(ada, { username, currentPassword: ada.password });
      expect(faults(errors)).toEqual(['input.username TAKEN']);
    });

    it('lets an administrator keep the name that is reserved for them', async () => {
      const admin = await asAdmin(server);
      const currentPassword = admin.password;
      expect((await update(admin, { username: 'ADMIN', currentPassword })).user?.username).toBe('ADMIN');
      expect((await update(admin, { username: 'admin', currentPassword })).user?.username).toBe('admin');
    });

    it.each([
      ['username', 'ab', 'TOO_SHORT'],
      ['username', 'x'.repeat(33), 'TOO_LONG'],
      ['username', 'a b', 'INVALID'],
      ['username', 'аdа', 'INVALID', 'of two scripts: ada', 'adа'],
      ['email', 'nobody', 'INVALID'],
      ['email', `${'x'.repeat(250)}@example.org`, 'TOO_LONG'],
      ['displayName', '   ', 'TOO_SHORT'],
      ['displayName', 'x'.repeat(65), 'TOO_LONG'],
      ['displayName', 'a\u202eb', 'INVALID'],
    ])('refuses a %s such as %j', async (field, value, code, _why?: string, spelt?: string) => {
      const before = await stored(ada);
      const { user, errors } = await update(ada, { [field]: spelt ?? value, currentPassword: ada.password });
      expect([user, faults(errors)]).toEqual([null, [`input.${field} ${code}`]]);
      expect(await stored(ada)).toBe(before);
    });

    it.each(['role', 'isActive', 'id', 'userId', 'passwordHash', 'passwordVersion', 'sessionsValidFrom', 'createdAt'])(
      'knows no %s',
      async (field) => {
        const before = await stored(ada);
        const input = { displayName: 'Another', [field]: field === 'role' ? 'ADMIN' : true };
        const query =
          'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { user { id } errors { code } } }';
        expect((await ada.ask(query, { input })).codes).toEqual(['BAD_USER_INPUT']);
        const literal = `mutation { updateProfile(input: { displayName: "x", ${field}: "x" }) { errors { code } } }`;
        expect((await ada.ask(literal)).codes).toEqual(['GRAPHQL_VALIDATION_FAILED']);
        expect(await stored(ada)).toBe(before);
      },
    );

    it('gives a name to one of several accounts that ask for it at once', async () => {
      const all = await Promise.all(Array.from({ length: 4 }, () => asUser(server)));
      const username = name();
      const answers = await Promise.all(
        all.map((viewer) => update(viewer, { username, currentPassword: viewer.password })),
      );
      expect(answers.filter(({ user }) => user?.username === username)).toHaveLength(1);
      expect(answers.flatMap(({ errors }) => faults(errors))).toEqual(Array(3).fill('input.username TAKEN'));
    });
  });

  describe('a request', () => {
    const guess = (field: string, password: string) =>
      ({
        changePassword: `changePassword(input: { currentPassword: "${password}", newPassword: "${newPassword}" })`,
        updateProfile: `updateProfile(input: { username: "somebody", currentPassword: "${password}" })`,
        deleteAccount: `deleteAccount(input: { password: "${password}" })`,
        login: `login(input: { identifier: "${ada.username}", password: "${password}" })`,
      })[field] as string;

    it.each([
      ['changePassword', 'changePassword'],
      ['updateProfile', 'updateProfile'],
      ['deleteAccount', 'deleteAccount'],
      ['changePassword', 'deleteAccount'],
      ['updateProfile', 'login'],
    ])('is refused with two guesses at a password: %s and %s; one alone is tried', async (one, two) => {
      const both = `mutation { a: ${guess(one, 'not it')} { __typename } b: ${guess(two, ada.password)} { __typename } }`;
      const before = await stored(ada);
      const { status, data, codes } = await ada.ask(both);
      expect({ status, data, codes }).toEqual({ status: 400, data: undefined, codes: ['OPERATION_TOO_COMPLEX'] });
      expect(await stored(ada)).toBe(before);
      const log = '{ me { securityEvents { nodes { type } } } }';
      expect((await ada.ask(log)).data.me.securityEvents.nodes).toEqual([{ type: 'REGISTERED' }]);

      const { data: tried } = await ada.ask(`mutation { a: ${guess(one, 'not it')} { errors { code } } }`);
      expect(tried.a.errors).toEqual([{ code: 'INVALID_CREDENTIALS' }]);
    });
  });
});
