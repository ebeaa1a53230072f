import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conditionsNow } from '../../bench/conditions.ts';
import { type LoadQuestion, startWrk, wrkVersion } from '../../bench/http/load.ts';
import type { Slice } from '../../bench/http/measure.ts';
import { plot, type Results, ratiosOf, report } from '../../bench/http/report.ts';

const bare = 'bare node:http';
const mercurius = 'Mercurius, JIT, mercurius-auth';

const myTasks = { workload: 'my tasks', loader: 'autocannon' } as const;

function slice(server: string, perSecond: number, loader: Slice['loader'] = 'autocannon'): Slice {
  return {
    server,
    workload: 'my tasks',
    loader,
    perSecond,
    p50: 8,
    p99: 20,
    processor: 0.5,
    memory: 150,
    bytes: 25_000,
  };
}

/** @param rounds requests a second of the bare handler, Gatewright and Mercurius. */
function resultsOf(rounds: readonly (readonly [number, number, number])[]): Results {
  return {
    conditions: conditionsNow({}),
    postgresql: '15.20',
    loadAtEnd: 2,
    seconds: 60,
    settings: {
      ...{ rounds: rounds.length, secondsOfSlice: 2, secondsOfWarming: 20, connections: 16, poolSize: 16 },
      ...{ users: 1000, tasksOfUser: 50 },
    },
    servers: [bare, 'Gatewright', mercurius].map((name) => ({ name, documentation: '' })),
    workloads: ['my tasks'],
    rounds: rounds.map(([one, own, other]) => [slice('Gatewright', own), slice(bare, one), slice(mercurius, other)]),
  };
}

const lineOf = (text: string, name: string) => text.split('\n').find((line) => line.includes(name));

describe('the report of requests', () => {
  const results = resultsOf([
    [2000, 1900, 1000],
    [1000, 800, 400],
    [1500, 1500, 2000],
  ]);

  it('compares within a round, and shows the median with the least and the most', () => {
    expect(ratiosOf(results, myTasks, 'Gatewright', bare)).toEqual([0.95, 0.8, 1]);
    const text = report(results);
    expect(lineOf(text, 'My tasks, to bare')).toMatch(/0\.950 \(0\.800 to 1\.00\).*\| 0\.9 +\| met/);
    expect(lineOf(text, 'My tasks, to Mercurius')).toMatch(/1\.90 \(0\.750 to 2\.00\).*\| 1\.5 +\| met/);
    expect(lineOf(text, '| Gatewright  ')).toBeDefined();
  });

  it('tells a target that was missed', () => {
    const text = report(resultsOf([[2000, 1700, 1600]]));
    expect(lineOf(text, 'My tasks, to bare')).toMatch(/0\.850 .*\| 0\.9 +\| missed/);
    expect(lineOf(text, 'My tasks, to Mercurius')).toMatch(/1\.06 .*\| 1\.5 +\| missed/);
  });

  it('keeps apart who asked', () => {
    const one = resultsOf([[1000, 900, 500]]);
    const [slices = []] = one.rounds;
    const both = [...slices, slice('Gatewright', 1200, 'wrk'), slice(bare, 2000, 'wrk'), slice(mercurius, 300, 'wrk')];
    const text = report({ ...one, rounds: [both] });
    expect(lineOf(text, 'My tasks, to bare')).toMatch(/0\.900 .*met/);
    expect(lineOf(text, 'My tasks, asked by wrk, to bare')).toMatch(/0\.600 .*missed/);
    expect(lineOf(text, 'My tasks, asked by wrk, to Mercurius')).toMatch(/4\.00 .*met/);
    expect(text).toContain('## My tasks, asked by wrk\n');
    expect(report(one)).not.toContain('asked by wrk');
  });

  it('has a bar for each server, the longest first', () => {
    const svg = plot(results);
    const bars = [...svg.matchAll(/<rect x="250" y="(\d+)" width="([\d.]+)" height="22" rx="3" class="(\w+)"/g)];
    expect(bars.map(([, , , kind]) => kind)).toEqual(['bar', 'own', 'bar']);
    const widths = bars.map(([, , width]) => Number(width));
    expect(widths).toEqual([...widths].sort((a, b) => b - a));
  });
});

describe.runIf(wrkVersion())('the load of wrk', () => {
  const answers = ['a "quoted" \\ answer', 'zwei\nZeilen, ä und 🔑'];
  let seen: Set<string>;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      seen.add(`${request.method} ${request.url} ${request.headers.authorization} ${body}`);
      response.statusCode = request.url === '/refused' ? 403 : 200;
      response.end(answers[Number(JSON.parse(body).which)] ?? 'something "else\u{1f511}');
    });
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

  function ask(path: string, which: readonly number[], due: LoadQuestion['answers']) {
    seen = new Set();
    const requests = which.map((each) => ({
      ...({ method: 'POST', path, headers: { authorization: `Bearer ${each}` } } as const),
      body: JSON.stringify({ which: each, text: 'ä "' }),
    }));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return startWrk().ask({ url, requests, answers: due, connections: 2, seconds: 1 });
  }

  it('asks each in turn, and finds the answers right', async () => {
    const reply = await ask('/graphql', [0, 1], answers);
    expect(reply).toMatchObject({ errors: 0, wrong: 0, sample: null, statuses: { 200: expect.any(Number) } });
    expect(reply.answered).toBeGreaterThan(2);
    expect(reply.p99).toBeGreaterThanOrEqual(reply.p50);
    expect(reply.bytes).toBeGreaterThan(reply.answered * 20);
    expect([...seen].sort()).toEqual([
      'POST /graphql Bearer 0 {"which":0,"text":"ä \\""}',
      'POST /graphql Bearer 1 {"which":1,"text":"ä \\""}',
    ]);
  });

  it('counts answers that nobody is due, and statuses', async () => {
    const other = await ask('/graphql', [0, 7], answers);
    expect(other.wrong).toBeGreaterThan(0);
    expect(other.wrong).toBeLessThan(other.answered);
    expect(other.sample).toBe('something ?else????');
    const refused = await ask('/refused', [0], [answers[0] ?? null]);
    expect(refused).toMatchObject({ wrong: 0, statuses: { 403: expect.any(Number) } });
  });

  it('takes any answer where they differ', async () => {
    expect(await ask('/graphql', [7], [null])).toMatchObject({ wrong: 0, errors: 0 });
  });
});
