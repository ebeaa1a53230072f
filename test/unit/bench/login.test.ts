import { afterEach, describe, expect, it, vi } from 'vitest';
import { conditionsNow } from '../../bench/conditions.ts';
import { checkRefusal } from '../../bench/login/client.ts';
import { checkInvalidCredentials, checkReading, sessionOf } from '../../bench/login/operations.ts';
import { readPlan } from '../../bench/login/plan.ts';
import { randomOf } from '../../bench/login/random.ts';
import { openLoop } from '../../bench/login/readers.ts';
import { report } from '../../bench/login/report.ts';
import { figuresOf, type Results, type Round } from '../../bench/login/results.ts';
import { type Group, groups, judge } from '../../bench/login/timing.ts';

describe('the answers that the benchmark of signing in times', () => {
  const reply = (body: unknown, status = 200, retryAfter?: string) => ({
    ...{ status, retryAfter, text: JSON.stringify(body), milliseconds: 1 },
  });
  const session = { accessToken: 'a', refreshToken: 'r', userId: 'u' };
  const refusal = { errors: [{ extensions: { code: 'TOO_MANY_REQUESTS' } }] };

  it('sign somebody in', () => {
    expect(sessionOf(reply({ data: { payload: { session, errors: [] } } }))).toEqual(session);
    expect(() => sessionOf(reply({ data: { payload: { session: null, errors: [{ code: 'INVALID' }] } } }))).toThrow(
      'a wrong answer, not a session',
    );
    expect(() => sessionOf(reply({ errors: [] }, 500))).toThrow('a wrong answer, not data: 500');
  });

  it('refuse credentials, and for no other reason', () => {
    const refused = (code: string) => reply({ data: { payload: { session: null, errors: [{ code }] } } });
    expect(() => checkInvalidCredentials(refused('INVALID_CREDENTIALS'))).not.toThrow();
    expect(() => checkInvalidCredentials(refused('INVALID'))).toThrow('a wrong answer');
    expect(() => checkInvalidCredentials(reply({ data: { payload: { session, errors: [] } } }))).toThrow('wrong');
  });

  it('refuse what is too much with its code, its status and when to try again', () => {
    expect(() => checkRefusal(reply(refusal, 429, '2'))).not.toThrow();
    expect(() => checkRefusal(reply(refusal, 429))).toThrow('a wrong answer');
    expect(() => checkRefusal(reply(refusal, 503, '2'))).toThrow('a wrong answer');
    const busy = { errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] };
    expect(() => checkRefusal(reply(busy, 503, '2'))).not.toThrow();
    expect(() => checkRefusal(reply(busy, 503))).toThrow('a wrong answer');
    expect(() => checkRefusal(reply(busy, 429, '2'))).toThrow('a wrong answer');
    expect(() => checkRefusal(reply(refusal, 200, '2'))).toThrow('a wrong answer');
    expect(() => checkRefusal(reply({ errors: [] }, 429, '2'))).toThrow('a wrong answer');
    expect(() => checkRefusal({ ...reply(''), text: '<html>', status: 429 })).toThrow('a wrong answer');
  });

  it('are 20 tasks and their owner', () => {
    const nodes = (length: number, username = 'ada') =>
      reply({
        data: { tasks: { nodes: Array.from({ length }, (_, id) => ({ id, title: 't', owner: { username } })) } },
      });
    expect(() => checkReading(nodes(20), 'ada')).not.toThrow();
    expect(() => checkReading(nodes(19), 'ada')).toThrow('not 20 tasks of ada');
    expect(() => checkReading(nodes(20, 'eve'), 'ada')).toThrow('not 20 tasks of ada');
  });
});

describe('readers who ask at fixed moments', () => {
  it('are all counted from the moment that they were due, whatever holds them up', async () => {
    const stall = Promise.withResolvers<void>();
    let sent = 0;
    const send = () => {
      if (++sent === 5) stall.resolve();
      return stall.promise;
    };
    const latencies = (await openLoop(send, 20, 250)).map(({ sinceDue }) => sinceDue);
    expect(latencies).toHaveLength(5);
    // All were answered at one moment, but were due one after the other.
    expect(latencies).toEqual(latencies.toSorted((a, b) => b - a));
    expect(latencies[4]).toBeGreaterThanOrEqual(0);
  });

  it('fail when one of them does', async () => {
    const send = async () => {
      throw new Error('a wrong answer');
    };
    await expect(openLoop(send, 1000, 5)).rejects.toThrow('a wrong answer');
  });
});

describe('the figures of the benchmark of signing in', () => {
  it('are spreads of the rounds, with ratios as the rounds had them', () => {
    const { hashes, verification } = figuresOf([round(1), round(3), round(9)]);
    expect(hashes.limit).toEqual({ median: 3, min: 1, max: 9 });
    expect(verification.RS256.ratio).toEqual({ median: 3, min: 1, max: 9 });
  });

  it('leave out what the system does not tell', () => {
    const silent = { ...round(1), hashes: { ...round(1).hashes, fullProcessor: null } };
    expect(figuresOf([round(1), silent]).hashes.fullProcessor).toBeNull();
    expect(report(results([silent]))).not.toContain('processor time');
    expect(report(results([round(1)]))).toContain('1.00 (1.00 to 1.00) s of processor time');
    const unrefused = { ...round(1), crowd: { ...round(1).crowd, refusedP50: null, refusedP99: null } };
    expect(report(results([unrefused]))).toMatch(/refusals of sign-ins +\| +\| +\|/);
  });
});

