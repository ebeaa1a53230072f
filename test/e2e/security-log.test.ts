/** What the security log records: each change in its transaction, and nothing else. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testDatabases } from '../support/database.ts';
import { asAdmin, asAnonymous, asUser, type SignedIn, signIn } from '../support/personas.ts';
import { type Answer, type AskOptions, startTestServer, type TestServer } from '../support/server.ts';
import { refresh } from '../support/sessions.ts';
import { failing } from './account.world.ts';
import {
  AuditEventsDocument,
  type AuditEventsQuery,
  ChangePasswordDocument,
  DeleteAccountDocument,
  LoginDocument,
  LogoutDocument,
  LogoutEverywhereDocument,
  RefreshDocument,
  RegisterDocument,
  RevokeOtherSessionsDocument,
  RevokeSessionDocument,
  SessionsDocument,
  SetUserActiveDocument,
  SetUserRoleDocument,
  UpdateProfileDocument,
} from './documents/graphql.ts';

type Event = AuditEventsQuery['auditEvents']['nodes'][number];

const start = Date.UTC(2026, 2, 1, 9, 30);
const newPassword = 'nine purple lanterns';
const options: AskOptions = { headers: { 'user-agent': 'Watch/1' } };

describe.each(testDatabases())('the security log on $name', (database) => {
  let server: TestServer;
  let clock = start;
  let admin: SignedIn;
  let ada: SignedIn;
  beforeAll(async () => {
    server = await startTestServer({ database, now: () => new Date(clock) });
  });
  afterAll(() => server?.close());
  beforeEach(async () => {
    admin = await asAdmin(server);
    ada = await asUser(server);
  });

  const eventsSince = async (moment: number): Promise<Event[]> => {
    const filter = { after: new Date(moment).toISOString() };
    return (await admin.ask(AuditEventsDocument, { filter })).data!.auditEvents.nodes;
  };
  /** The events of a request, which comes a second after all earlier ones. */
  const written = async (ask: () => Promise<Answer<unknown>>) => {
    clock += 1000;
    const moment = clock;
    const answer = await ask();
    const events = await eventsSince(moment);
    const where = {
      ...{ createdAt: new Date(moment).toISOString(), address: '127.0.0.1', userAgent: 'Watch/1', cause: null },
      ...{ requestId: answer.headers.get('x-request-id'), id: expect.stringMatching(/^event_[0-9a-z]{26}$/) },
    };
    return { answer, events, where };
  };
  const sessionOf = async (viewer: SignedIn): Promise<string> => {
    const { data } = await viewer.ask(SessionsDocument, { first: 100 });
    return data!.sessions.edges.find(({ node }) => node.current)!.node.id;
  };
  const login = (identifier: string, password: string) =>
    asAnonymous(server).ask(LoginDocument, { input: { identifier, password } }, options);

  describe('tells', () => {
    const by = (viewer: SignedIn) => ({ actorId: viewer.userId, subjectId: viewer.userId });
    const nobody = { actorId: null, sessionId: null, detail: null };

    it('of a registration', async () => {
      const input = { username: `r${clock}`, email: `r${clock}@example.com`, password: newPassword };
      const { answer, events, where } = await written(() =>
        asAnonymous(server).ask(RegisterDocument, { input }, options),
      );
      const { userId } = (answer.data as { register: { session: { userId: string } } }).register.session;
      const session = { actorId: userId, subjectId: userId, sessionId: expect.stringMatching(/^session_/) };
      expect(events).toEqual([{ ...where, type: 'REGISTERED', ...session, detail: null }]);
    });

    it('of a sign-in, and of the session that it opened', async () => {
      const { events, where } = await written(() => login(ada.username, ada.password));
      const { data } = await ada.ask(SessionsDocument, { first: 1 });
      const sessionId = data!.sessions.edges[0]!.node.id;
      expect(events).toEqual([{ ...where, type: 'SIGNED_IN', ...by(ada), sessionId, detail: null }]);
    });

    it.each([
      ['a wrong password', () => login(ada.username, 'what was typed'), () => ada.userId],
      ['a name that nobody has', () => login('what-was-typed', ada.password), () => null],
      ['an address that nobody has', () => login('what-was-typed@example.com', ada.password), () => null],
    ])('of a sign-in that is refused for %s, and never what was typed', async (_why, ask, subject) => {
      const { events, where } = await written(ask);
      expect(events).toEqual([{ ...where, type: 'SIGN_IN_FAILED', ...nobody, subjectId: subject() }]);
      const query = sql<{ all: string }>`select jsonb_agg(to_jsonb(e))::text as all from audit_events e`;
      const all = (await query.execute(server.database.fork().getKysely())).rows[0]?.all;
      expect(all).not.toMatch(/what.was.typed/);
      expect(all).not.toContain(ada.password);
    });

    it('of a sign-in to an account that is closed', async () => {
      await admin.ask(SetUserActiveDocument, { input: { userId: ada.userId, isActive: false } });
      const { events, where } = await written(() => login(ada.username, ada.password));
      expect(events).toEqual([{ ...where, type: 'SIGN_IN_FAILED', ...nobody, subjectId: ada.userId }]);
    });

    it('of a logout, here and everywhere', async () => {
      const here = await signIn(server, ada);
      const ended = await sessionOf(here);
      const out = await written(() => here.ask(LogoutDocument, {}, options));
      const signedOut = { type: 'SIGNED_OUT', ...by(ada) };
      expect(out.events).toEqual([{ ...out.where, ...signedOut, sessionId: ended, detail: ended }]);
      await signIn(server, ada);
      const sessionId = await sessionOf(ada);
      const all = await written(() => ada.ask(LogoutEverywhereDocument, {}, options));
      expect(all.events).toEqual([{ ...all.where, ...signedOut, sessionId, detail: '2 sessions' }]);
    });

    it('of revoked sessions, by one that goes on', async () => {
      const sessionId = await sessionOf(ada);
      const lost = await sessionOf(await signIn(server, ada));
      const revoked = { type: 'SESSIONS_REVOKED', ...by(ada), sessionId };
      const one = await written(() => ada.ask(RevokeSessionDocument, { input: { sessionId: lost } }, options));
      expect(one.events).toEqual([{ ...one.where, ...revoked, detail: lost }]);
      await signIn(server, ada);
      const others = await written(() => ada.ask(RevokeOtherSessionsDocument, {}, options));
      expect(others.events).toEqual([{ ...others.where, ...revoked, detail: '1 session' }]);
    });

    it('of a refresh token that comes back, once, with the cause', async () => {
      const sessionId = await sessionOf(ada);
      const next = await refresh(server, ada);
      await refresh(server, { session: next.session! });
      const input = { refreshToken: ada.session.refreshToken };
      const reuse = () => asAnonymous(server).ask(RefreshDocument, { input }, options);
      const { events, where } = await written(reuse);
      const told = { type: 'REFRESH_TOKEN_REUSED', actorId: null, subjectId: ada.userId, sessionId, detail: null };
      expect(events).toEqual([{ ...where, ...told, cause: 'OLDER_TOKEN' }]);
      expect((await written(reuse)).events).toEqual([]);
    });

    it('of a password that is refused, and of one that is changed', async () => {
      const sessionId = await sessionOf(ada);
      const change = (currentPassword: string) =>
        written(() => ada.ask(ChangePasswordDocument, { input: { currentPassword, newPassword } }, options));
      const refused = await change('what was typed');
      const about = { ...by(ada), sessionId, detail: null };
      expect(refused.events).toEqual([{ ...refused.where, type: 'PASSWORD_REJECTED', ...about }]);
      const changed = await change(ada.password);
      expect(changed.events).toEqual([{ ...changed.where, type: 'PASSWORD_CHANGED', ...about }]);
    });

    it('of names that are changed, which, and not to what', async () => {
      const input = { username: `n${clock}`, displayName: 'Another', currentPassword: ada.password };
      const sessionId = await sessionOf(ada);
      const { events, where } = await written(() => ada.ask(UpdateProfileDocument, { input }, options));
      expect(events).toEqual([
        { ...where, type: 'PROFILE_CHANGED', ...by(ada), sessionId, detail: 'username, displayName' },
      ]);
    });

    it('of an account that is deleted, and keeps what it told before', async () => {
      const sessionId = await sessionOf(ada);
      const input = { password: ada.password };
      const { events, where } = await written(() => ada.ask(DeleteAccountDocument, { input }, options));
      expect(events).toEqual([{ ...where, type: 'ACCOUNT_DELETED', ...by(ada), sessionId, detail: null }]);
      const { data } = await admin.ask(AuditEventsDocument, { filter: { subjectId: ada.userId } });
      expect(data?.auditEvents.nodes.map(({ type }) => type)).toEqual(['ACCOUNT_DELETED', 'REGISTERED']);
    });

    it('of what administrators do to an account', async () => {
      const { userId } = ada;
      const about = { actorId: admin.userId, subjectId: userId, sessionId: await sessionOf(admin) };
      const setRole = (role: 'ADMIN' | 'USER') =>
        written(() => admin.ask(SetUserRoleDocument, { input: { userId, role } }, options));
      const setActive = (isActive: boolean) =>
        written(() => admin.ask(SetUserActiveDocument, { input: { userId, isActive } }, options));
      const [promoted, demoted] = [await setRole('ADMIN'), await setRole('USER')];
      const [closed, opened] = [await setActive(false), await setActive(true)];
      const role = { type: 'ROLE_CHANGED', ...about };
      expect(promoted.events).toEqual([{ ...promoted.where, ...role, detail: 'USER to ADMIN' }]);
      expect(demoted.events).toEqual([{ ...demoted.where, ...role, detail: 'ADMIN to USER' }]);
      expect(closed.events).toEqual([{ ...closed.where, type: 'ACCOUNT_CLOSED', ...about, detail: null }]);
      expect(opened.events).toEqual([{ ...opened.where, type: 'ACCOUNT_OPENED', ...about, detail: null }]);
      expect((await written(() => ada.ask('{ __typename }'))).events).toEqual([]);
    });
  });

  describe('tells nothing', () => {
    it('of what is refused for another reason, or changes nothing', async () => {
      const { username, password, userId } = ada;
      const taken = { username, email: `${username}@example.com`, password: newPassword };
      const anonymous = asAnonymous(server);
      const asked: (() => Promise<Answer<unknown>>)[] = [
        () => anonymous.ask(RegisterDocument, { input: taken }),
        () => anonymous.ask(LoginDocument, { input: { identifier: username, password, scopes: ['no:such'] } }),
        () => anonymous.ask(RefreshDocument, { input: { refreshToken: `gwr_${'A'.repeat(43)}` } }),
        () => anonymous.ask(RefreshDocument, { input: { refreshToken: ada.session.refreshToken } }),
        () => ada.ask(ChangePasswordDocument, { input: { currentPassword: password, newPassword: 'short' } }),
        () => ada.ask(ChangePasswordDocument, { input: { currentPassword: password, newPassword: password } }),
        () => ada.ask(UpdateProfileDocument, { input: { username: admin.username, currentPassword: password } }),
        () => ada.ask(UpdateProfileDocument, { input: { username: 'another' } }),
        () => ada.ask(UpdateProfileDocument, { input: { displayName: username } }),
        () => ada.ask(RevokeOtherSessionsDocument),
        () => ada.ask('{ me { id securityEvents { totalCount } } tasks { totalCount } }'),
        () => admin.ask(SetUserRoleDocument, { input: { userId, role: 'USER' } }),
        () => admin.ask(SetUserActiveDocument, { input: { userId, isActive: true } }),
        () => admin.ask(SetUserRoleDocument, { input: { userId: admin.userId, role: 'USER' } }),
        () => admin.ask(DeleteAccountDocument, { input: { password: admin.password } }),
        () => admin.ask(SetUserRoleDocument, { input: { userId: userId.replace('user_', 'task_'), role: 'ADMIN' } }),
      ];
      for (const [index, ask] of asked.entries()) {
        expect({ index, events: (await written(ask)).events }).toEqual({ index, events: [] });
      }
    });

    it.each([
      ['a change of password', 'update', 'users'],
      ['a logout', 'update', 'sessions'],
      ['a registration', 'insert', 'refresh_tokens'],
      ['a sign-in', 'insert', 'refresh_tokens'],
      ['the end of an account', 'delete', 'users'],
    ] as const)('of %s that fails, and tells of it once it goes through', async (what, event, table) => {
      const ask = (): Promise<Answer<unknown>> => {
        const { username: identifier, password } = ada;
        if (what === 'a registration') {
          const input = { username: `new-${identifier}`, email: `new-${identifier}@example.com`, password };
          return asAnonymous(server).ask(RegisterDocument, { input });
        }
        if (what === 'a sign-in') return login(identifier, password);
        if (what === 'a logout') return ada.ask(LogoutDocument);
        if (what === 'the end of an account') return ada.ask(DeleteAccountDocument, { input: { password } });
        return ada.ask(ChangePasswordDocument, { input: { currentPassword: password, newPassword } });
      };
      const restore = await failing(server, event, table, 'true');
      const failed = await written(ask).finally(restore);
      expect([failed.answer.codes, failed.events]).toEqual([['INTERNAL_SERVER_ERROR'], []]);
      expect((await written(ask)).events).toHaveLength(1);
    });
  });

  describe('lists', () => {
    const list = async (filter: object, page: object = {}, viewer = admin) => {
      const { data, errors } = await viewer.ask(AuditEventsDocument, { filter, ...page });
      expect(errors).toEqual([]);
      return data!.auditEvents;
    };
    const types = async (filter: object) => (await list(filter)).nodes.map(({ type }) => type);

    it('what is asked for by type, actor, subject and time, all together', async () => {
      const { userId } = ada;
      const times: string[] = [];
      for (const role of ['ADMIN', 'USER'] as const) {
        clock += 1000;
        times.push(new Date(clock).toISOString());
        await admin.ask(SetUserRoleDocument, { input: { userId, role } });
      }
      const [promotion, demotion] = times;
      expect(await types({ subjectId: userId })).toEqual(['ROLE_CHANGED', 'ROLE_CHANGED', 'REGISTERED']);
      expect(await types({ actorId: userId })).toEqual(['REGISTERED']);
      expect(await types({ subjectId: userId, actorId: admin.userId })).toEqual(['ROLE_CHANGED', 'ROLE_CHANGED']);
      expect(await types({ subjectId: userId, type: ['REGISTERED', 'THROTTLED'] })).toEqual(['REGISTERED']);
      expect(await types({ subjectId: userId, type: [] })).toEqual([]);
      expect(await types({ subjectId: userId, type: null, after: null })).toHaveLength(3);
      const details = async (filter: object) =>
        (await list({ subjectId: userId, type: ['ROLE_CHANGED'], ...filter })).nodes.map(({ detail }) => detail);
      expect(await details({ after: demotion })).toEqual(['ADMIN to USER']);
      expect(await details({ before: demotion })).toEqual(['USER to ADMIN']);
      expect(await details({ after: promotion, before: promotion })).toEqual([]);
    });

    it('nothing for an id that is no account’s', async () => {
      for (const id of [
        '',
        'nonsense',
        ada.userId.replace('user_', 'task_'),
        ada.userId.toUpperCase(),
        `${ada.userId}\0`,
      ]) {
        expect(await types({ subjectId: id })).toEqual([]);
        expect(await types({ actorId: id })).toEqual([]);
      }
    });

    it('page by page, newest first', async () => {
      for (let attempt = 0; attempt < 4; attempt++) {
        clock += 1000;
        await login(ada.username, 'not it');
      }
      const filter = { subjectId: ada.userId };
      const all = (await list(filter)).nodes;
      expect(all.map(({ type }) => type)).toEqual([...Array(4).fill('SIGN_IN_FAILED'), 'REGISTERED']);
      expect(all.map(({ createdAt }) => createdAt)).toEqual(
        all
          .map(({ createdAt }) => createdAt)
          .sort()
          .reverse(),
      );
      const first = await list(filter, { first: 3 });
      const second = await list(filter, { first: 3, after: first.pageInfo.endCursor });
      expect([...first.nodes, ...second.nodes]).toEqual(all);
      expect([first, second].map(({ totalCount }) => totalCount)).toEqual([5, 5]);
      expect([first, second].map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual([true, false]);
      expect((await list(filter, { last: 2 })).nodes).toEqual(all.slice(3));
    });

    it('to administrators with the scope, and to nobody else', async () => {
      const narrow = await signIn(server, { ...admin, scopes: ['user:read', 'user:read:any'] });
      for (const viewer of [ada, narrow]) {
        const { data, codes } = await viewer.ask(AuditEventsDocument);
        expect([data, codes]).toEqual([null, ['FORBIDDEN']]);
      }
      expect((await asAnonymous(server).ask(AuditEventsDocument)).codes).toEqual(['UNAUTHENTICATED']);
      const reader = await signIn(server, { ...admin, scopes: ['audit:read'] });
      expect((await list({}, {}, reader)).totalCount).toBeGreaterThan(0);
    });
  });
});
