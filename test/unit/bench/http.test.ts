import { describe, expect, it } from 'vitest';
import { conditionsNow } from '../../bench/conditions.ts';
import type { Slice } from '../../bench/http/measure.ts';
import { plot, type Results, ratiosOf, report } from '../../bench/http/report.ts';

const bare = 'bare node:http';
const mercurius = 'Mercurius, JIT, mercurius-auth';

function slice(server: string, perSecond: number): Slice {
  return { server, workload: 'my tasks', perSecond, p50: 8, p99: 20, processor: 0.5, memory: 150, bytes: 25_000 };
}

/** @param rounds the requests a second of the bare handler, Gatewright and Mercurius. */
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
    expect(ratiosOf(results, 'my tasks', 'Gatewright', bare)).toEqual([0.95, 0.8, 1]);
    const text = report(results);
    expect(lineOf(text, 'my tasks, to bare')).toMatch(/0\.950 \(0\.800 to 1\.00\).*\| 0\.9 +\| met/);
    expect(lineOf(text, 'my tasks, to Mercurius')).toMatch(/1\.90 \(0\.750 to 2\.00\).*\| 1\.15 +\| met/);
    expect(lineOf(text, '| Gatewright  ')).toBeDefined();
  });

  it('tells a target that was missed', () => {
    const text = report(resultsOf([[2000, 1700, 1600]]));
    expect(lineOf(text, 'my tasks, to bare')).toMatch(/0\.850 .*\| 0\.9 +\| missed/);
    expect(lineOf(text, 'my tasks, to Mercurius')).toMatch(/1\.06 .*\| 1\.15 +\| missed/);
  });

  it('has a bar for each server, the longest first', () => {
    const svg = plot(results);
    const bars = [...svg.matchAll(/<rect x="250" y="(\d+)" width="([\d.]+)" height="22" rx="3" class="(\w+)"/g)];
    expect(bars.map(([, , , kind]) => kind)).toEqual(['bar', 'own', 'bar']);
    const widths = bars.map(([, , width]) => Number(width));
    expect(widths).toEqual([...widths].sort((a, b) => b - a));
  });
});
