import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChild } from '../../bench/child.ts';
import type { OpenLoopQuestion, OpenLoopReply } from '../../bench/open-loop.child.ts';

const module = new URL('../../bench/open-loop.child.ts', import.meta.url);

describe('requests that come at fixed times', () => {
  const child = startChild<OpenLoopQuestion, OpenLoopReply>(module);
  let reply: (response: ServerResponse, body: string) => void;
  let from: (string | undefined)[] = [];
  const server = createServer(async (request, response) => {
    from.push(request.socket.remoteAddress);
    let body = '';
    for await (const chunk of request) body += chunk;
    reply(response, body);
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(async () => {
    await child.end();
    server.closeAllConnections();
    server.close();
  });

  function ask(how: typeof reply, by = child): Promise<OpenLoopReply> {
    [reply, from] = [how, []];
    return by.ask({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      requests: ['one', 'two'].map((body) => ({ method: 'POST' as const, path: '/graphql', headers: {}, body })),
      ...{ answers: ['ONE', null], connections: 4, addresses: ['127.0.0.1', '127.0.0.2'] },
      ...{ rate: 100, leadSeconds: 0, seconds: 0.5 },
    });
  }
  const send = (response: ServerResponse, status: number, text: string, headers = {}) =>
    response.writeHead(status, { 'content-length': text.length, ...headers }).end(text);
  const right = (response: ServerResponse, body: string) => send(response, 200, body.toUpperCase());

  it('are all sent and counted, from each address', async () => {
    const { due, accepted, refused, unanswered, closed, acceptedP99 } = await ask(right);
    expect({ due, accepted, refused, unanswered, closed }).toEqual({
      ...{ due: 100, accepted: 100, refused: 0, unanswered: 0, closed: 0 },
    });
    expect(acceptedP99).toBeGreaterThan(0);
    expect(from).toHaveLength(50);
    expect(new Set(from)).toEqual(new Set(['127.0.0.1', '127.0.0.2']));
  });

  it('come as well while no other is answered, and count from when they were due', async () => {
    let held: (() => void)[] | null = [];
    setTimeout(() => {
      for (const answer of held ?? []) answer();
      held = null;
    }, 1000);
    const { due, accepted, acceptedP50, lateP99 } = await ask((response, body) => {
      if (held) held.push(() => right(response, body));
      else right(response, body);
    });
    expect([due, accepted]).toEqual([100, 100]);
    // All four connections were held until after the last was due.
    expect(acceptedP50).toBeGreaterThan(100);
    expect(lateP99).toBeGreaterThan(100);
  });

  it('are told apart: refused, and closed without an answer', async () => {
    const { accepted, refused, closed } = await ask((response, body) => {
      if (body === 'one') send(response, 503, '', { 'retry-after': '1' });
      else response.destroy();
    });
    expect([accepted, refused]).toEqual([0, 50]);
    expect(closed).toBeGreaterThan(0);
  });

  it.each([
    ['another answer', (response: ServerResponse) => send(response, 200, 'TWO')],
    ['a refusal that does not say when to come again', (response: ServerResponse) => send(response, 503, '')],
  ])('end with %s', async (_, how) => {
    const other = startChild<OpenLoopQuestion, OpenLoopReply>(module);
    await expect(ask(how, other)).rejects.toThrow('a wrong answer');
    await other.end();
  });
});
