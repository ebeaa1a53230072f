/** What users see of the security log, and what it records of denied administration. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { newId } from '../../src/database/ids.ts';
import { type TestDatabase, testDatabases } from '../support/database.ts';
import { asAdmin, asAnonymous, asOwner, asUser, type SignedIn, signIn } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import {
  AuditEventsDocument,
  LoginDocument,
  MySecurityEventsDocument,
  SessionsDocument,
  SetUserActiveDocument,
  SetUserRoleDocument,
} from './documents/graphql.ts';

describe.each(testDatabases())('the security log on $name', (database) => {
  let server: TestServer;
  let clock = Date.UTC(2026, 2, 1, 9, 30);
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

  const ownEvents = async (viewer: SignedIn, page = {}) => {
    const { data, errors } = await viewer.ask(MySecurityEventsDocument, page);
    expect(errors).toEqual([]);
    return data!.me.securityEvents!;
  };
  const denials = async ({ userId }: SignedIn) => {
    const filter = { subjectId: userId, type: ['ADMINISTRATION_DENIED' as const] };
    return (await admin.ask(AuditEventsDocument, { filter })).data!.auditEvents.nodes;
  };

  describe('shows people', () => {
    it('what happened to their own account, and to nobody else’s', async () => {
      const bob = await asUser(server);
      clock += 1000;
      await asAnonymous(server).ask(LoginDocument, { input: { identifier: bob.username, password: 'not it' } });
      expect((await ownEvents(bob)).nodes).toMatchObject([
        { type: 'SIGN_IN_FAILED', actorId: null, subjectId: bob.userId, address: '127.0.0.1', userAgent: 'node' },
        { type: 'REGISTERED', actorId: bob.userId, subjectId: bob.userId },
      ]);
      const { nodes, totalCount } = await ownEvents(ada);
      expect([nodes.map(({ type }) => type), totalCount]).toEqual([['REGISTERED'], 1]);
      for (const { subjectId } of (await ownEvents(admin)).nodes) expect(subjectId).toBe(admin.userId);
    });

    it('pages of it, and by another’s cursor no more than by one’s own', async () => {
      for (let count = 0; count < 2; count++) {
        clock += 1000;
        await signIn(server, ada);
      }
      const all = (await ownEvents(ada)).nodes;
      const first = await ownEvents(ada, { first: 2 });
      const rest = await ownEvents(ada, { first: 2, after: first.pageInfo.endCursor });
      expect([...first.nodes, ...rest.nodes]).toEqual(all);
      expect([first.totalCount, rest.totalCount]).toEqual([3, 3]);
      const others = await ownEvents(admin, { first: 100, before: first.pageInfo.startCursor });
      for (const { subjectId } of others.nodes) expect(subjectId).toBe(admin.userId);
    });

    it('what an administrator did to them, and not from where; administrators are shown that', async () => {
      clock += 1000;
      await admin.ask(SetUserRoleDocument, { input: { userId: ada.userId, role: 'ADMIN' } });
      const [seen] = (await ownEvents(ada)).nodes;
      const what = { type: 'ROLE_CHANGED', actorId: admin.userId, subjectId: ada.userId, detail: 'USER to ADMIN' };
      const nowhere = { sessionId: null, address: null, userAgent: null, requestId: null };
      expect(seen).toMatchObject({ ...what, ...nowhere });
      expect(JSON.stringify(seen)).not.toContain('127.0.0.1');

      const { data } = await admin.ask(AuditEventsDocument, { filter: { subjectId: ada.userId } });
      const { data: sessions } = await admin.ask(SessionsDocument, { first: 100 });
      const sessionId = sessions!.sessions.edges.find(({ node }) => node.current)!.node.id;
      const somewhere = { sessionId, address: '127.0.0.1', userAgent: 'node', requestId: expect.any(String) };
      expect(data?.auditEvents.nodes[0]).toMatchObject({ ...what, ...somewhere, id: seen?.id });
      await admin.ask(SetUserRoleDocument, { input: { userId: ada.userId, role: 'USER' } });
    });

    it('nothing by another’s account, though an administrator sees the account', async () => {
      const query = 'query ($id: ID!) { user(id: $id) { username securityEvents { totalCount } } }';
      const { data, errors } = await admin.ask(query, { id: ada.userId });
      expect(data).toEqual({ user: { username: ada.username, securityEvents: null } });
      expect(errors).toMatchObject([{ path: ['user', 'securityEvents'], extensions: { code: 'FORBIDDEN' } }]);
      const own = await admin.ask(query, { id: admin.userId });
      expect(own.data.user.securityEvents.totalCount).toBeGreaterThan(0);
    });
  });

  describe('tells of administration that is denied', () => {
    it('once a minute for each person and thing, with what it was and from where', async () => {
      const bob = await asUser(server);
      const listUsers = async (viewer: SignedIn) => {
        const { codes, headers } = await viewer.ask('{ users { totalCount } }');
        expect(codes).toEqual(['FORBIDDEN']);
        return headers.get('x-request-id');
      };
      const requestId = await listUsers(ada);
      await vi.waitFor(async () => expect(await denials(ada)).toHaveLength(1));
      const by = { actorId: ada.userId, subjectId: ada.userId, address: '127.0.0.1', userAgent: 'node' };
      expect(await denials(ada)).toMatchObject([{ ...by, requestId, detail: 'Query.users' }]);
      expect((await denials(ada))[0]?.sessionId).toMatch(/^session_/);

      clock += 59_000;
      await listUsers(ada);
      await listUsers(bob);
      await ada.ask(SetUserActiveDocument, { input: { userId: bob.userId, isActive: false } });
      await vi.waitFor(async () => {
        expect(await denials(bob)).toHaveLength(1);
        expect((await denials(ada)).map(({ detail }) => detail)).toEqual(['Mutation.setUserActive', 'Query.users']);
      });

      clock += 1001;
      await listUsers(ada);
      await vi.waitFor(async () => expect(await denials(ada)).toHaveLength(3));
    });

    it('of an administrator whose token lacks the scope', async () => {
      const before = (await denials(admin)).length;
      const narrow = await signIn(server, { ...admin, scopes: ['user:read'] });
      expect((await narrow.ask(AuditEventsDocument)).codes).toEqual(['FORBIDDEN']);
      await vi.waitFor(async () => expect(await denials(admin)).toHaveLength(before + 1));
      expect((await denials(admin))[0]?.detail).toBe('Query.auditEvents');
    });
  });

  /** The number of recorded denials when a server has stopped, after these requests. */
  const toldBy = async (env: Record<string, string>, ask: (stopping: TestServer) => Promise<void>) => {
    const stopping = await startTestServer({ database, env });
    try {
      await ask(stopping);
      await stopping.server.stop();
      const { rows } = await sql<{ detail: string }>`
        select detail from audit_events where type = 'ADMINISTRATION_DENIED'`.execute(
        stopping.database.fork().getKysely(),
      );
      return rows.map(({ detail }) => detail);
    } finally {
      await stopping.close();
    }
  };

  it.each(['filter', 'reject'])('is told of each denial before a server stops that answers with %s', async (mode) => {
    const told = await toldBy({ AUTHORIZATION_DENIAL: mode }, async (stopping) => {
      const user = await asUser(stopping);
      for (const asked of [
        'users { totalCount }',
        'tasks(filter: { everyone: true }) { totalCount }',
        'me { isActive }',
      ]) {
        expect((await user.ask(`{ ${asked} }`)).codes).toEqual(['FORBIDDEN']);
      }
    });
    expect(told.sort()).toEqual(['Query.users', 'TaskFilter.everyone', 'User.isActive']);
  });

  it('tells of nothing that is let through to see what would be denied', async () => {
    const told = await toldBy({ AUTHORIZATION_DENIAL: 'report' }, async (stopping) => {
      expect((await (await asUser(stopping)).ask('{ users { totalCount } }')).codes).toEqual([]);
    });
    expect(told).toEqual([]);
  });

  it('tells of no denial that is not administration, nor of nobody’s', async () => {
    const told = await toldBy({}, async (stopping) => {
      const [user, owner] = [await asUser(stopping), await asOwner(stopping)];
      const narrow = await signIn(stopping, { ...user, scopes: [] });
      expect((await narrow.ask('{ tasks { totalCount } sessions { totalCount } }')).codes).toContain('FORBIDDEN');
      const update = 'mutation ($id: ID!) { updateTask(input: { id: $id, title: "Mine" }) { errors { code } } }';
      expect((await user.ask(update, { id: owner.taskId })).codes).toEqual(['FORBIDDEN']);
      const admin = await asAdmin(stopping);
      expect((await admin.ask('query ($id: ID!) { task(id: $id) { notes } }', { id: owner.taskId })).codes).toEqual([
        'FORBIDDEN',
      ]);
      expect((await asAnonymous(stopping).ask('{ users { totalCount } }')).codes).toEqual(['UNAUTHENTICATED']);
    });
    expect(told).toEqual([]);
  });

  it('forgets at a server’s start what is older than AUDIT_RETENTION, and nothing younger', async () => {
    const opened = await database.open();
    const kept: TestDatabase = { ...database, open: async () => ({ ...opened, close: async () => {} }) };
    const day = 86_400_000;
    try {
      for (const [detail, age] of [
        ['old', 2 * day + 1],
        ['young', 2 * day],
      ] as const) {
        await sql`insert into audit_events (id, type, created_at, detail)
          values (${newId()}, 'THROTTLED', ${new Date(clock - age).toISOString()}, ${detail})`.execute(
          opened.fork().getKysely(),
        );
      }
      const env = { AUDIT_RETENTION: '2d' };
      const started = await startTestServer({ database: kept, env, now: () => new Date(clock) });
      await started.close();
      const { rows } = await sql`select detail from audit_events where type = 'THROTTLED'`.execute(
        opened.fork().getKysely(),
      );
      expect(rows).toEqual([{ detail: 'young' }]);
      expect(started.logs()).toContainEqual(expect.objectContaining({ deleted: 1 }));
    } finally {
      await opened.close();
    }
  });
});
