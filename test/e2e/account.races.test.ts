/** Changes of one’s own account at the same moment as something else. */
import { LockMode } from '@mikro-orm/core';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { User } from '../../src/users/user.entity.ts';
import { testDatabases } from '../support/database.ts';
import { asAdmin, asAnonymous, asOwner, asUser, type SignedIn, signIn } from '../support/personas.ts';
import { graphql, startTestServer, type TestServer } from '../support/server.ts';
import { expectEnded, expectLive } from '../support/sessions.ts';
import { faults, signInFaults, uuidOf } from './account.world.ts';
import {
  ChangePasswordDocument,
  CreateTaskDocument,
  DeleteAccountDocument,
  LoginDocument,
  SetUserRoleDocument,
} from './documents/graphql.ts';

const newPassword = 'nine purple lanterns';
const another = 'eleven silver spoons';

describe.each(testDatabases())('at once, on $name,', (database) => {
  let server: TestServer;
  let ada: SignedIn;
  beforeAll(async () => {
    server = await startTestServer({ database });
  });
  afterAll(() => server?.close());
  beforeEach(async () => {
    ada = await asUser(server);
  });

  const change = async (viewer: SignedIn, to: string) => {
    const input = { currentPassword: viewer.password, newPassword: to };
    const { data, errors, codes } = await viewer.ask(ChangePasswordDocument, { input });
    return { faults: data ? faults(data.changePassword.errors) : codes, errors };
  };
  /** Null if it is refused. */
  const login = async (account: SignedIn): Promise<SignedIn | null> => {
    const input = { identifier: account.username, password: account.password };
    const { data, errors } = await asAnonymous(server).ask(LoginDocument, { input });
    expect(errors).toEqual([]);
    const session = data!.login.session;
    if (!session) return null;
    return {
      ...{ ...account, session },
      ask: (query, variables) => graphql(server.url, query, variables, { token: session.accessToken }),
    };
  };
  const remove = (viewer: SignedIn) => viewer.ask(DeleteAccountDocument, { input: { password: viewer.password } });
  const countTasks = async (account: SignedIn) => {
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from tasks where owner_id = ${uuidOf(account)}`.execute(
      server.database.fork().getKysely(),
    );
    return rows[0]?.count;
  };

  it('a change of password leaves no session of ten sign-ins with the old one', async () => {
    const [changed, ...logins] = await Promise.all([
      change(ada, newPassword),
      ...Array.from({ length: 10 }, () => login(ada)),
    ]);
    expect(changed.faults).toEqual([]);
    await expectEnded(server, ...logins.filter((viewer) => viewer !== null));
    await expectLive(server, ada);
    expect(await login(ada)).toBeNull();
    await expectLive(server, await signIn(server, { ...ada, password: newPassword }));
  });

  it('one of two changes of password succeeds, and the other is refused', async () => {
    const second = await signIn(server, ada);
    const outcomes = await Promise.all([change(ada, newPassword), change(second, another)]);
    const [won, lost] = outcomes[0]?.faults.length === 0 ? [newPassword, another] : [another, newPassword];
    const other = outcomes.filter((outcome) => outcome.faults.length > 0);
    expect(other).toHaveLength(1);
    expect(['input CONFLICT', 'input.currentPassword INVALID_CREDENTIALS', 'UNAUTHENTICATED']).toContain(
      other[0]?.faults[0],
    );
    expect(await signInFaults(server, ada.username, won)).toEqual([]);
    expect(await signInFaults(server, ada.username, lost)).toEqual(['INVALID_CREDENTIALS']);
  });

  it('deleting an account leaves none of ten tasks that are created meanwhile', async () => {
    const [deleted, ...made] = await Promise.all([
      remove(ada),
      ...Array.from({ length: 10 }, () => ada.ask(CreateTaskDocument, { input: { title: 'Too late' } })),
    ]);
    expect(deleted.data?.deleteAccount.deletedUserId).toBe(ada.userId);
    expect(made.flatMap(({ codes }) => codes).filter((code) => code !== 'UNAUTHENTICATED')).toEqual([]);
    expect(await countTasks(ada)).toBe(0);
  });

  it('two administrators cannot both delete their accounts', async () => {
    const lone = await asUser(server);
    const admin = await asAdmin(server);
    await admin.ask(SetUserRoleDocument, { input: { userId: lone.userId, role: 'ADMIN' } });
    const second = await signIn(server, lone);
    const answers = await Promise.all([remove(admin), remove(second)]);
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    const remaining = answers.map(({ data }) => data!.deleteAccount.errors.map(({ code }) => code));
    expect(remaining.sort()).toEqual([[], ['INVALID']]);
    expect(await server.database.fork().count(User, { role: 'ADMIN', isActive: true })).toBe(1);
  });

  it('one of two deletions succeeds, and the other is refused', async () => {
    const owner = await asOwner(server);
    const second = await signIn(server, owner);
    const answers = await Promise.all([remove(owner), remove(second)]);
    const outcomes = answers.map(({ data, codes }) =>
      data ? (data.deleteAccount.errors[0]?.code ?? 'deleted') : codes[0],
    );
    expect(outcomes.filter((outcome) => outcome === 'deleted')).toHaveLength(1);
    expect(['CONFLICT', 'UNAUTHENTICATED', 'deleted']).toEqual(expect.arrayContaining(outcomes));
    expect(await countTasks(owner)).toBe(0);
  });

  // The embedded database has one session, so nothing waits for a lock there.
  if (database.name === 'postgresql') {
    describe('where both wait for the account in this order:', () => {
      const waiting = (count: number) =>
        vi.waitFor(async () => {
          const { rows } = await sql<{ waiting: number }>`
            select count(*)::int as waiting from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'`.execute(
            server.database.fork().getKysely(),
          );
          expect(rows).toEqual([{ waiting: count }]);
        });
      /** Starts each call when the one before it waits, and lets all go on when the last one waits. */
      const queued = async <First, Second>(
        first: () => Promise<First>,
        second: () => Promise<Second>,
      ): Promise<[First, Second]> => {
        const held = Promise.withResolvers<void>();
        const released = Promise.withResolvers<void>();
        const holder = server.database.fork().transactional(async (tx) => {
          await tx.findOneOrFail(User, { id: uuidOf(ada) }, { lockMode: LockMode.PESSIMISTIC_WRITE });
          held.resolve();
          await released.promise;
        });
        try {
          await held.promise;
          const one = first();
          await waiting(1);
          const two = second();
          await waiting(2);
          released.resolve();
          return await Promise.all([one, two]);
        } finally {
          released.resolve();
          await holder;
        }
      };

      it('a sign-in, then a change of password: the session is opened, and ended', async () => {
        const [viewer, changed] = await queued(
          () => login(ada),
          () => change(ada, newPassword),
        );
        expect(changed.faults).toEqual([]);
        if (viewer) await expectEnded(server, viewer);
        await expectLive(server, ada);
      });

      it('a change of password, then a sign-in by the old one: it is refused', async () => {
        const [changed, viewer] = await queued(
          () => change(ada, newPassword),
          () => login(ada),
        );
        expect([changed.faults, viewer]).toEqual([[], null]);
        await expectLive(server, ada);
        const { data } = await ada.ask('{ me { securityEvents { nodes { type } } } }');
        const types = data.me.securityEvents.nodes.map(({ type }: { type: string }) => type);
        expect(types.sort()).toEqual(['PASSWORD_CHANGED', 'REGISTERED', 'SIGN_IN_FAILED']);
      });

      it('two changes of password that verified the old one: the second is refused', async () => {
        const second = await signIn(server, ada);
        const [one, two] = await queued(
          () => change(ada, newPassword),
          () => change(second, another),
        );
        expect([one.faults, two.faults]).toEqual([[], ['input CONFLICT']]);
        await expectLive(server, ada);
        await expectEnded(server, second);
        expect(await signInFaults(server, ada.username, newPassword)).toEqual([]);
      });

      it('a task that is made, then the end of its account: neither is left', async () => {
        const [made, deleted] = await queued(
          () => ada.ask(CreateTaskDocument, { input: { title: 'Just in time' } }),
          () => remove(ada),
        );
        expect(deleted.data?.deleteAccount.errors).toEqual([]);
        expect(made.codes.filter((code) => code !== 'UNAUTHENTICATED')).toEqual([]);
        expect(await countTasks(ada)).toBe(0);
      });

      it('the end of an account, then a task for it: the account is unknown', async () => {
        const [deleted, made] = await queued(
          () => remove(ada),
          () => ada.ask(CreateTaskDocument, { input: { title: 'Too late' } }),
        );
        expect(deleted.data?.deleteAccount.errors).toEqual([]);
        expect([made.data, made.codes]).toEqual([null, ['UNAUTHENTICATED']]);
        expect(await countTasks(ada)).toBe(0);
      });

      it('a change of password, then the end of the account by the old one: it is refused', async () => {
        const second = await signIn(server, ada);
        const [changed, deleted] = await queued(
          () => change(ada, newPassword),
          () => remove(second),
        );
        expect(changed.faults).toEqual([]);
        expect(faults(deleted.data!.deleteAccount.errors)).toEqual(['input CONFLICT']);
        await expectLive(server, ada);
      });
    });
  }
});
