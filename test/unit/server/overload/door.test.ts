import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { buffer, json } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { type DoorOptions, door } from '../../../../src/server/overload/door.ts';

describe('a door that is full for some', () => {
  const ended: (() => unknown)[] = [];
  afterEach(() => {
    for (const end of ended.splice(0)) end();
  });

  /** A door that is full for 127.0.0.2. Admitted requests are answered with 200. */
  async function serverOf(options: Partial<DoorOptions> = {}) {
    const lines: [facts: unknown, message: string][] = [];
    const entrance = door({
      networkOf: ({ socket }) => socket.remoteAddress ?? '',
      isFull: (network) => network === '127.0.0.2',
      retryAfter: () => 7,
      isDraining: () => false,
      log: { info: (...line: unknown[]) => void lines.push(line as (typeof lines)[number]) },
      ...options,
    });
    const server = createServer(entrance.guard((_request, response) => response.end('in')));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    ended.push(() => server.close(), entrance.close);
    const { port } = server.address() as AddressInfo;
    const ask = async (localAddress: string, path = '/graphql', headers = {}, method = 'POST') => {
      const sent = request({ host: '127.0.0.1', port, path, method, localAddress, headers, agent: false });
      const answered = once(sent.end(method === 'POST' ? '{' : undefined), 'response');
      const [response] = await answered;
      return response;
    };
    return { ask, entrance, lines, port };
  }

  it('refuses them with Retry-After, like any refusal; others go in', async () => {
    const { ask } = await serverOf();
    expect((await ask('127.0.0.1')).statusCode).toBe(200);
    const refused = await ask('127.0.0.2', '/graphql?a', { accept: 'application/graphql-response+json' });
    expect(refused.statusCode).toBe(503);
    expect(refused.headers).toMatchObject({
      'retry-after': '7',
      'cache-control': 'no-store',
      'content-type': 'application/graphql-response+json; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(await json(refused)).toMatchObject({
      errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE', requestId: refused.headers['x-request-id'] } }],
    });
    expect((await ask('127.0.0.2', '/graphql', {}, 'GET')).statusCode).toBe(503);
  });

  it.each([
    ['is for another path', '/graphqlx', {}, 'POST'],
    ['may be answered without a place', '/healthz', {}, 'GET'],
    ['has a method that is refused otherwise', '/graphql', {}, 'DELETE'],
    ['needs headers of CORS', '/graphql', { origin: 'https://app.example' }, 'POST'],
  ])('leaves what %s to Fastify', async (_, path, headers, method) => {
    const { ask } = await serverOf();
    expect((await ask('127.0.0.2', path, headers, method)).statusCode).toBe(200);
  });

  it('keeps the connection, but not while the server ends', async () => {
    for (const isDraining of [false, true]) {
      const { port } = await serverOf({ isFull: () => true, isDraining: () => isDraining });
      const socket = connect(port, '127.0.0.1');
      ended.push(() => socket.destroy());
      const ask = 'POST /graphql HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n{}';
      socket.write(ask);
      if (isDraining) expect(String(await buffer(socket))).toContain('503');
      else {
        for (let i = 0; i < 2; i++) {
          if (i > 0) socket.write(ask);
          expect(String((await once(socket, 'data'))[0])).toContain('503');
        }
      }
    }
  });

  it('logs in one line how many it refused, and from which networks', async () => {
    const { ask, entrance, lines } = await serverOf();
    for (let i = 0; i < 3; i++) await ask('127.0.0.2');
    entrance.close();
    const told = lines.map(([facts]) => facts as { count: number; most: Record<string, number> });
    expect(told.map(({ count }) => count).reduce((sum, count) => sum + count)).toBe(3);
    expect(Object.keys(told[0]?.most ?? {})).toEqual(['127.0.0.2']);
  });

  it('answers waiting refusals at once when it closes', async () => {
    const { entrance, ask } = await serverOf({ isDraining: () => true });
    const refused = ask('127.0.0.2');
    await new Promise(setImmediate);
    entrance.close();
    expect((await refused).statusCode).toBe(503);
  });
});
