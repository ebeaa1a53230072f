import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChild } from '../../bench/child.ts';
import { conditionsNow } from '../../bench/conditions.ts';
import type { CrowdQuestion, CrowdReply } from '../../bench/pressure/crowd.child.ts';
import {
  beyondCapacity,
  type OpenStepRound,
  type Results,
  report,
  type Step,
  type StepRound,
} from '../../bench/pressure/report.ts';

const round = (accepted: number, acceptedP99: number | null, serverCores = 1, refused = 0): StepRound => ({
  ...{ acceptedP50: 5, refusedP50: 50, refusedP99: 90, closed: 0, cores: 0.5 },
  ...{ accepted, acceptedP99, serverCores, refused },
});

const openRound = (times: number, more: Pick<OpenStepRound, 'refusedP50' | 'lateP99'>): OpenStepRound => ({
  ...{ due: 1000 * times, accepted: 860, refused: 140, acceptedP50: 5, acceptedP99: 20, refusedP99: 300 },
  ...{ unanswered: 1, closed: 2, ownDelayP99: 6, cores: 0.4, serverCores: 0.9, peak: 1000 },
  ...more,
});

describe('the report of pressure', () => {
  const steps = [
    { clients: 4, rounds: [round(1000, 10), round(1000, 11)] },
    { clients: 32, rounds: [round(950, 50), round(900, 100)] },
    { clients: 64, rounds: [round(800, 50), round(800, 100)] },
    { clients: 128, rounds: [round(960, 90, 0.96, 10), round(860, 250, 0.5, 10)] },
    { clients: 1024, rounds: [round(500, 120, 1, 10), round(0, null, 0.5, 10)] },
  ];
  const results: Results = {
    ...{ conditions: conditionsNow({}), postgresql: '15.20', loadAtEnd: 2, seconds: 60, steps },
    openSteps: [1, 3].map((times) => ({
      times,
      rounds: [openRound(times, { refusedP50: 50, lateP99: 4 }), openRound(times, { refusedP50: 160, lateP99: 30 })],
    })),
    unread: {
      ...{ readers: 16, clients: 200, lists: 16, tasks: 50, kilobytes: 8 },
      rounds: [{ alone: round(100, 9), beside: round(89, 30), answered: 200, memoryBefore: 180, memoryMost: 290 }],
    },
    settings: { secondsOfStep: 6, secondsOfWarming: 30, poolSize: 10, addresses: 8 },
    neighbours: {
      clients: 4,
      crowd: 256,
      rounds: [{ alone: round(90, 9), beside: round(30, 30), crowd: round(7, 8) }],
    },
    standstill: {
      ...{ clients: 256, seconds: 10 },
      rounds: [{ memoryBefore: 200, memoryMost: 210, refused: 220, refusedP99: 230, recovery: 75 }],
    },
  };
  const lineOf = (start: string) =>
    report(results)
      .split('\n')
      .filter((line) => line.startsWith(`| ${start}`));

  it('compares goodput with the peak, and latencies with the most that are all served, in the same round', () => {
    expect(beyondCapacity(steps)).toEqual({
      peak: steps[0],
      capacity: steps[2],
      beyond: [
        { clients: 128, goodput: [0.96, 0.86], goodputOfCore: [1, 1.72], p99: [1.8, 2.5] },
        { clients: 1024, goodput: [0.5, 0], goodputOfCore: [0.5, 0], p99: [2.4, Infinity] },
      ],
    });
  });

  it('takes the peak for the capacity where more are served only with refusals', () => {
    const [few, many] = [steps[0], steps[3]] as [Step, Step];
    expect(beyondCapacity([few, many])).toMatchObject({ peak: few, capacity: few });
    const all = [{ ...many, clients: 2 }];
    expect(beyondCapacity(all)).toEqual({ peak: all[0], capacity: all[0], beyond: [] });
  });

  it('tells targets that are met and missed', () => {
    expect(lineOf('128 clients')).toEqual([
      expect.stringMatching(/0\.910 \(0\.860 to 0\.960\) +\| met +\| 2\.15 \(1\.80 to 2\.50\) +\| missed +\| 1\.36/),
    ]);
    expect(lineOf('1024 clients')).toEqual([expect.stringMatching(/0\.250 .* missed .* missed/)]);
  });

  it('shows each step, the neighbours and the standstill', () => {
    expect(lineOf('128 ')[0]).toMatch(/910 .*\| 5\.00 +\| 170 +\| 10\.0 .*\| 0\.000 +\| 0\.730 +\| 0\.500 +\|$/);
    expect(lineOf('the same beside the crowd')[0]).toMatch(/\| 30\.0 .*\| 30\.0/);
    expect(lineOf('memory meanwhile')[0]).toContain('210');
  });

  it('tells targets of requests at fixed times, far beyond capacity alone, and where the clients were late', () => {
    expect(lineOf('1 times')[0]).not.toMatch(/met|missed/);
    const [beyond] = lineOf('3 times');
    expect(beyond).toMatch(/3000 +\| 0\.860 \(0\.860 to 0\.860\) +\| met .*\| 105 +\| missed +\| 300/);
    expect(beyond).toContain('of which the clients may be the cause');
  });

  it('compares goodput beside clients that never read with that in calm', () => {
    expect(report(results)).toContain('Goodput to that in calm: 0.890 (0.890 to 0.890), at least 0.9: missed.');
    expect(report(results)).toContain('290 (290 to 290) MiB meanwhile');
  });

  it('has no peak of nothing', () => {
    expect(() => beyondCapacity([])).toThrow(RangeError);
  });
});

