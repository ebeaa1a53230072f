import { describe, expect, it } from 'vitest';
import type { Contestant } from '../../bench/authorization/contestant.ts';
import { gatewrightExecute, gatewrightSchema } from '../../bench/authorization/contestants/gatewright.ts';
import { graphqlJs } from '../../bench/authorization/contestants/graphql-js.ts';
import { entries } from '../../bench/authorization/contestants.ts';
import type { Measured } from '../../bench/authorization/measure.ts';
import { cellsOf, type Round, shareOf } from '../../bench/authorization/results.ts';
import { verify, type Workload } from '../../bench/authorization/workloads.ts';
import { median } from '../../bench/statistics.ts';

const guarded = ['viewer', 'row', 'denied'] as const;

async function verdictOn(contestant: Contestant, workload: Workload, told: 'once a field' | 'once a row') {
  const execute = await contestant(workload);
  return verify(execute, workload, 3, told).then(
    () => 'right',
    (error: Error) => error.message,
  );
}

describe('the answers that the benchmark times', () => {
  it.each(['unguarded', ...guarded] as const)('are right from guard.execute: %s', async (workload) => {
    expect(await verdictOn(gatewrightExecute, workload, 'once a field')).toBe('right');
  });

  it.each(guarded)('are right from guard.schema under graphql-js: %s', async (workload) => {
    expect(await verdictOn(gatewrightSchema, workload, 'once a field')).toBe('right');
  });

  it.each(['row', 'denied'] as const)('are found wrong where nothing is guarded: %s', async (workload) => {
    expect(await verdictOn(graphqlJs, workload, 'once a field')).toMatch(/^0 errors instead of/);
  });

  it('are found wrong when a denial is reported too rarely', async () => {
    expect(await verdictOn(gatewrightExecute, 'denied', 'once a row')).toMatch(/^10 errors instead of 30/);
  });

  it('are found wrong when a row is missing', async () => {
    const execute = await gatewrightExecute('viewer');
    await expect(verify((viewer) => execute(viewer, 2), 'viewer', 3, 'once a field')).rejects.toThrow('a wrong answer');
  });
});

describe('the figures of the benchmark', () => {
  it('are ratios within a round, which a slow round does not change', () => {
    const calm = roundOf(() => 1);
    const busy = roundOf(() => 30);
    const price = (rounds: Round[]) =>
      cellsOf(rounds, [1000]).find(({ contestant, workload }) => contestant === 'shield' && workload === 'viewer')
        ?.price;
    expect(price([calm, busy])).toEqual({ median: 1, min: 1, max: 1 });
    const slow = roundOf((contestant) => (contestant === 'shield' ? 9 : 3));
    expect(price([calm, slow, slow])).toEqual({ median: 3, min: 1, max: 3 });
  });

  it('are not invented for what was not measured', () => {
    expect(() => cellsOf([roundOf(() => 1).slice(1)], [1000])).toThrow('nothing was measured');
  });

  it('are of one run, and say how much of the time had the processor', () => {
    const round = roundOf(() => 7);
    expect(cellsOf([round], [1000])[0]?.milliseconds.median).toBe(7);
    expect(shareOf([round])).toBe(0.5);
  });

  it('are medians, also for an even number of values', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 6])).toBe(5.5);
    expect(() => median([])).toThrow(RangeError);
  });
});

function roundOf(milliseconds: (contestant: string, workload: Workload) => number): Round {
  const cell = (contestant: string, workload: Workload): Measured & { rows: number } => ({
    rows: 1000,
    processor: 4 * milliseconds(contestant, workload),
    elapsed: 8 * milliseconds(contestant, workload),
    runs: 4,
  });
  return Object.entries(entries).flatMap(([contestant, { workloads }]) =>
    workloads.map((workload) => ({ contestant, workload, cells: [cell(contestant, workload)] })),
  );
}
