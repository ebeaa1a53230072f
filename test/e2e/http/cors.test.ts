import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graphql, startTestServer, type TestServer } from '../../support/server.ts';

const friend = 'https://app.example.com';

let server: TestServer;
let closed: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { CORS_ORIGINS: `${friend},https://other.example.com` } });
  closed = await startTestServer({ env: { NODE_ENV: 'production', PUBLIC_URL: 'https://api.example.com' } });
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

describe('a page of this machine', () => {
  const local = ['http://localhost:5173', 'http://127.0.0.1:3000', 'https://localhost:8443', 'http://[::1]:3000'];

  it.each(local)('may ask in development: %s', async (origin) => {
    for (const answer of [await preflight(server.url, origin), await query(server.url, origin)]) {
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    }
  });

  it.each(local)('may not in production: %s', async (origin) => {
    for (const answer of [await preflight(closed.url, origin), await query(closed.url, origin)]) {
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it.each([
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example:3000',
    'http://localhost:3000@evil.example',
  ])('is not one that only looks like it: %s', async (origin) => {
    expect((await query(server.url, origin)).headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('a server that lists none', () => {
  it('lets no origin read an answer', async () => {
    expect((await preflight(closed.url, friend)).headers.get('access-control-allow-origin')).toBeNull();
    expect((await query(closed.url, friend)).headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the log', () => {
  const told = ({ logs }: TestServer) => logs().filter(({ msg }) => String(msg).startsWith('A page of another origin'));

  it('tells of a refused origin once, and what to set', async () => {
    const origin = 'https://unlisted.example.com';
    await preflight(server.url, origin);
    await query(server.url, origin);
    const lines = told(server).filter((line) => line.origin === origin);
    expect(lines.map(({ msg, level }) => [level, msg])).toEqual([
      [40, expect.stringMatching(/To allow it, add it to CORS_ORIGINS\.$/)],
    ]);
  });

  it('does not advise to list what cannot be listed, and cuts what is long', async () => {
    await query(closed.url, 'null');
    await query(closed.url, `https://${'x'.repeat(5000)}.example`);
    const lines = told(closed).filter(({ origin }) => origin === 'null' || String(origin).startsWith('https://xx'));
    expect(lines.map(({ msg }) => String(msg).endsWith('It is none that can be allowed.'))).toEqual([true, false]);
    expect(String(lines[1]?.origin)).toHaveLength(200);
  });

  it('says nothing of origins that may call, and of the server’s own pages', async () => {
    const before = [told(server).length, told(closed).length];
    await query(server.url, friend);
    await query(closed.url, closed.url);
    await query(closed.url, 'https://api.example.com');
    await graphql(closed.url, '{ __typename }');
    expect([told(server).length, told(closed).length]).toEqual(before);
  });
});
