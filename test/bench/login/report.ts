/** The results as Markdown, for the console and for docs/. */
import { conditionLines } from '../conditions.ts';
import { count, figure, spread, table } from '../markdown.ts';
import type { Spread } from '../statistics.ts';
import type { Results } from './results.ts';
import { type Comparison, groups } from './timing.ts';
import { algorithms } from './verification.ts';

export function report(results: Results): string {
  const { setup, settings, timing } = results;
  return `${[
    '# What signing in costs: figures',
    'Written by `npm run bench:login`; [how it measures and how to read it](README.md).',
    conditions(results),
    'Each figure is the median of the rounds, with the least and the most. Ratios are taken within a round.',
    '## Logins and hashes',
    `Each login is one argon2id hash of ${count(setup.argon2.memoryKib)} KiB and ${setup.argon2.passes} passes.`,
    hashes(results),
    ...processor(results),
    '## Readers in a storm of logins',
    `${settings.readers.rate} requests a second, for 20 tasks and their owner, while ${setup.clients.storm} clients sign in with right and wrong\npasswords. Milliseconds, from the moment that a request was due.`,
    readers(results),
    readersInWords(results),
    '## Readers in a crowd that signs in',
    `The same readers, while ${setup.crowd.rate} sign-ins a second come from ${setup.crowd.networks} networks to ${setup.crowd.accounts} accounts, whether others are\nanswered or not, every second with a wrong password. Milliseconds, from the moment that each was due.`,
    crowd(results),
    crowdInWords(results),
    '## Refreshing',
    `${setup.clients.chains} sessions at once. Latencies in milliseconds.`,
    refreshes(results),
    '## Verifying access tokens',
    'In a process that does nothing else. Verifications a second.',
    verification(results),
    '## Known and unknown accounts',
    `Single logins with a wrong password, ${count(timing.samples)} of each kind in a random order (seed ${timing.seed}). Milliseconds; p is that of\nMann and Whitney's test, corrected by Holm; the interval is of the difference of the medians.`,
    table(
      ['', 'median'],
      Object.entries(groups).map(([group, title]) => [
        title,
        milliseconds(timing.medians[group as keyof typeof groups]),
      ]),
    ),
    table(['', 'difference', '95 % confidence', 'p', 'verdict'], timing.comparisons.map(comparison)),
  ].join('\n\n')}\n`;
}

function conditions({ conditions, loadAtEnd, seconds, settings, setup }: Results): string {
  const { rounds, hashes, readers, refreshes, tokens } = settings;
  const wide = [...new Set(Object.values(setup.throttles))].join(', ');
  return [
    ...conditionLines(conditions, { seconds, load: loadAtEnd }),
    `- PostgreSQL ${setup.postgresql}; server, database and clients share the machine`,
    `- argon2id: ${count(setup.argon2.memoryKib)} KiB, ${setup.argon2.passes} passes, 1 lane; ${setup.maxHashes} hashes at once, ${setup.maxWaitingHashes} more may wait`,
    `- all throttles wide open (${wide}): what is measured is the bound on hashes, not the throttles`,
    `- a client that is refused tries again after ${setup.impatience} ms`,
    `- ${rounds} rounds; hashes ${hashes.hashing} ms, storms ${hashes.storm} ms after ${hashes.lead} ms, readers ${readers.reading} ms, refreshes ${refreshes} ms, ${count(tokens)} access tokens`,
  ].join('\n');
}

function hashes({ figures: { hashes }, setup }: Results): string {
  const { clients, maxHashes } = setup;
  return table(
    ['', 'a second', 'to the library', 'p50, ms', 'p99, ms'],
    [
      ['argon2 alone, one hash for each core', spread(hashes.limit)],
      [`argon2 alone, ${maxHashes} at once as in the server`, spread(hashes.limitAsServer)],
      [
        `logins, ${clients.full} clients: the queue is full`,
        ...[hashes.full, hashes.fullToLimit, hashes.fullP50, hashes.fullP99].map(spread),
      ],
      [`logins, ${clients.overflow} clients: it overflows`, spread(hashes.overflow), spread(hashes.overflowToLimit)],
      [
        'refused meanwhile, with Retry-After',
        spread(hashes.refused),
        '',
        spread(hashes.refusedP50),
        spread(hashes.refusedP99),
      ],
    ],
  );
}

function processor({ figures: { hashes } }: Results): string[] {
  const each = hashes.fullProcessor;
  if (!each) return [];
  const alone = `a hash alone ${spread(hashes.hashProcessor)} s`;
  return [
    `With the queue full, each login takes ${spread(each)} s of processor time in the server's process, ${alone}.`,
  ];
}

