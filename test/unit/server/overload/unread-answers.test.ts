import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import createFastify from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { type UnreadLimits, unreadAnswers } from '../../../../src/server/overload/unread-answers.ts';
import { clientAddressBy, clientAddresses } from '../../../../src/server/request/client-address.ts';

const megabyte = 1_000_000;
/** More than the system's buffers accept. */
const large = 16 * megabyte;
const patient = { seconds: 60, rate: megabyte, stalled: 60 };

describe('answers that are not read', () => {
  const ended: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ended.splice(0).reverse()) await end();
  });

  /** Answers `/7` with 7 bytes, and `/text/7` with a text of 7 bytes. */
  async function serverOf(limits: Partial<UnreadLimits>) {
    const unread = unreadAnswers({ budget: 4 * large, ...patient, ...limits });
    const fastify = createFastify({ forceCloseConnections: true });
    clientAddresses(fastify, clientAddressBy([]));
    const lengthOf = (params: unknown) => Number((params as { length: string }).length);
    fastify.get('/:length', async (request, reply) =>
      unread.handOver(request, reply, Buffer.alloc(lengthOf(request.params), 'x')),
    );
    fastify.get('/text/:length', async (request, reply) =>
      unread.handOver(request, reply, 'x'.repeat(lengthOf(request.params))),
    );
    await fastify.listen({ port: 0, host: '127.0.0.1' });
    ended.push(() => fastify.close());
    const { port } = fastify.server.address() as AddressInfo;
    /** Reads only the first bytes of the first answer. */
    const ask = async (paths: string[], localAddress = '127.0.0.1'): Promise<Socket> => {
      const socket = connect({ host: '127.0.0.1', port, localAddress }).on('error', () => {});
      ended.push(() => socket.destroy());
      socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: here\r\n\r\n`).join(''));
      await once(socket, 'readable');
      return socket;
    };
    return { unread, ask };
  }

  /** Reads the rest of this many bytes, or fewer if the connection is cut. */
  async function take(socket: Socket, bytes: number, between: () => Promise<unknown> = async () => {}) {
    let taken = 0;
    const closed = new Promise<null>((resolve) => socket.once('close', () => resolve(null)));
    while (taken < bytes) {
      const chunk: Buffer | null = socket.read();
      if (chunk) {
        taken += chunk.length;
        await between();
      } else {
        const more = once(socket, 'readable').catch(() => null);
        if ((await Promise.race([more, closed])) === null) break;
      }
    }
    return taken;
  }

  it.each(['', '/text'])('are counted until they are taken, and are their own network’s: %s', async (kind) => {
    const { unread, ask } = await serverOf({});
    const isOver = () => [unread.isOver('127.0.0.1'), unread.isOver('127.0.0.2')];
    for (let i = 0; i < 3; i++) await ask([`${kind}/${large}`]);
    expect(isOver()).toEqual([false, false]);
    const last = await ask([`${kind}/${large}`]);
    const beyond = await ask([`${kind}/${large}`]);
    expect(isOver()).toEqual([true, false]);
    // One client reads, and one goes away.
    expect(await take(last, large)).toBeGreaterThanOrEqual(large);
    beyond.destroy();
    await expect.poll(isOver).toEqual([false, false]);
  });

  it('are cut when all leave too much: first the connection that stalled longest, and none that reads', async () => {
    const { unread, ask } = await serverOf({ budget: 3.5 * large });
    const [still, reader, other] = [
      await ask([`/${large}`], '127.0.0.1'),
      await ask([`/${large}`], '127.0.0.2'),
      await ask([`/${large}`], '127.0.0.3'),
    ];
    const half = await take(reader, large / 2);
    const fourth = await ask([`/${large}`], '127.0.0.4');
    expect(await take(still, large)).toBeLessThan(large);
    const fifth = await ask([`/${large}`], '127.0.0.5');
    expect(await take(other, large)).toBeLessThan(large);
    expect(half + (await take(reader, large - half))).toBeGreaterThanOrEqual(large);
    for (const socket of [fourth, fifth]) expect(await take(socket, large)).toBeGreaterThanOrEqual(large);
    expect(unread.isOver('127.0.0.6')).toBe(false);
  });

  it('are cut when a network leaves too much and stalls: its other connections are served', async () => {
    const { unread, ask } = await serverOf({ stalled: 0 });
    const elsewhere = await ask([`/${large}`], '127.0.0.2');
    const theirs: Socket[] = [];
    for (let i = 0; i < 4; i++) theirs.push(await ask([`/${large}`]));
    expect(unread.isOver('127.0.0.1')).toBe(false);
    const [slowest, ...others] = theirs;
    expect(await take(slowest as Socket, large)).toBeLessThan(large);
    for (const socket of [elsewhere, ...others]) expect(await take(socket, large)).toBeGreaterThanOrEqual(large);
  });

  it('are not counted when they are small', async () => {
    const { unread, ask } = await serverOf({ budget: 0 });
    await ask(['/65536']);
    await ask(['/text/21845']);
    expect(unread.isOver('127.0.0.1')).toBe(false);
  });

  it('are counted, however small, when they wait behind another, until the connection closes', async () => {
    const { unread, ask } = await serverOf({ budget: large + 1000 });
    const first = await ask([`/${large}`], '127.0.0.2');
    const both = await ask([`/${large}`, '/10', '/10'], '127.0.0.1');
    first.destroy();
    await expect.poll(() => unread.isOver('127.0.0.3')).toBe(false);
    expect(unread.isOver('127.0.0.1')).toBe(true);
    const lengthOfSmall = await take(await ask(['/10'], '127.0.0.3'), 10);
    const length = large + 2 * lengthOfSmall;
    expect(await take(both, length)).toBeGreaterThanOrEqual(length);
    await expect.poll(() => unread.isOver('127.0.0.1')).toBe(false);
    const gone = await ask([`/${large}`, '/10', `/${large}`], '127.0.0.1');
    await expect.poll(() => unread.isOver('127.0.0.1')).toBe(true);
    gone.destroy();
    await expect.poll(() => unread.isOver('127.0.0.1')).toBe(false);
  });

  it('are cut when their time has passed', async () => {
    const { unread, ask } = await serverOf({ budget: large, seconds: 0.1, rate: 1000 * megabyte });
    const socket = await ask([`/${large}`]);
    await expect.poll(() => unread.isOver('127.0.0.1')).toBe(false);
    expect(await take(socket, large)).toBeLessThan(large);
  });

  it('are cut then, even if the client asks for more meanwhile', async () => {
    const { unread, ask } = await serverOf({ budget: large, seconds: 0.5, rate: 1000 * megabyte });
    const socket = await ask([`/${large}`]);
    const asking = setInterval(() => socket.write('GET /10 HTTP/1.1\r\nHost: here\r\n\r\n'), 50);
    ended.push(() => clearInterval(asking));
    expect(unread.isOver('127.0.0.1')).toBe(true);
    await expect.poll(() => unread.isOver('127.0.0.1'), { timeout: 4000 }).toBe(false);
    await expect.poll(() => socket.destroyed).toBe(true);
  });

  it('have time by their length: a slow reader gets all, and keeps the connection', async () => {
    const { ask } = await serverOf({ budget: large, seconds: 0, rate: large / 60 });
    const socket = await ask([`/${large}`]);
    expect(await take(socket, large, () => pause(1))).toBeGreaterThanOrEqual(large);
    socket.write('GET /10 HTTP/1.1\r\nHost: here\r\n\r\n');
    expect(await take(socket, 10)).toBeGreaterThan(10);
  });
});
