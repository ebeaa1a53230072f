/** Logins a second, compared with the argon2 library alone on this machine. */
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { maxHashes } from '../../../src/server/start.ts';
import { startChild } from '../child.ts';
import { percentile } from '../statistics.ts';
import type { Account } from './accounts.ts';
import type { HashingQuestion, HashingReply } from './hashing.child.ts';
import type { MeasuredServer } from './server.ts';
import { maxWaitingHashes, type ServerSettings } from './settings.ts';
import { type Answered, startStorm } from './storm.ts';

/** All latencies in milliseconds. */
export interface HashFigures {
  /** Hashes a second of the library alone, with one at once for each core. */
  readonly limit: number;
  /** The same, with as many at once as in the server. */
  readonly limitAsServer: number;
  /** Seconds of processor time for each hash of the library. */
  readonly hashProcessor: number;
  /** Logins a second with a full queue that does not overflow. */
  readonly full: number;
  readonly fullToLimit: number;
  readonly fullP50: number;
  readonly fullP99: number;
  /** Processor seconds of the server's process for each login; null if the system does not tell. */
  readonly fullProcessor: number | null;
  /** Logins a second with twice as many clients as places. */
  readonly overflow: number;
  readonly overflowToLimit: number;
  /** Refusals a second, and how long one took. */
  readonly refused: number;
  readonly refusedP50: number;
  readonly refusedP99: number;
}

/** Milliseconds. */
export interface HashTimes {
  readonly hashing: number;
  /** Until the queue is steady. */
  readonly lead: number;
  readonly storm: number;
}

const place = maxHashes + maxWaitingHashes;
/** The number of clients: with a full queue that does not overflow, and twice as many. */
export const clients = { full: place, overflow: 2 * place };

export interface HashPlan {
  readonly server: MeasuredServer;
  readonly settings: ServerSettings;
  readonly accounts: readonly Account[];
  readonly times: HashTimes;
}

export async function measureHashes({ server, settings, accounts, times }: HashPlan): Promise<HashFigures> {
  const { memoryKib, passes } = settings.config.argon2;
  const alone = (atOnce: number, threads: number) =>
    libraryLimit({ memoryKib, passes, atOnce, milliseconds: times.hashing }, threads);
  const cores = availableParallelism();
  const { perSecond: limit } = await alone(cores, Math.max(cores, defaultThreads));
  const asServer = await alone(maxHashes, defaultThreads);

  const full = await stormOf(server, accounts, clients.full, times);
  if (full.refusals.length > 0) throw new Error('The server refused logins that its queue has place for.');
  const overflow = await stormOf(server, accounts, clients.overflow, times);
  if (overflow.refusals.length === 0)
    throw new Error('The server refused none of twice as many logins as it has place for.');
  return {
    limit,
    limitAsServer: asServer.perSecond,
    hashProcessor: asServer.processor,
    full: full.perSecond,
    fullToLimit: full.perSecond / limit,
    fullP50: percentile(full.logins, 0.5),
    fullP99: percentile(full.logins, 0.99),
    fullProcessor: full.processor,
    overflow: overflow.perSecond,
    overflowToLimit: overflow.perSecond / limit,
    refused: overflow.refusals.length / overflow.seconds,
    refusedP50: percentile(overflow.refusals, 0.5),
    refusedP99: percentile(overflow.refusals, 0.99),
  };
}

/** The size of libuv's pool, unless UV_THREADPOOL_SIZE is set. The server does not set it. */
const defaultThreads = 4;

async function libraryLimit(question: HashingQuestion, threads: number): Promise<HashingReply> {
  const module = new URL('./hashing.child.ts', import.meta.url);
  const child = startChild<HashingQuestion, HashingReply>(module, {
    UV_THREADPOOL_SIZE: String(threads),
  });
  try {
    return await child.ask(question);
  } finally {
    await child.end();
  }
}

interface Stormed {
  readonly seconds: number;
  readonly perSecond: number;
  /** Milliseconds of each. */
  readonly logins: readonly number[];
  readonly refusals: readonly number[];
  readonly processor: number | null;
}

async function stormOf(
  server: MeasuredServer,
  accounts: readonly Account[],
  clients: number,
  { lead, storm: milliseconds }: HashTimes,
): Promise<Stormed> {
  const storm = startStorm({ url: server.url, accounts, clients });
  try {
    await Promise.race([sleep(lead), storm.failed]);
    const [started, before] = [performance.now(), server.processorSeconds()];
    await Promise.race([sleep(milliseconds), storm.failed]);
    const [ended, after] = [performance.now(), server.processorSeconds()];
    const within = storm.answers.filter(({ at }) => at > started && at <= ended);
    const of = (kind: Answered['kind']) => within.filter((one) => one.kind === kind).map((one) => one.milliseconds);
    const logins = of('signed in');
    const seconds = (ended - started) / 1000;
    const processor = before === null || after === null ? null : (after - before) / logins.length;
    return { seconds, perSecond: logins.length / seconds, logins, refusals: of('refused'), processor };
  } finally {
    await storm.end();
  }
}
