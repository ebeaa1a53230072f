import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { limitConnections } from '../../../../src/server/overload/connections.ts';

describe('connections', () => {
  const ended: (() => void)[] = [];
  afterEach(() => {
    for (const end of ended.splice(0)) end();
  });

  async function serverOf(limits: Parameters<typeof limitConnections>[1]) {
    const server = createServer((_request, response) => response.end('served'));
    limitConnections(server, limits);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    ended.push(() => server.close());
    return (localAddress: string): Socket => {
      const socket = connect({ host: '127.0.0.1', port, localAddress }).on('error', () => {});
      ended.push(() => socket.destroy());
      return socket;
    };
  }

  /** The server's answer on it; nothing, if it is closed. */
  async function answerOn(socket: Socket): Promise<string> {
    socket.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n');
    const said = await Promise.race([once(socket, 'data'), once(socket, 'close')]);
    return said[0] instanceof Buffer ? String(said[0]).slice(0, 12) : '';
  }

  it('are not all given to one client: those beyond three quarters are closed, and another client is served', async () => {
    const open = await serverOf({ connections: 4, byProxies: false });
    const [one, , third] = [open('127.0.0.1'), open('127.0.0.1'), open('127.0.0.1')];
    expect(await answerOn(third)).toBe('HTTP/1.1 200');
    expect(await answerOn(open('127.0.0.1'))).toBe('');
    expect(await answerOn(open('127.0.0.2'))).toBe('HTTP/1.1 200');
    const closed = once(one, 'close');
    one.destroy();
    await closed;
    await expect.poll(async () => await answerOn(open('127.0.0.1'))).toBe('HTTP/1.1 200');
  });

  it('may all be a proxy’s when all come from proxies, up to the limit', async () => {
    const open = await serverOf({ connections: 2, byProxies: true });
    expect(await answerOn(open('127.0.0.1'))).toBe('HTTP/1.1 200');
    expect(await answerOn(open('127.0.0.1'))).toBe('HTTP/1.1 200');
    expect(await answerOn(open('127.0.0.1'))).toBe('');
  });
});
