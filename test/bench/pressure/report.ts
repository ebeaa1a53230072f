/** The report of `npm run bench:pressure`. */
import { conditionLines, type RanOnServer } from '../conditions.ts';
import { figure, spread, table } from '../markdown.ts';
import type { OpenLoopReply } from '../open-loop.child.ts';
import { median, spreadOf } from '../statistics.ts';
import type { CrowdReply } from './crowd.child.ts';

export interface StepRound extends CrowdReply {
  /** Processor cores that the server's process used. */
  readonly serverCores: number;
}

/** A number of clients at once, in each round. */
export interface Step {
  readonly clients: number;
  readonly rounds: readonly StepRound[];
}

export interface OpenStepRound extends OpenLoopReply {
  readonly serverCores: number;
  /** The greatest goodput of any number of clients in the same round. */
  readonly peak: number;
}

/** Requests at fixed times, at a multiple of the peak. */
export interface OpenStep {
  readonly times: number;
  readonly rounds: readonly OpenStepRound[];
}

/** Clients that read, beside others that ask for long lists and never read them. */
export interface Unread {
  readonly readers: number;
  readonly clients: number;
  readonly lists: number;
  readonly tasks: number;
  readonly kilobytes: number;
  readonly rounds: readonly {
    readonly alone: CrowdReply;
    readonly beside: CrowdReply;
    /** How many clients that never read had an answer. */
    readonly answered: number;
    /** MiB resident. */
    readonly memoryBefore: number;
    readonly memoryMost: number;
  }[];
}

/** Some clients, alone and beside a crowd from one other address that ignores refusals. */
export interface Neighbours {
  readonly clients: number;
  readonly crowd: number;
  readonly rounds: readonly { readonly alone: CrowdReply; readonly beside: CrowdReply; readonly crowd: CrowdReply }[];
}

/** During a lock on the table, and after it. */
export interface Standstill {
  readonly clients: number;
  readonly seconds: number;
  readonly rounds: readonly {
    /** MiB resident. */
    readonly memoryBefore: number;
    readonly memoryMost: number;
    readonly refused: number;
    readonly refusedP99: number | null;
    /** Milliseconds from the end of the lock until a request is answered. */
    readonly recovery: number;
  }[];
}

export interface Results extends RanOnServer {
  readonly settings: {
    readonly secondsOfStep: number;
    readonly secondsOfWarming: number;
    readonly poolSize: number;
    readonly addresses: number;
  };
  readonly steps: readonly Step[];
  readonly openSteps: readonly OpenStep[];
  readonly neighbours: Neighbours;
  readonly unread: Unread;
  readonly standstill: Standstill;
}

/** Ratios to the peak: the least goodput, and the greatest p99 of accepted requests. */
export const targets = { goodput: 0.9, p99: 2 };
/**
 * With requests at fixed times: from this multiple of the peak on, the goodput, and the p50 of refusals in
 * milliseconds.
 */
export const openTargets = { from: 3, goodput: 0.85, refusedP50: 100 };
/** Beside clients that never read: the part of the goodput in calm. */
export const unreadTarget = 0.9;
/** Milliseconds that a request may be late. Beyond it, the clients influence the figures. */
const lateEnough = 10;

/** Ratios to the peak and to capacity, taken within a round. */
export interface Comparison {
  readonly clients: number;
  readonly goodput: number[];
  /**
   * Accepted requests for each processor second of the server. It shows the cost of refusing, without other work of the
   * machine.
   */
  readonly goodputOfCore: number[];
  readonly p99: number[];
}

export interface Beyond {
  /** The step with the greatest goodput. */
  readonly peak: Step;
  /** The step with the most clients that are all served. Latencies are compared with it. */
  readonly capacity: Step;
  readonly beyond: readonly Comparison[];
}

