/**
 * What users see of the sessions of their account, and how they end them. Each ended session has a twin that goes on.
 */
import { request } from 'node:http';
import { print } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId, toGlobalId } from '../../src/database/ids.ts';
import { testDatabases } from '../support/database.ts';
import { asAdmin, asAnonymous, asOwner, asUser, type SignedIn, signIn } from '../support/personas.ts';
import { graphql, startTestServer, type TestServer } from '../support/server.ts';
import { expectEnded, expectLive } from '../support/sessions.ts';
import {
  LoginDocument,
  LogoutDocument,
  LogoutEverywhereDocument,
  RefreshDocument,
  RevokeOtherSessionsDocument,
  RevokeSessionDocument,
  SessionsDocument,
  SetUserActiveDocument,
} from './documents/graphql.ts';

const start = Date.UTC(2026, 2, 1, 9, 30);
const day = 86_400_000;
const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0';
const safari =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) ' +
  'Version/17.5 Mobile/15E148 Safari/604.1';

describe.each(testDatabases())('sessions on $name', (database) => {
  let server: TestServer;
  let clock = start;
  let ada: SignedIn;
  beforeAll(async () => {
    server = await startTestServer({ database, now: () => new Date(clock) });
  });
  afterAll(() => server?.close());
  beforeEach(async () => {
    ada = await asUser(server);
  });

  /** A second later, so that it is the newest. */
  const another = (account: SignedIn, headers?: Record<string, string>): Promise<SignedIn> => {
    clock += 1000;
    const { username, password } = account;
    return signIn(server, { username, password, ...(headers && { headers }) });
  };
  const list = async (
    viewer: SignedIn,
    page: { first?: number; after?: string; last?: number; before?: string } = {},
  ) => {
    const { data, errors } = await viewer.ask(SessionsDocument, page);
    expect(errors).toEqual([]);
    return data!.sessions;
  };
  const sessionsOf = async (viewer: SignedIn) => (await list(viewer)).edges.map(({ node }) => node);
  /** The global id of the viewer's session. */
  const idOf = async (viewer: SignedIn): Promise<string> =>
    (await sessionsOf(viewer)).find(({ current }) => current)!.id;
  describe('in the list', () => {
    it('show what each was opened with, from where and when, and which one asks', async () => {
      const phone = await another(ada, { 'user-agent': safari });
      const laptop = await another(ada, { 'user-agent': firefox });
      const times = (moment: number) => ({
        createdAt: new Date(moment).toISOString(),
        lastUsedAt: new Date(moment).toISOString(),
        expiresAt: new Date(moment + 90 * day).toISOString(),
      });
      const place = { id: expect.stringMatching(/^session_[0-9a-z]{26}$/), address: '127.0.0.1' };
      const shown = [
        { ...place, device: 'Firefox on Windows', userAgent: firefox, ...times(clock) },
        { ...place, device: 'Safari on iOS', userAgent: safari, ...times(clock - 1000) },
        { ...place, device: 'node', userAgent: 'node', ...times(clock - 2000) },
      ];
      for (const [index, viewer] of [laptop, phone, ada].entries()) {
        expect(await sessionsOf(viewer)).toEqual(shown.map((row, at) => ({ ...row, current: at === index })));
      }
    });

    it('are read page by page, newest first, in both directions', async () => {
      for (let count = 0; count < 4; count++) await another(ada);
      const all = (await sessionsOf(ada)).map(({ id }) => id);
      expect(all).toHaveLength(5);
      const ids = ({ edges }: Awaited<ReturnType<typeof list>>) => edges.map(({ node }) => node.id);

      const first = await list(ada, { first: 2 });
      const second = await list(ada, { first: 2, after: first.pageInfo.endCursor! });
      const third = await list(ada, { first: 2, after: second.pageInfo.endCursor! });
      expect([first, second, third].flatMap(ids)).toEqual(all);
      expect([first, second, third].map(({ totalCount }) => totalCount)).toEqual([5, 5, 5]);
      expect([first, second, third].map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual([true, true, false]);
      expect(ids(await list(ada, { last: 2 }))).toEqual(all.slice(3));
      expect(ids(await list(ada, { last: 2, before: third.pageInfo.startCursor! }))).toEqual(all.slice(2, 4));
    });

    it('keep their place and device when they are refreshed, and tell when and from where that was', async () => {
      const phone = await another(ada, { 'user-agent': safari });
      clock += 60_000;
      const input = { refreshToken: ada.session.refreshToken };
      const { data } = await asAnonymous(server).ask(
        RefreshDocument,
        { input },
        { headers: { 'user-agent': firefox } },
      );
      expect(data?.refresh.errors).toEqual([]);
      const [newest, oldest] = await sessionsOf(phone);
      expect(newest).toMatchObject({ device: 'Safari on iOS', lastUsedAt: newest?.createdAt });
      expect(oldest).toMatchObject({ device: 'node', lastUsedAt: new Date(clock).toISOString() });
    });

    it('are one’s own alone, whatever one’s role', async () => {
      const [admin, bob] = [await asAdmin(server), await asUser(server)];
      const [own] = await sessionsOf(ada);
      expect((await list(ada)).totalCount).toBe(1);
      for (const other of [bob, admin]) {
        expect((await sessionsOf(other)).map(({ id }) => id)).not.toContain(own?.id);
        const { edges } = await list(ada, { first: 1 });
        expect((await list(other, { after: edges[0]!.cursor })).edges.map(({ node }) => node.id)).not.toContain(
          own?.id,
        );
      }
    });

    it('are only those that live', async () => {
      const [out, revoked] = [await another(ada), await another(ada)];
      const sessionId = await idOf(revoked);
      await out.ask(LogoutDocument);
      await ada.ask(RevokeSessionDocument, { input: { sessionId } });
      expect(await sessionsOf(ada)).toMatchObject([{ current: true }]);

      const admin = await asAdmin(server);
      for (const isActive of [false, true]) {
        await admin.ask(SetUserActiveDocument, { input: { userId: ada.userId, isActive } });
      }
      const reopened = await another(ada);
      expect(await sessionsOf(reopened)).toMatchObject([{ current: true }]);

      clock += 90 * day;
      expect(await sessionsOf(await another(ada))).toMatchObject([{ current: true }]);
    });

    it('are shown to nobody else, nor to a token without `user:read`', async () => {
      expect((await asAnonymous(server).ask(SessionsDocument)).codes).toEqual(['UNAUTHENTICATED']);
      const narrow = await signIn(server, { ...ada, scopes: ['task:read', 'task:write'] });
      const { data, codes } = await narrow.ask(SessionsDocument);
      expect([data, codes]).toEqual([null, ['FORBIDDEN']]);
      expect((await list(await signIn(server, { ...ada, scopes: ['user:read'] }))).totalCount).toBe(3);
    });
  });

  describe('say in their own words what opened them,', () => {
    const openedWith = async (headers: Record<string, string>) => (await sessionsOf(await another(ada, headers)))[0];

    it('cut to 256 characters', async () => {
      expect(await openedWith({ 'user-agent': `curl/8 ${'x'.repeat(8000)}` })).toMatchObject({
        device: 'curl',
        userAgent: `curl/8 ${'x'.repeat(249)}`,
      });
    });

    it('without control characters', async () => {
      expect(await openedWith({ 'user-agent': 'curl/8\t(\u009b31m\u0085\u00ad)' })).toMatchObject({
        device: 'curl',
        userAgent: 'curl/8 ( 31m )',
      });
    });

    it('as text, whatever is written there', async () => {
      const userAgent = `<img src=x onerror=alert(1)>'; drop table sessions; --`;
      expect(await openedWith({ 'user-agent': userAgent })).toMatchObject({ device: 'Unknown program', userAgent });
    });

    it('or nothing, where no header says it', async () => {
      const { username: identifier, password } = ada;
      const token = await loginWithoutUserAgent(server.url, { identifier, password });
      const { data } = await graphql(server.url, SessionsDocument, {}, { token });
      const [newest] = data!.sessions.edges.map(({ node }) => node).filter(({ current }) => current);
      expect(newest).toMatchObject({ device: 'Unknown device', userAgent: null, address: '127.0.0.1' });
    });
  });

  describe('of one’s own', () => {
    it('end one by one: the tokens are refused from the next request on, those of the others are good', async () => {
      const [lost, other] = [await another(ada), await another(ada)];
      const sessionId = await idOf(lost);
      const { data, errors } = await ada.ask(RevokeSessionDocument, { input: { sessionId } });
      expect([data, errors]).toEqual([{ revokeSession: { revokedSessionId: sessionId, errors: [] } }, []]);
      await expectEnded(server, lost);
      await expectLive(server, ada, other);
    });

    it('end all but the one that asks', async () => {
      const others = [await another(ada), await another(ada)];
      const stranger = await asUser(server);
      const { data } = await ada.ask(RevokeOtherSessionsDocument);
      expect(data).toEqual({ revokeOtherSessions: { revokedCount: 2 } });
      await expectEnded(server, ...others);
      await expectLive(server, ada, stranger);
      expect((await ada.ask(RevokeOtherSessionsDocument)).data).toEqual({ revokeOtherSessions: { revokedCount: 0 } });
    });

    it('end all together, this one as well', async () => {
      const others = [await another(ada), await another(ada)];
      const stranger = await asUser(server);
      expect((await ada.ask(LogoutEverywhereDocument)).data).toEqual({ logoutEverywhere: { endedCount: 3 } });
      await expectEnded(server, ada, ...others);
      await expectLive(server, stranger, await another(ada));
    });

    it('end also by themselves', async () => {
      const other = await another(ada);
      const sessionId = await idOf(ada);
      const { data } = await ada.ask(RevokeSessionDocument, { input: { sessionId } });
      expect(data?.revokeSession).toEqual({ revokedSessionId: sessionId, errors: [] });
      await expectEnded(server, ada);
      await expectLive(server, other);
    });

    it('end once: ending one again says that it has ended', async () => {
      const sessionId = await idOf(await another(ada));
      const input = { sessionId };
      expect((await ada.ask(RevokeSessionDocument, { input })).data?.revokeSession.errors).toEqual([]);
      const { data, errors } = await ada.ask(RevokeSessionDocument, { input });
      expect(errors).toEqual([]);
      expect(data?.revokeSession).toMatchObject({
        revokedSessionId: null,
        errors: [{ path: ['input', 'sessionId'], code: 'NOT_FOUND' }],
      });
    });

    it('end once, of ten who end one at once', async () => {
      const sessionId = await idOf(await another(ada));
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => ada.ask(RevokeSessionDocument, { input: { sessionId } })),
      );
      expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
      expect(answers.filter(({ data }) => data?.revokeSession.errors.length === 0)).toHaveLength(1);
    });

    it('that end each other at once leave one at most, and each call is answered', async () => {
      const all = [ada, await another(ada), await another(ada), await another(ada)];
      const answers = await Promise.all(all.map((viewer) => viewer.ask(RevokeOtherSessionsDocument)));
      // 401: another call was faster.
      expect(answers.filter(({ status }) => status !== 200 && status !== 401)).toEqual([]);
      expect(answers.flatMap(({ codes }) => codes).filter((code) => code !== 'UNAUTHENTICATED')).toEqual([]);
      const left = await Promise.all(all.map(async (viewer) => (await viewer.ask('{ me { id } }')).status));
      expect(left.filter((status) => status === 200).length).toBeLessThanOrEqual(1);
    });
  });

  describe('that are not one’s own', () => {
    it('look like missing ones, and are not ended', async () => {
      const bob = await asOwner(server);
      const bobs = await idOf(bob);
      const ended = await idOf(await another(bob));
      await bob.ask(RevokeSessionDocument, { input: { sessionId: ended } });
      const uuid = newId();
      const ids = [
        ...[bobs, ended, toGlobalId('session', uuid), toGlobalId('task', uuid), bob.taskId, bob.userId, ada.userId],
        ...['', 'session_', uuid, bobs.toUpperCase(), ` ${bobs}`, `${bobs}\u0000`, '-1', '💥', 'x'.repeat(100_000)],
        ...[`session_${'z'.repeat(26)}`, "' or true --"],
      ];
      const admin = await asAdmin(server);
      for (const viewer of [ada, admin]) {
        const answers = await Promise.all(
          ids.map(async (sessionId) => {
            const { status, data, errors } = await viewer.ask(RevokeSessionDocument, { input: { sessionId } });
            return { status, data, errors };
          }),
        );
        for (const answer of answers) expect(answer).toEqual(answers[0]);
        expect(answers[0]).toMatchObject({
          data: null,
          errors: [
            {
              path: ['revokeSession'],
              extensions: { code: 'FORBIDDEN', requires: { scopes: [], roles: [], policies: [] } },
            },
          ],
        });
      }
      await expectLive(server, bob);
    });

    it('are not ended in report mode, which lets everything through', async () => {
      const lenient = await startTestServer({ database, env: { AUTHORIZATION_DENIAL: 'report' } });
      try {
        const [bob, eve] = [await asUser(lenient), await asUser(lenient)];
        const sessionId = await idOf(bob);
        const query = RevokeSessionDocument;
        expect((await eve.ask(query, { input: { sessionId } })).data?.revokeSession.errors).toMatchObject([
          { code: 'NOT_FOUND' },
        ]);
        expect((await asAnonymous(lenient).ask(query, { input: { sessionId } })).codes).toEqual(['UNAUTHENTICATED']);
        expect((await bob.ask(query, { input: { sessionId } })).data?.revokeSession.errors).toEqual([]);
      } finally {
        await lenient.close();
      }
    });

    it('are not found by `node`, and one’s own are', async () => {
      const bob = await asUser(server);
      const [own, others] = [await idOf(ada), await idOf(bob)];
      const query = `query ($own: ID!, $other: ID!, $missing: ID!) {
        own: node(id: $own) { ...S } other: node(id: $other) { ...S } missing: node(id: $missing) { ...S }
        nodes(ids: [$other, $own, $missing]) { id }
      }
      fragment S on Session { id current }`;
      const missing = toGlobalId('session', newId());
      for (const viewer of [ada, bob, await asAdmin(server)]) {
        const [mine, not] = viewer === bob ? [others, own] : [own, others];
        const { data, errors } = await viewer.ask(query, { own: mine, other: not, missing });
        const isTheirs = viewer === ada || viewer === bob;
        expect(errors).toEqual([]);
        expect(data).toEqual({
          own: isTheirs ? { id: mine, current: true } : null,
          other: null,
          missing: null,
          nodes: [null, isTheirs ? { id: mine } : null, null],
        });
      }
      const ended = await another(ada);
      const id = await idOf(ended);
      await ended.ask(LogoutDocument);
      expect((await ada.ask('query ($id: ID!) { node(id: $id) { id } }', { id })).data).toEqual({ node: null });
    });
  });

  it('are of the address that the trusted proxies tell, and of no other', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.9, 192.0.2.44' };
    expect((await sessionsOf(await another(ada, headers)))[0]).toMatchObject({ address: '127.0.0.1' });
    const proxied = await startTestServer({ database, env: { TRUSTED_PROXIES: '127.0.0.1' } });
    try {
      const { username, password } = await asUser(proxied);
      const viewer = await signIn(proxied, { username, password, headers });
      expect(await sessionsOf(viewer)).toMatchObject([{ address: '192.0.2.44' }, { address: '127.0.0.1' }]);
    } finally {
      await proxied.close();
    }
  });
});

/** Uses a client that adds no headers of its own. Resolves to the access token. */
async function loginWithoutUserAgent(url: string, input: { identifier: string; password: string }): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const headers = { 'content-type': 'application/json' };
  const sent = request(`${url}/graphql`, { method: 'POST', headers }, async (response) => {
    const body = JSON.parse((await response.setEncoding('utf8').toArray()).join(''));
    resolve(body.data.login.session.accessToken);
  });
  sent.on('error', reject).end(JSON.stringify({ query: print(LoginDocument), variables: { input } }));
  return await promise;
}
