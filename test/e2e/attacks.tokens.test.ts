/** Tokens that should be worth less than before, or less than they claim. Each has a twin that is good. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabases } from '../support/database.ts';
import { asAdmin, asAnonymous, asUser, type SignedIn, signIn } from '../support/personas.ts';
import { type Answer, startTestServer, type TestServer } from '../support/server.ts';
import { LoginDocument, RefreshDocument, SetUserActiveDocument, SetUserRoleDocument } from './documents/graphql.ts';

const me = '{ me { username role } }';
const users = '{ users { totalCount } }';

describe.each(testDatabases())('tokens, on $name', (database) => {
  let server: TestServer;
  let admin: SignedIn;
  beforeAll(async () => {
    server = await startTestServer({ database });
    admin = await asAdmin(server);
  });
  afterAll(() => server?.close());

  const refresh = async (refreshToken: string, scopes?: string[]) => {
    const input = { refreshToken, ...(scopes && { scopes }) };
    const { data } = await asAnonymous(server).ask(RefreshDocument, { input });
    return data!.refresh;
  };
  const setRole = async ({ userId }: SignedIn, role: 'USER' | 'ADMIN') => {
    const { data } = await admin.ask(SetUserRoleDocument, { input: { userId, role } });
    expect(data?.setUserRole.user?.role).toBe(role);
  };
  const setActive = async ({ userId }: SignedIn, isActive: boolean) => {
    const { data } = await admin.ask(SetUserActiveDocument, { input: { userId, isActive } });
    expect(data?.setUserActive.user?.isActive).toBe(isActive);
  };
  const expectRefused = ({ status, data, codes, headers }: Answer<unknown>) => {
    expect({ status, data, codes }).toEqual({ status: 401, data: undefined, codes: ['UNAUTHENTICATED'] });
    expect(headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  };
  const expectServed = ({ codes, data }: Answer<{ me: { username: string } }>, { username }: SignedIn) => {
    expect({ codes, username: data?.me.username }).toEqual({ codes: [], username });
  };

  it('are worth nothing after a logout, the refresh token too; another session’s stay good', async () => {
    const user = await asUser(server);
    const other = await signIn(server, user);
    expectServed(await user.ask(me), user);
    await user.ask('mutation { logout { endedSessionId } }');
    expectRefused(await user.ask(me));
    expect((await refresh(user.session.refreshToken)).errors).toMatchObject([{ code: 'INVALID_REFRESH_TOKEN' }]);
    expectServed(await other.ask(me), user);
    expect((await refresh(other.session.refreshToken)).errors).toEqual([]);
  });

  it('are worth nothing once the account is closed, nor when it is opened again; a new sign-in is good', async () => {
    const user = await asUser(server);
    expectServed(await user.ask(me), user);
    await setActive(user, false);
    expectRefused(await user.ask(me));
    expect((await refresh(user.session.refreshToken)).errors).toMatchObject([{ code: 'INVALID_REFRESH_TOKEN' }]);
    const input = { identifier: user.username, password: user.password };
    const { data } = await asAnonymous(server).ask(LoginDocument, { input });
    expect(data?.login).toMatchObject({ session: null, errors: [{ code: 'INVALID_CREDENTIALS' }] });

    await setActive(user, true);
    expectRefused(await user.ask(me));
    expectServed(await (await signIn(server, user)).ask(me), user);
  });

  it('lose an administrator’s rights at once with the role, and keep those of a user', async () => {
    const user = await asUser(server);
    await setRole(user, 'ADMIN');
    const promoted = await signIn(server, user);
    expect((await promoted.ask(users)).errors).toEqual([]);
    await setRole(user, 'USER');
    const { data, codes } = await promoted.ask(users);
    expect([data, codes]).toEqual([null, ['FORBIDDEN']]);
    expect((await promoted.ask('{ tasks(filter: { everyone: true }) { totalCount } }')).codes).toEqual(['FORBIDDEN']);
    expect((await promoted.ask('{ me { isActive } }')).codes).toEqual(['FORBIDDEN']);
    expectServed(await promoted.ask(me), user);
  });

  it('gain no scope when the account is promoted; the next ones have them', async () => {
    const user = await asUser(server);
    await setRole(user, 'ADMIN');
    expect((await user.ask(users)).codes).toEqual(['FORBIDDEN']);
    expect((await user.ask('{ tasks(filter: { everyone: true }) { totalCount } }')).codes).toEqual(['FORBIDDEN']);
    const promoted = await signIn(server, user);
    expect((await promoted.ask(users)).errors).toEqual([]);
  });

  it('of a narrowed session stay narrow, however they are refreshed', async () => {
    const user = await asUser(server);
    const narrow = await signIn(server, { ...user, scopes: ['task:read'] });
    expect(narrow.session.scope).toBe('task:read');
    const wider = await refresh(narrow.session.refreshToken, ['task:read', 'task:write', 'user:read']);
    expect(wider.session?.scope).toBe('task:read');
    const whole = await refresh(wider.session!.refreshToken);
    expect(whole.session?.scope).toBe('task:read');
    const write = 'mutation { createTask(input: { title: "x" }) { errors { code } } }';
    expect((await user.ask(write, {}, { token: whole.session!.accessToken })).codes).toEqual(['FORBIDDEN']);
    expect((await user.ask(write)).errors).toEqual([]);
  });

  it('have no scope that the account lacks, even if it is asked for', async () => {
    const user = await asUser(server);
    const greedy = await signIn(server, { ...user, scopes: ['task:read', 'task:read:any', 'user:write:any'] });
    expect(greedy.session.scope).toBe('task:read');
    const careful = await signIn(server, { ...admin, scopes: ['task:read', 'task:read:any'] });
    expect(careful.session.scope.split(' ').sort()).toEqual(['task:read', 'task:read:any']);
  });

  it('have one successor: a retry at once gets it again, and a later use ends the session', async () => {
    const user = await asUser(server);
    const next = await refresh(user.session.refreshToken);
    expectServed(await user.ask(me, {}, { token: next.session!.accessToken }), user);
    expect((await refresh(user.session.refreshToken)).session?.refreshToken).toBe(next.session!.refreshToken);
    const third = await refresh(next.session!.refreshToken);
    expectServed(await user.ask(me, {}, { token: third.session!.accessToken }), user);

    expect((await refresh(user.session.refreshToken)).errors).toMatchObject([{ code: 'INVALID_REFRESH_TOKEN' }]);
    expectRefused(await user.ask(me, {}, { token: third.session!.accessToken }));
    expect((await refresh(third.session!.refreshToken)).errors).toMatchObject([{ code: 'INVALID_REFRESH_TOKEN' }]);
  });

  it('work once on a server that allows no retry', async () => {
    let clock = Date.UTC(2026, 2, 1);
    const env = { REFRESH_RETRY_WINDOW: '0' };
    const strict = await startTestServer({ database, env, now: () => new Date(clock) });
    try {
      const user = await asUser(strict);
      const trade = async (refreshToken: string) =>
        (await asAnonymous(strict).ask(RefreshDocument, { input: { refreshToken } })).data!.refresh;
      const next = await trade(user.session.refreshToken);
      expectServed(await user.ask(me, {}, { token: next.session!.accessToken }), user);
      clock += 1;
      expect((await trade(user.session.refreshToken)).errors).toMatchObject([{ code: 'INVALID_REFRESH_TOKEN' }]);
      expectRefused(await user.ask(me, {}, { token: next.session!.accessToken }));
    } finally {
      await strict.close();
    }
  });

  it('work only in their own place', async () => {
    const { session, ask } = await asUser(server);
    expectRefused(await ask(me, {}, { token: session.refreshToken }));
    expect((await refresh(session.accessToken)).errors).toMatchObject([{ code: 'INVALID_REFRESH_TOKEN' }]);
    expect((await refresh('')).errors).toMatchObject([{ code: 'INVALID_REFRESH_TOKEN' }]);
    expect((await refresh('x'.repeat(100_000))).errors).toMatchObject([{ code: 'INVALID_REFRESH_TOKEN' }]);
  });

  it('are refused after tampering, also on public operations', async () => {
    const user = await asUser(server);
    const [head = '', body = '', signature = ''] = user.session.accessToken.split('.');
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const header = JSON.parse(Buffer.from(head, 'base64url').toString());
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    const raised = encode({ ...claims, role: 'ADMIN', scope: `${claims.scope} user:read:any` });
    const forged = [
      [head, raised, signature],
      [encode({ ...header, alg: 'none' }), raised, ''],
      [encode({ ...header, alg: 'none' }), body, signature],
      [encode({ ...header, alg: 'HS256' }), body, signature],
      [encode({ ...header, typ: 'JWT' }), body, signature],
      [encode({ ...header, kid: '../../jwt-secret' }), body, signature],
      [head, encode({ ...claims, sub: admin.userId }), signature],
      [head, encode({ ...claims, exp: claims.exp + 86_400 }), signature],
      [head, body, ''],
      [head, body, 'AAAA'],
      [head, body],
    ];
    for (const parts of forged) {
      expectRefused(await user.ask(me, {}, { token: parts.join('.') }));
      expectRefused(await user.ask('{ __typename }', {}, { token: parts.join('.') }));
    }
    expectServed(await user.ask(me), user);
  });

  it('do nothing by GET but read', async () => {
    const user = await asUser(server);
    const headers = { authorization: `Bearer ${user.session.accessToken}`, 'apollo-require-preflight': '1' };
    const get = (query: string) => fetch(`${server.url}/graphql?${new URLSearchParams({ query })}`, { headers });
    const mutation = await get('mutation { createTask(input: { title: "by GET" }) { errors { code } } }');
    expect(mutation.status).toBe(405);
    const query = await get('{ tasks { totalCount } }');
    expect([query.status, await query.json()]).toEqual([200, { data: { tasks: { totalCount: 0 } } }]);
  });
});