/** @returns the steps with more clients than the capacity. */
export function beyondCapacity(steps: readonly Step[]): Beyond {
  const goodput = ({ rounds }: Step) => median(rounds.map(({ accepted }) => accepted));
  const [peak] = steps.toSorted((a, b) => goodput(b) - goodput(a));
  if (!peak) throw new RangeError('There is no peak of nothing.');
  const areAllServed = ({ rounds }: Step) => rounds.every(({ refused, closed }) => refused + closed === 0);
  const [capacity = peak] = steps.filter(areAllServed).toSorted((a, b) => b.clients - a.clients);
  const beyond = steps.filter(({ clients }) => clients > capacity.clients);
  return {
    peak,
    capacity,
    beyond: beyond.map(({ clients, rounds }) => ({
      clients,
      goodput: rounds.map(({ accepted }, i) => accepted / peak.rounds[i]!.accepted),
      goodputOfCore: rounds.map((round, i) => ofCore(round) / ofCore(peak.rounds[i]!)),
      p99: rounds.map(({ acceptedP99 }, i) => (acceptedP99 ?? Infinity) / (capacity.rounds[i]!.acceptedP99 ?? 0)),
    })),
  };
}

const ofCore = ({ accepted, serverCores }: StepRound): number => accepted / serverCores;

export function report(results: Results): string {
  const { conditions, settings, seconds, loadAtEnd: load, postgresql, steps, neighbours, standstill } = results;
  const { openSteps, unread } = results;
  const { secondsOfStep, secondsOfWarming, poolSize, addresses } = settings;
  return [
    '# Beyond capacity: figures',
    'Written by `npm run bench:pressure`; [how it measures and how to read it](README.md#beyond-capacity).',
    [
      ...conditionLines(conditions, { seconds, load }),
      `- PostgreSQL ${postgresql}; the server, the database and the clients share the machine`,
      `- ${poolSize} connections to the database; clients from ${addresses} addresses; ${steps[0]?.rounds.length} rounds of ${secondsOfStep} s, after ${secondsOfWarming} s of warming`,
    ].join('\n'),
    'Each figure is the median of the rounds, with the least and the most where it says so. Ratios are taken within a round.',
    `## More and more clients\n\n${stepTable(steps)}`,
    beyondSection(steps),
    openSection(openSteps),
    `## Beside a crowd that does not heed a refusal\n\n${neighbourTable(neighbours)}`,
    unreadSection(unread),
    `## A database that stands still\n\n${standstillTable(standstill)}`,
  ].join('\n\n');
}

function stepTable(steps: readonly Step[]): string {
  const head = [
    'clients',
    'accepted a second',
    'p50, ms',
    'p99, ms',
    'refused a second',
    'p50, ms',
    'p99, ms',
    'closed',
    'cores, server',
    'cores, clients',
  ];
  return table(
    head,
    steps.map(({ clients, rounds }) => [
      String(clients),
      ...crowdLine(rounds),
      figure(median(rounds.map(({ serverCores }) => serverCores))),
      figure(median(rounds.map(({ cores }) => cores))),
    ]),
  );
}

function crowdLine(rounds: readonly CrowdReply[]): string[] {
  const middle = (what: keyof CrowdReply) => middleOf(rounds.map((round) => round[what]));
  return [
    spread(spreadOf(rounds.map(({ accepted }) => accepted))),
    ...(['acceptedP50', 'acceptedP99', 'refused', 'refusedP50', 'refusedP99', 'closed'] as const).map(middle),
  ];
}

function beyondSection(steps: readonly Step[]): string {
  const { peak, capacity, beyond } = beyondCapacity(steps);
  const head = [
    ...['', `goodput, to ${peak.clients} clients`, `at least ${targets.goodput}`],
    ...[`accepted p99, to ${capacity.clients} clients`, `at most ${targets.p99}`],
    'accepted for a second of the server’s processor time',
  ];
  const lines = beyond.map(({ clients, goodput, goodputOfCore, p99 }) => {
    const [good, late] = [spreadOf(goodput), spreadOf(p99)];
    return [
      `${clients} clients`,
      ...[spread(good), isMet(good.median >= targets.goodput)],
      ...[spread(late), isMet(late.median <= targets.p99)],
      spread(spreadOf(goodputOfCore)),
    ];
  });
  return [
    `The peak is with ${peak.clients} clients; ${capacity.clients} is the most that are all served. Beyond:`,
    table(head, lines),
  ].join('\n\n');
}

const isMet = (is: boolean) => (is ? 'met' : 'missed');

