/** Measures readers while many networks sign in to many accounts at fixed times, far beyond the rate of hashing. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from '../child.ts';
import type { OpenLoopQuestion, OpenLoopReply } from '../open-loop.child.ts';
import { percentile } from '../statistics.ts';
import type { Account, Accounts } from './accounts.ts';
import { checkRefusal, createClient, wrong } from './client.ts';
import { checkReading, reading, sessionOf, signIn } from './operations.ts';
import { type Latency, openLoop, type ReaderTimes } from './readers.ts';

export const crowd = { networks: 250, rate: 400, connections: 500 };

/** Milliseconds, except the ratio, shares and rates. */
export interface CrowdFigures {
  readonly calmP99: number;
  readonly crowdP50: number;
  readonly crowdP99: number;
  readonly againP99: number;
  /** With the crowd, compared to both calm phases together. */
  readonly p99Ratio: number;
  /** The share of readers that were refused beside the crowd. */
  readonly refusedShare: number;
  readonly lateP99: number;
  /** Sign-ins of the crowd in a second. */
  readonly logins: number;
  readonly refused: number;
  readonly refusedP50: number | null;
  readonly refusedP99: number | null;
  readonly crowdLateP99: number;
  /** Over the whole phase. */
  readonly unanswered: number;
}

export async function measureCrowd(url: string, accounts: Accounts, times: ReaderTimes): Promise<CrowdFigures> {
  const { reader, crowd: theirs } = accounts;
  const client = createClient(url);
  const child = startChild<OpenLoopQuestion, OpenLoopReply>(new URL('../open-loop.child.ts', import.meta.url));
  try {
    const { accessToken } = sessionOf(await client.send(signIn(reader.username, reader.password)));
    const first = await client.send(reading, accessToken);
    checkReading(first, reader.username);
    let refused = 0;
    const read = async () => {
      const reply = await client.send(reading, accessToken);
      if (reply.status !== 200) {
        checkRefusal(reply);
        refused++;
      } else if (reply.text !== first.text) throw wrong('the same 20 tasks', reply);
    };
    const phase = () => openLoop(read, times.rate, times.reading);
    await openLoop(read, times.rate, times.lead);
    const calm = await phase();
    refused = 0;
    const signingIn = child.ask(questionOf(url, theirs, times));
    // It fails for a wrong answer, which is reported below.
    signingIn.catch(() => {});
    await sleep(times.lead);
    const crowded = await phase();
    const refusedShare = refused / crowded.length;
    const signedIn = await signingIn;
    return figuresOf([calm, crowded, await phase()], signedIn, refusedShare);
  } finally {
    client.close();
    await child.end();
  }
}

/** Begins before the readers are measured, and ends afterwards. Every second password is wrong. */
function questionOf(url: string, accounts: readonly Account[], { lead, reading }: ReaderTimes): OpenLoopQuestion {
  const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
  const requests = accounts.map(({ username, password }, i) => ({
    ...{ method: 'POST' as const, path: '/graphql', headers },
    body: signIn(username, i % 2 === 1 ? `${password}!` : password),
  }));
  return {
    ...{ url, requests, answers: requests.map(() => null) },
    ...{ connections: crowd.connections, rate: crowd.rate },
    addresses: Array.from({ length: crowd.networks }, (_, i) => `127.0.${1 + (i >> 7)}.${1 + (i & 127)}`),
    ...{ leadSeconds: lead / 2000, seconds: (reading + lead) / 1000 },
  };
}

function figuresOf(
  [calm, crowded, again]: readonly [Latency[], Latency[], Latency[]],
  { accepted, refused, refusedP50, refusedP99, lateP99, unanswered, closed }: OpenLoopReply,
  refusedShare: number,
): CrowdFigures {
  const at = (latencies: readonly Latency[], share: number, what: keyof Latency = 'sinceDue') =>
    percentile(
      latencies.map((latency) => latency[what]),
      share,
    );
  return {
    ...{ calmP99: at(calm, 0.99), crowdP50: at(crowded, 0.5), crowdP99: at(crowded, 0.99), againP99: at(again, 0.99) },
    ...{
      p99Ratio: at(crowded, 0.99) / at([...calm, ...again], 0.99),
      refusedShare,
      lateP99: at(crowded, 0.99, 'late'),
    },
    ...{ logins: accepted, refused, refusedP50, refusedP99, crowdLateP99: lateP99, unanswered: unanswered + closed },
  };
}
