import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';

const friend = 'https://app.example.com';

let server: TestServer;
let closed: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { CORS_ORIGINS: `${friend},https://other.example.com` } });
  closed = await startTestServer({ env: { NODE_ENV: 'production' } });
});
afterAll(() => Promise.all([server.close(), closed.close()]));

function preflight(url: string, origin: string): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });
}

function query(url: string, origin: string): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: '{"query":"{ __typename }"}',
  });
}

describe('an origin that is listed', () => {
  it('may ask, with a token, and see what an answer says about itself', async () => {
    const { headers, status } = await preflight(server.url, friend);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(friend);
    const allowed = headers.get('access-control-allow-headers');
    for (const name of ['authorization', 'apollographql-client-name', 'apollographql-client-version']) {
      expect(allowed).toContain(name);
    }
    expect(allowed).not.toContain('x-forwarded-for');
    expect(headers.get('access-control-allow-methods')).toContain('POST');
    const answer = await query(server.url, friend);
    expect(answer.headers.get('access-control-allow-origin')).toBe(friend);
    expect(answer.headers.get('access-control-expose-headers')).toContain('x-request-id');
    expect(answer.headers.get('vary')).toContain('Origin');
  });

  it('is never sent cookies’ worth of trust', async () => {
    expect((await preflight(server.url, friend)).headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('an origin that is not listed', () => {
  it.each(['https://evil.example', 'https://app.example.com.evil.example', 'http://app.example.com', 'null'])(
    'may not read an answer: %s',
    async (origin) => {
      expect((await preflight(server.url, origin)).headers.get('access-control-allow-origin')).toBeNull();
      expect((await query(server.url, origin)).headers.get('access-control-allow-origin')).toBeNull();
    },
  );
});

describe('a server that lists none', () => {
  it('lets no origin read an answer', async () => {
    expect((await preflight(closed.url, friend)).headers.get('access-control-allow-origin')).toBeNull();
    expect((await query(closed.url, friend)).headers.get('access-control-allow-origin')).toBeNull();
  });
});