function readers({ figures: { readers } }: Results): string {
  const row = (title: string, ...spreads: Spread[]) => [title, ...spreads.map(spread)];
  return table(
    ['', 'p50', 'p99', 'the longest'],
    [
      row('calm', readers.calmP50, readers.calmP99, readers.calmMax),
      row('storm', readers.stormP50, readers.stormP99, readers.stormMax),
      row('calm again', readers.againP50, readers.againP99, readers.againMax),
      row('storm to both calms', readers.p50Ratio, readers.p99Ratio),
    ],
  );
}

function readersInWords({ figures: { readers } }: Results): string {
  return [
    'Target for Gatewright: a p99 in the storm of less than 3 times that in calm.',
    `Meanwhile ${spread(readers.logins)} logins a second were answered. The 99th percentile of how late the clients themselves\nsent a request: ${spread(readers.lateP99)} ms, which is part of the latencies.`,
  ].join('\n');
}

function crowd({ figures: { crowd } }: Results): string {
  return table(
    ['', 'p50', 'p99'],
    [
      ['calm', '', spread(crowd.calmP99)],
      ['with the crowd', spread(crowd.crowdP50), spread(crowd.crowdP99)],
      ['calm again', '', spread(crowd.againP99)],
      ['with the crowd to both calms', '', spread(crowd.p99Ratio)],
      ['refusals of sign-ins', ...[crowd.refusedP50, crowd.refusedP99].map((each) => (each ? spread(each) : ''))],
    ],
  );
}

function crowdInWords({ figures: { crowd } }: Results): string {
  return [
    'Target for Gatewright: a p99 with the crowd of less than 3 times that in calm, no reader refused, refusals of sign-ins within 200 ms.',
    `Of the readers ${spread(crowd.refusedShare)} were refused. Of the sign-ins ${spread(crowd.logins)} a second were answered and ${spread(crowd.refused)}\nrefused; ${spread(crowd.unanswered)} had no answer in the end. The 99th percentile of how late a request was sent: ${spread(crowd.lateP99)} ms\nby the readers, ${spread(crowd.crowdLateP99)} ms by the crowd, which is part of the latencies.`,
  ].join('\n');
}

function refreshes({ figures: { refreshes } }: Results): string {
  const row = (title: string, ...spreads: Spread[]) => [title, ...spreads.map(spread)];
  return table(
    ['', 'a second', 'p50', 'p99'],
    [
      row('refresh: a new token each time', refreshes.refreshes, refreshes.refreshP50, refreshes.refreshP99),
      row('replay: the same successor again', refreshes.replays, refreshes.replayP50, refreshes.replayP99),
    ],
  );
}

function verification({ figures }: Results): string {
  return table(
    ['', 'each token new', 'one token, kept', 'kept to new'],
    algorithms.map((algorithm) => {
      const { anew, cached, ratio } = figures.verification[algorithm];
      return [algorithm, spread(anew), spread(cached), spread(ratio)];
    }),
  );
}

function comparison({ one, other, difference, interval, p, told }: Comparison): string[] {
  return [
    `${groups[one]} against ${groups[other]}`,
    milliseconds(difference),
    `${milliseconds(interval.low)} to ${milliseconds(interval.high)}`,
    p < 0.001 ? 'below 0.001' : p.toFixed(3),
    told
      ? `can be told: by ${milliseconds(Math.abs(difference))} ms`
      : 'cannot be told apart at this number of samples',
  ];
}

/** With its sign. */
function milliseconds(value: number): string {
  return value < 0 ? `-${figure(-value)}` : figure(value);
}