function openSection(steps: readonly OpenStep[]): string {
  const { from, goodput, refusedP50 } = openTargets;
  const head = ['to the peak', 'due a second', 'accepted, to the peak', `at least ${goodput}`];
  head.push('p50, ms', 'p99, ms', 'refused a second', 'p50, ms', `at most ${refusedP50}`, 'p99, ms');
  head.push('unanswered or closed', 'sent late, p99, ms', 'cores, server', 'cores, clients');
  const lines = steps.map(({ times, rounds }) => {
    const good = spreadOf(rounds.map(({ accepted, peak }) => accepted / peak));
    const middle = (what: Exclude<keyof OpenStepRound, 'due'>) => middleOf(rounds.map((round) => round[what]));
    const told = (is: boolean) => (times >= from ? isMet(is) : '');
    const late = Math.max(...rounds.map(({ lateP99 }) => lateP99));
    return [
      ...[`${times} times`, figure(median(rounds.map(({ due }) => due))), spread(good), told(good.median >= goodput)],
      ...[middle('acceptedP50'), middle('acceptedP99'), middle('refused'), middle('refusedP50')],
      ...[told(isAtMost(rounds, refusedP50)), middle('refusedP99')],
      figure(median(rounds.map(({ unanswered, closed }) => unanswered + closed))),
      `${middle('lateP99')}${late > lateEnough ? ', of which the clients may be the cause' : ''}`,
      ...[middle('serverCores'), middle('cores')],
    ];
  });
  return [
    '## Requests at fixed times',
    'Whether others are answered or not. Latencies count from when each was due.',
    table(head, lines),
  ].join('\n\n');
}

function isAtMost(rounds: readonly OpenStepRound[], milliseconds: number): boolean {
  const values = rounds.map(({ refusedP50 }) => refusedP50).filter((value) => value !== null);
  return values.length === 0 || median(values) <= milliseconds;
}

function middleOf(values: readonly (number | null)[]): string {
  const numbers = values.filter((value) => value !== null);
  return numbers.length > 0 ? figure(median(numbers)) : '';
}

function unreadSection({ readers, clients, lists, tasks, kilobytes, rounds }: Unread): string {
  const good = spreadOf(rounds.map(({ alone, beside }) => beside.accepted / alone.accepted));
  const memory = (what: 'memoryBefore' | 'memoryMost') => spread(spreadOf(rounds.map((round) => round[what])));
  return [
    '## Beside clients that never read',
    `${clients} clients from as many addresses ask for ${lists} lists each, of ${tasks} tasks of ${kilobytes} kB, in one answer, and do not read it.`,
    table(
      ['', 'accepted a second', 'p50, ms', 'p99, ms', 'refused a second', 'p50, ms', 'p99, ms', 'closed'],
      [
        [`${readers} clients from one address, alone`, ...crowdLine(rounds.map(({ alone }) => alone))],
        ['the same beside them', ...crowdLine(rounds.map(({ beside }) => beside))],
      ],
    ),
    `${spread(spreadOf(rounds.map(({ answered }) => answered)))} of them had their answers.`,
    `Goodput to that in calm: ${spread(good)}, at least ${unreadTarget}: ${isMet(good.median >= unreadTarget)}.`,
    `Memory of the server's process: ${memory('memoryBefore')} MiB before, ${memory('memoryMost')} MiB meanwhile.`,
  ].join('\n\n');
}

function neighbourTable({ clients, crowd, rounds }: Neighbours): string {
  return table(
    ['', 'accepted a second', 'p50, ms', 'p99, ms', 'refused a second', 'p50, ms', 'p99, ms', 'closed'],
    [
      [`${clients} clients from one address, alone`, ...crowdLine(rounds.map(({ alone }) => alone))],
      ['the same beside the crowd', ...crowdLine(rounds.map(({ beside }) => beside))],
      [`the crowd: ${crowd} from another address`, ...crowdLine(rounds.map((round) => round.crowd))],
    ],
  );
}

function standstillTable({ clients, seconds, rounds }: Standstill): string {
  const each = (what: (round: Standstill['rounds'][number]) => number | null) =>
    spread(spreadOf(rounds.map(what).filter((value) => value !== null)));
  return table(
    [`${clients} clients, the table locked for ${seconds} s`, ''],
    [
      ['memory before, MiB', each(({ memoryBefore }) => memoryBefore)],
      ['memory meanwhile, the most, MiB', each(({ memoryMost }) => memoryMost)],
      ['refused a second', each(({ refused }) => refused)],
      ['refused after, p99, ms', each(({ refusedP99 }) => refusedP99)],
      ['from the end of the lock to the first answer, ms', each(({ recovery }) => recovery)],
    ],
  );
}
