import { afterEach, describe, expect, it, vi } from 'vitest';
import { conditionsNow } from '../../bench/conditions.ts';
import { measure } from '../../bench/growth/measure.ts';
import { readPlan } from '../../bench/growth/plan.ts';
import { report } from '../../bench/growth/report.ts';
import { figureOf, type Measured, type Results } from '../../bench/growth/results.ts';

const answer = (ids: readonly unknown[], milliseconds = 1, status = 200) => ({
  ...{ status, retryAfter: undefined, milliseconds },
  text: JSON.stringify({ data: { list: { nodes: ids.map((id) => ({ id })) } } }),
});
const amount = { requests: 6, budget: 1000 };

describe('what the benchmark of growth times', () => {
  const time = (send: () => Promise<ReturnType<typeof answer>>, rows?: number, isSteady?: boolean) =>
    measure({ group: 'g', title: 't', variants: [{ name: 'v', send }], rows, isSteady }, amount);

  it('is asked in turn, and the median of what counts is told', async () => {
    const asked: string[] = [];
    const variant = (name: string, milliseconds: number) => ({
      name,
      send: async () => {
        asked.push(name);
        return answer([1], milliseconds);
      },
    });
    const variants = [variant('a', 2), variant('b', 3)];
    expect(await measure({ group: 'g', title: 't', variants }, amount)).toEqual([2, 3]);
    // Five of each do not count; then five of each in turn, and one of each.
    expect(asked.join('')).toBe(`${'aaaaabbbbb'.repeat(2)}ab`);
  });

  it('is asked three times at least, however long it takes', async () => {
    let asked = 0;
    await time(async () => {
      asked++;
      return answer([1], 10_000);
    });
    expect(asked).toBe(5 + 3);
  });

  it('is a wrong answer with more or fewer rows, with one row twice, or with an error', async () => {
    await expect(time(async () => answer([1, 2]), 2)).resolves.toEqual([1]);
    await expect(time(async () => answer([1, 2, 3]), 2)).rejects.toThrow('a wrong answer');
    await expect(time(async () => answer([1]), 2)).rejects.toThrow('a wrong answer');
    await expect(time(async () => answer([1, 1]), 2)).rejects.toThrow('rows that differ');
    await expect(time(async () => answer([1, 2], 1, 503), 2)).rejects.toThrow('a wrong answer');
    await expect(time(async () => answer(Array.from({ length: 21 }, (_, id) => id)))).rejects.toThrow('a page of');
  });

  it('is a wrong answer if it changes where nothing does', async () => {
    let id = 0;
    const changing = async () => answer([id++]);
    await expect(time(changing)).resolves.toEqual([1]);
    await expect(time(changing, 1, true)).rejects.toThrow('the same answer again');
  });
});

describe('the report of growth', () => {
  const measured = (group: string, ...rounds: number[][]): Measured => ({
    ...{ group, title: 'a list', variants: ['10,000', '1,000,000'], rounds },
  });

  function reportOf(...all: Measured[]): string {
    const { settings } = readPlan([]) as NonNullable<ReturnType<typeof readPlan>>;
    const results: Results = {
      ...{
        conditions: conditionsNow({ gatewright: '0.1.0' }),
        loadAtEnd: 1,
        seconds: 1,
        settings,
        postgresql: '15.20',
      },
      databases: [{ tasks: 10_000, accounts: 103, seconds: 1, tableBytes: 2 ** 20, indexBytes: 3 * 2 ** 20 }],
      ...{ measured: all, figures: all.map(figureOf) },
    };
    return report(results);
  }

  it('takes ratios within a round', () => {
    const { ratio, latencies } = figureOf(measured('g', [1, 2], [10, 30], [4, 4]));
    expect(ratio).toEqual({ median: 2, min: 1, max: 3 });
    expect(latencies[0]).toEqual({ median: 4, min: 1, max: 10 });
  });

  it('says what misses the target, and of nothing that it has none for', () => {
    const [orders, totals] = ['First pages in each order', 'First pages with `totalCount`'] as const;
    expect(reportOf(measured(orders, [1, 1.1]))).not.toContain('missed');
    expect(reportOf(measured(orders, [1, 1.3]))).toContain('missed');
    expect(reportOf(measured(totals, [1, 30]))).not.toContain('missed');
    expect(reportOf(measured(orders, [1, 1.1], [1, 1.1], [1, 5]))).toMatch(/\| 1 +\| 1 +\| 1\.10 +\|/);
  });

  it('says how large the databases are', () => {
    expect(reportOf(measured('g', [1, 1]))).toMatch(/\| 10,000 +\| 103 +\| 1 MiB +\| 3 MiB +\| 1\.00 s +\|/);
  });
});

describe('the plan of growth', () => {
  afterEach(() => vi.restoreAllMocks());

  it('writes to docs, but for a quick run', () => {
    expect(readPlan([])?.output).toMatch(/docs\/benchmarks$/);
    expect(readPlan(['--quick'])?.output).toBeNull();
    expect(readPlan(['--quick', '--output', 'here'])?.output).toBe('here');
  });

  it('takes rounds', () => {
    expect(readPlan(['--rounds', '9'])?.settings).toMatchObject({ rounds: 9, sizes: [10_000, 100_000, 1_000_000] });
  });

  it.each([['--rounds', '0'], ['--rounds', '1.5'], ['--rounds', '101'], ['--often']])('refuses %s %s', (...args) => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(readPlan(args.filter((arg) => arg !== undefined))).toBeNull();
    expect(told.mock.calls.join()).toContain('usage: npm run bench:growth');
  });
});
