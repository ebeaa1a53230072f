import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { drainable } from '../../../../src/server/http/drain.ts';

const ask = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

async function openConnection({ body = 'answered' as string | Buffer, taking = 10_000 } = {}) {
  const server = createServer((_request, response) => {
    if (drain.isDraining) response.setHeader('connection', 'close');
    response.end(body);
  });
  const drain = drainable(server, { taking });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').setEncoding('utf8');
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  socket.write(ask);
  await once(socket, 'data');
  const first = received.length;
  return { drain, socket, answer: () => received.slice(first), all: () => received };
}

/** Blocks the process, as a long statement of the embedded database does. */
function standStill(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

const isClosed = (socket: Socket) => (socket.closed ? Promise.resolve() : once(socket, 'close'));

it('a request that arrived while the process was busy is answered, however long that took', async () => {
  const { drain, socket, answer } = await openConnection();
  const drained = drain.drain();
  socket.write(ask);
  standStill(1500);
  await Promise.all([drained, isClosed(socket)]);
  expect(answer()).toMatch(/^HTTP\/1\.1 200 OK\r\n.*connection: close\r\n.*answered/is);
});

it('a connection on which nothing is asked is closed', async () => {
  const { drain, socket, answer } = await openConnection();
  const drained = drain.drain();
  standStill(1500);
  await Promise.all([drained, isClosed(socket)]);
  expect(answer()).toBe('');
});

it.each([
  ['is taken to its end', 10_000],
  ['is cut, where its client has had time enough', 0],
])('an answer %s', async (_, taking) => {
  const length = 16_000_000;
  const { drain, socket, all } = await openConnection({ body: Buffer.alloc(length, 'x'), taking });
  socket.on('error', () => {});
  socket.pause();
  const drained = drain.drain();
  await sleep(1500);
  socket.resume();
  await Promise.all([drained, isClosed(socket)]);
  const isWhole = all().length >= length;
  expect(isWhole).toBe(taking > 0);
});
