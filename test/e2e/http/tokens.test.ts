import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asAnonymous, asUser, type SignedIn } from '../../support/personas.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let user: SignedIn;
beforeAll(async () => {
  server = await startTestServer();
  user = await asUser(server);
});
afterAll(() => server.close());

const refusal = {
  errors: [
    {
      message: 'The access token is not valid. Refresh it, or sign in again.',
      extensions: { code: 'UNAUTHENTICATED' },
    },
  ],
};

/** Sends the headers as they stand, also the same header twice. */
function sendRaw(headers: string[], method: 'GET' | 'POST', body?: string): Promise<{ status: number; body: unknown }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: unknown }>();
  const path = method === 'GET' ? '/graphql?query={__typename}' : '/graphql';
  const own = ['host', 'localhost', 'content-type', 'application/json'];
  const length = body ? ['content-length', String(Buffer.byteLength(body))] : [];
  const sent = request(server.url, { method, path, headers: [...own, ...length, ...headers] }, async (response) => {
    resolve({ status: response.statusCode ?? 0, body: JSON.parse(await text(response)) });
  });
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

describe('a token that is present and bad', () => {
  it.each(['Bearer', 'Bearer ', 'Bearer nonsense', 'Basic YTpi', 'nonsense', 'Bearer a.b.c'])(
    'is refused before anything runs, on public operations as well: %s',
    async (authorization) => {
      const { status, headers, data, errors } = await asAnonymous(server).ask(
        '{ __typename }',
        {},
        { headers: { authorization } },
      );
      expect({ status, data, errors }).toEqual({ status: 401, data: undefined, errors: refusal.errors });
      expect(headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    },
  );

  it('is refused by GET as well', async () => {
    const bad = await sendRaw(['authorization', 'Bearer nonsense'], 'GET');
    expect(bad).toEqual({ status: 401, body: refusal });
  });

  it('is refused in plain JSON as well', async () => {
    const { status } = await asAnonymous(server).ask(
      '{ __typename }',
      {},
      { token: 'nonsense', headers: { accept: 'application/json' } },
    );
    expect(status).toBe(401);
  });
});

describe('a good token', () => {
  it('is taken by POST and by GET', async () => {
    const authorization = `Bearer ${user.session.accessToken}`;
    const body = JSON.stringify({ query: '{ me { username } }' });
    expect(await sendRaw(['authorization', authorization], 'POST', body)).toEqual({
      status: 200,
      body: { data: { me: { username: user.username } } },
    });
    expect((await sendRaw(['authorization', authorization], 'GET')).status).toBe(200);
  });

  it('is refused beside a second Authorization header, good or bad, first or last', async () => {
    const good = ['authorization', `Bearer ${user.session.accessToken}`];
    const bad = ['Authorization', 'Bearer nonsense'];
    const body = JSON.stringify({ query: '{ __typename }' });
    for (const headers of [
      [...good, ...good],
      [...good, ...bad],
      [...bad, ...good],
    ]) {
      expect(await sendRaw(headers, 'POST', body)).toEqual({ status: 401, body: refusal });
    }
  });

  it('is not read from the address', async () => {
    const search = new URLSearchParams({ query: '{ me { username } }', access_token: user.session.accessToken });
    const response = await fetch(`${server.url}/graphql?${search}`, { headers: { 'apollo-require-preflight': '1' } });
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    expect(errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });
});

describe('no token', () => {
  it('is an anonymous viewer', async () => {
    const { status, data } = await asAnonymous(server).ask('{ __typename }');
    expect([status, data]).toEqual([200, { __typename: 'Query' }]);
  });
});
