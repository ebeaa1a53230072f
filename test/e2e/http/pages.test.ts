import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asAnonymous } from '../../support/personas.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { KEEP_ALIVE_TIMEOUT: '620' } });
});
afterAll(() => server.close());

describe('the explorer', () => {
  it('is a page, with a policy for its scripts', async () => {
    const response = await fetch(server.url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(response.headers.get('content-security-policy')).toMatch(/script-src 'sha256-/);
    expect(await response.text()).toContain('<title>Gatewright</title>');
  });

  it('is sent as it is to a client that takes no gzip', async () => {
    const response = await fetch(server.url, { headers: { 'accept-encoding': 'identity' } });
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(await response.text()).toContain('<title>Gatewright</title>');
  });

  it('is sent as it is to a client that refuses gzip', async () => {
    const response = await fetch(server.url, { headers: { 'accept-encoding': 'gzip;q=0, identity' } });
    expect(response.headers.get('content-encoding')).toBeNull();
    await response.body?.cancel();
  });

  it('takes no more memory while the client does not read it', async () => {
    const { hostname, port } = new URL(server.url);
    await (await fetch(server.url)).arrayBuffer();
    const before = process.memoryUsage().arrayBuffers;
    const sockets = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = connect(Number(port), hostname);
        socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
        await once(socket, 'readable');
        return socket;
      }),
    );
    const held = process.memoryUsage().arrayBuffers - before;
    // A client that reads it gets all of it meanwhile.
    const read = await fetch(server.url, { headers: { 'accept-encoding': 'identity' } });
    const html = await read.text();
    for (const socket of sockets) socket.destroy();
    expect(html).toMatch(/<\/html>\s*$/);
    expect(held).toBeLessThan(60 * 2 ** 20);
  });

  it('is not sent again to a client that has it', async () => {
    const etag = (await fetch(server.url)).headers.get('etag') ?? '';
    expect((await fetch(server.url, { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await fetch(server.url, { headers: { 'if-none-match': '"another"' } })).status).toBe(200);
  });
});

describe('health', () => {
  it('is answered to monitoring, and not cached', async () => {
    for (const [path, status] of [
      ['/healthz', 'alive'],
      ['/readyz', 'ready'],
    ]) {
      const response = await fetch(`${server.url}${path}`);
      expect([response.status, await response.json()]).toEqual([200, { status }]);
      expect(response.headers.get('cache-control')).toBe('no-store');
    }
  });
});

it('a connection is kept open for as long as KEEP_ALIVE_TIMEOUT says', async () => {
  expect((await fetch(`${server.url}/healthz`)).headers.get('keep-alive')).toBe('timeout=620');
});

describe('the public keys', () => {
  it('are public, may be kept for a while, and hold nothing private', async () => {
    const response = await fetch(`${server.url}/.well-known/jwks.json`);
    expect(response.headers.get('content-type')).toContain('application/jwk-set+json');
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    const { keys } = (await response.json()) as { keys: Record<string, unknown>[] };
    expect(keys).toEqual([expect.objectContaining({ kty: 'EC', alg: 'ES256', use: 'sig', kid: expect.any(String) })]);
    expect(keys[0]).not.toHaveProperty('d');
  });
});

describe('answers of GraphQL', () => {
  it('are not cached', async () => {
    expect((await asAnonymous(server).ask('{ __typename }')).headers.get('cache-control')).toBe('no-store');
  });
});