describe('the verdict on known and unknown accounts', () => {
  const samples = (shift: Partial<Record<Group, number>>) => {
    const random = randomOf(5);
    const entries = Object.keys(groups).map((group) => [
      group,
      Array.from({ length: 200 }, () => 30 + random() + (shift[group as Group] ?? 0)),
    ]);
    return Object.fromEntries(entries) as Record<Group, number[]>;
  };

  it('is silent where there is no difference', () => {
    const { comparisons } = judge(samples({}), randomOf(1));
    expect(comparisons.map(({ told }) => told)).toEqual([false, false, false, false]);
  });

  it('reports a difference, by how much, and for which accounts', () => {
    const { comparisons } = judge(samples({ unknownEmail: -5 }), randomOf(1));
    expect(comparisons.map(({ told }) => told)).toEqual([false, true, false, false]);
    const { difference, interval } = comparisons[1] as (typeof comparisons)[number];
    expect(difference).toBeCloseTo(5, 0);
    expect(interval.low).toBeLessThan(difference);
    expect(interval.high).toBeGreaterThan(difference);
  });

  it('is put into words', () => {
    const measured = judge(samples({ unknownEmail: -5 }), randomOf(1));
    const text = report(results([round(1)], { seed: 1, samples: 200, ...measured }));
    expect(text.match(/cannot be told apart at this number of samples/g)).toHaveLength(3);
    expect(text).toMatch(
      /an e-mail address against an unknown e-mail address \|.*below 0\.001.* can be told: by [45]\.\d+ ms/,
    );
  });
});

describe('the report of signing in', () => {
  it('states its conditions, the throttles above all', () => {
    const text = report(results([round(1)]));
    expect(text).toContain('all throttles wide open (1000000/1m)');
    expect(text).toContain('PostgreSQL 15.20');
    expect(text).toContain('2 hashes at once, 64 more may wait');
    expect(text).toContain('(seed 1)');
    expect(text).toContain('400 sign-ins a second come from 250 networks to 240 accounts');
    expect(text).not.toMatch(/undefined|NaN|\[object/);
  });
});

describe('the plan', () => {
  afterEach(() => vi.restoreAllMocks());

  it('writes to docs, but for a quick run', () => {
    expect(readPlan([])?.output).toMatch(/docs\/benchmarks$/);
    expect(readPlan(['--quick'])?.output).toBeNull();
    expect(readPlan(['--quick', '--output', 'here'])?.output).toBe('here');
  });

  it('takes rounds and a seed', () => {
    const settings = readPlan(['--rounds', '9', '--seed', '42'])?.settings;
    expect(settings?.rounds).toBe(9);
    expect(settings?.timing.seed).toBe(42);
  });

  it.each([['--rounds', '0'], ['--rounds', '1.5'], ['--seed', 'x'], ['--often']])('refuses %s %s', (...args) => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(readPlan(args.filter((arg) => arg !== undefined))).toBeNull();
    expect(told.mock.calls.join()).toContain('usage: npm run bench:login');
  });
});

/** Every figure is `value`. */
function round(value: number): Round {
  const every = <Name extends string>(...names: Name[]) =>
    Object.fromEntries(names.map((name) => [name, value])) as Record<Name, number>;
  const verified = every('anew', 'cached', 'ratio');
  return {
    hashes: {
      ...every('limit', 'limitAsServer', 'hashProcessor', 'full', 'fullToLimit', 'fullP50', 'fullP99', 'fullProcessor'),
      ...every('overflow', 'overflowToLimit', 'refused', 'refusedP50', 'refusedP99'),
    },
    readers: {
      ...every('calmP50', 'calmP99', 'calmMax', 'stormP50', 'stormP99', 'stormMax', 'againP50', 'againP99'),
      ...every('againMax', 'p50Ratio', 'p99Ratio', 'lateP99', 'logins'),
    },
    crowd: {
      ...every('calmP99', 'crowdP50', 'crowdP99', 'againP99', 'p99Ratio', 'refusedShare', 'lateP99', 'logins'),
      ...every('refused', 'refusedP50', 'refusedP99', 'crowdLateP99', 'unanswered'),
    },
    refreshes: every('refreshes', 'refreshP50', 'refreshP99', 'replays', 'replayP50', 'replayP99'),
    verification: { ES256: verified, RS256: verified, HS256: verified },
  };
}

function results(rounds: readonly Round[], timing?: Results['timing']): Results {
  const { settings } = readPlan([]) as NonNullable<ReturnType<typeof readPlan>>;
  const medians = { username: 1, email: 1, unknownUsername: 1, unknownEmail: 1, closed: 1 };
  return {
    conditions: conditionsNow({ gatewright: '0.1.0' }),
    loadAtEnd: 1,
    seconds: 1,
    settings: { ...settings, timing: { ...settings.timing, seed: 1 } },
    setup: {
      argon2: { memoryKib: 19_456, passes: 2 },
      ...{ maxHashes: 2, maxWaitingHashes: 64, throttles: { A: '1000000/1m', B: '1000000/1m' }, impatience: 250 },
      postgresql: '15.20',
      clients: { full: 66, overflow: 132, storm: 64, chains: 16 },
      crowd: { networks: 250, accounts: 240, connections: 500, rate: 400 },
    },
    rounds,
    figures: figuresOf(rounds),
    timing: timing ?? { seed: 1, samples: 1, medians, comparisons: [] },
  };
}
