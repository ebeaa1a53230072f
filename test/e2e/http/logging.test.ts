import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { asAnonymous, asOwner, asUser, signIn } from '../../support/personas.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { LOG_LEVEL: 'trace' } });
});
afterAll(() => server.close());

/** The log line of the request with that id. It is written after the response. */
function lineOf(requestId: string | null): Promise<Record<string, unknown>> {
  return vi.waitFor(() => {
    const line = server.logs().find((candidate) => candidate.requestId === requestId && candidate.msg === 'request');
    if (!line) throw new Error('not written yet');
    return line;
  });
}

describe('a request', () => {
  it('is one line: who asked for what, and how it went', async () => {
    const user = await asUser(server);
    const { headers } = await user.ask('query Mine { me { username } }');
    expect(await lineOf(headers.get('x-request-id'))).toEqual({
      level: 30,
      time: expect.any(String),
      requestId: headers.get('x-request-id'),
      method: 'POST',
      path: '/graphql',
      status: 200,
      ms: expect.any(Number),
      ip: '127.0.0.1',
      operationName: 'Mine',
      operationType: 'query',
      viewerId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      msg: 'request',
    });
  });

  it('that was refused has the codes of its errors', async () => {
    const { headers } = await asAnonymous(server).ask('{ me { username } a: me { id } }');
    expect(await lineOf(headers.get('x-request-id'))).toMatchObject({ viewerId: null, codes: ['UNAUTHENTICATED'] });
  });

  it('is logged without its query string', async () => {
    const response = await fetch(`${server.url}/graphql?query={__typename}&token=hush`, {
      headers: { 'apollo-require-preflight': 'true' },
    });
    expect((await lineOf(response.headers.get('x-request-id'))).path).toBe('/graphql');
  });

  it('cannot write a line of its own', async () => {
    const path = '/%0A{"level":60,"msg":"forged"}';
    const response = await fetch(`${server.url}${path}`, { headers: { 'user-agent': 'a"}{"msg":"forged' } });
    await lineOf(response.headers.get('x-request-id'));
    expect(server.logs().filter((line) => line.msg === 'forged')).toEqual([]);
  });
});

describe('what is secret', () => {
  it('is in no line: passwords, tokens, notes, addresses, documents', async () => {
    const owner = await asOwner(server, { title: 'A secret title', notes: 'A secret note' });
    await signIn(server, owner);
    await owner.ask('query Secret { me { email } }');
    await asAnonymous(server).ask('{ __typename }', {}, { token: `${owner.session.accessToken}x` });
    await fetch(`${server.url}/graphql`, { method: 'POST', body: 'hush', headers: { cookie: 'a=secret-cookie' } });
    const text = JSON.stringify(server.logs());
    const secrets = [
      owner.password,
      owner.session.accessToken.split('.')[2] as string,
      owner.session.refreshToken,
      'A secret',
      `${owner.username}@`,
      'secret-cookie',
      'hush',
      'email }',
    ];
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(text).toContain('"operationName":"Secret"');
  });
});

describe('a denial', () => {
  it('is a line and a count', async () => {
    const user = await asUser(server);
    const before = server.server.denials.counts.get('Query.users') ?? 0;
    const { codes } = await user.ask('query Spy { users { totalCount } }');
    expect(codes).toEqual(['FORBIDDEN']);
    expect(server.server.denials.counts.get('Query.users')).toBe(before + 1);
    expect(server.logs().findLast((line) => line.msg === 'denied')).toMatchObject({
      coordinate: 'Query.users',
      code: 'FORBIDDEN',
      requirement: expect.stringContaining('role `ADMIN`'),
      operationName: 'Spy',
      viewerId: expect.any(String),
    });
  });

  it('is not logged when nothing is denied', async () => {
    const user = await asUser(server);
    const before = server.server.denials.total;
    await user.ask('{ me { email } }');
    expect(server.server.denials.total).toBe(before);
  });
});

describe('with AUTHORIZATION_DENIAL=report', () => {
  it('the line says that nothing was denied', async () => {
    const reporting = await startTestServer({ env: { AUTHORIZATION_DENIAL: 'report', LOG_LEVEL: 'info' } });
    try {
      const user = await asUser(reporting);
      await user.ask('query Spy { users { totalCount } }');
      const lines = reporting.logs().filter(({ operationName, coordinate }) => operationName === 'Spy' && coordinate);
      expect(lines.map(({ coordinate, msg }) => [coordinate, msg])).toContainEqual(['Query.users', 'would be denied']);
      expect(lines.filter(({ msg }) => msg === 'denied')).toEqual([]);
    } finally {
      await reporting.close();
    }
  });
});

describe('with AUTHORIZATION_DENIAL=reject', () => {
  it('a denial is a refusal that HTTP understands', async () => {
    const rejecting = await startTestServer({ env: { AUTHORIZATION_DENIAL: 'reject', DENIAL_ERRORS: 'each' } });
    try {
      const nobody = await asAnonymous(rejecting).ask('{ me { id } }');
      expect([nobody.status, nobody.data]).toEqual([401, undefined]);
      expect(nobody.headers.get('www-authenticate')).toMatch(/^Bearer/);
      const user = await asUser(rejecting);
      const narrowed = await signIn(rejecting, { ...user, scopes: ['user:read'] });
      const refused = await narrowed.ask('{ me { id } tasks { totalCount } }');
      expect([refused.status, refused.data]).toEqual([403, undefined]);
      expect(refused.headers.get('www-authenticate')).toMatch(/error="insufficient_scope".*scope="task:read"/);
      expect((await user.ask('{ me { id } tasks { totalCount } }')).status).toBe(200);
      // DENIAL_ERRORS=each: errors have the index of the row.
      await user.ask('mutation { createTask(input: { title: "one" }) { errors { message } } }');
      const { errors = [] } = await user.ask('{ tasks { nodes { owner { isActive } } } }');
      const paths = errors.map(({ path }) => path);
      expect(paths).toContainEqual(['tasks', 'nodes', 0, 'owner', 'isActive']);
      expect(paths.flat()).not.toContain('@');
    } finally {
      await rejecting.close();
    }
  });
});