describe('a crowd', () => {
  const child = startChild<CrowdQuestion, CrowdReply>(new URL('../../bench/pressure/crowd.child.ts', import.meta.url));
  let reply: (response: ServerResponse, body: string) => void;
  const from = new Set<string | undefined>();
  const server = createServer(async (request, response) => {
    from.add(request.socket.remoteAddress);
    let body = '';
    for await (const chunk of request) body += chunk;
    reply(response, body);
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(async () => {
    await child.end();
    server.close();
  });

  function ask(how: typeof reply, isPatient = true): Promise<CrowdReply> {
    reply = how;
    const headers = { 'content-type': 'text/plain' };
    return child.ask({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      requests: ['one', 'two'].map((body) => ({ method: 'POST' as const, path: '/graphql', headers, body })),
      ...{ answers: ['ONE', 'TWO'], clients: 4, addresses: ['127.0.0.1', '127.0.0.2'], isPatient },
      ...{ leadSeconds: 0, seconds: 1 },
    });
  }
  const refuse = (response: ServerResponse) => response.writeHead(503, { 'retry-after': '1' }).end();

  it('counts who is accepted, from where it comes', async () => {
    const { accepted, refused, closed, acceptedP50, cores } = await ask((response, body) =>
      response.end(body.toUpperCase()),
    );
    expect({ refused, closed }).toEqual({ refused: 0, closed: 0 });
    expect(accepted).toBeGreaterThan(4);
    expect(acceptedP50).toBeGreaterThan(0);
    expect(cores).toBeGreaterThan(0);
    expect(from).toEqual(new Set(['127.0.0.1', '127.0.0.2']));
  });

  it('waits when it is refused, if it is patient', async () => {
    let asked = 0;
    const count = (response: ServerResponse) => {
      asked++;
      refuse(response);
    };
    await ask(count);
    // Four clients with at most two turns each in that second.
    expect(asked).toBeLessThanOrEqual(8);
    const { accepted, refused, acceptedP99 } = await ask(refuse, false);
    expect({ accepted, acceptedP99 }).toEqual({ accepted: 0, acceptedP99: null });
    expect(refused).toBeGreaterThan(8);
  });

  it('counts a connection that is closed', async () => {
    const { accepted, closed } = await ask((response) => response.destroy());
    expect(accepted).toBe(0);
    expect(closed).toBeGreaterThan(0);
  });

  it.each([
    ['another answer', (response: ServerResponse) => response.end('TWO?')],
    ['a refusal that does not say when to come again', (response: ServerResponse) => response.writeHead(503).end()],
  ])('ends with %s', async (_, how) => {
    const other = startChild<CrowdQuestion, CrowdReply>(
      new URL('../../bench/pressure/crowd.child.ts', import.meta.url),
    );
    reply = how;
    const requests = [{ method: 'POST' as const, path: '/', headers: {}, body: 'two' }];
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const question = { url, requests, answers: ['TWO'], clients: 1, addresses: ['127.0.0.1'], isPatient: true };
    await expect(other.ask({ ...question, leadSeconds: 0, seconds: 0.3 })).rejects.toThrow('a wrong answer');
    await other.end();
  });
});
