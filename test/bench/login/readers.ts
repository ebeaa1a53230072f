/** Measures readers in calm and during a storm of sign-ins. */
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../statistics.ts';
import type { Accounts } from './accounts.ts';
import { createClient, wrong } from './client.ts';
import { checkReading, reading, sessionOf, signIn } from './operations.ts';
import { startStorm } from './storm.ts';

/** Milliseconds. */
export interface ReaderFigures {
  readonly calmP50: number;
  readonly calmP99: number;
  readonly calmMax: number;
  readonly stormP50: number;
  readonly stormP99: number;
  readonly stormMax: number;
  readonly againP50: number;
  readonly againP99: number;
  readonly againMax: number;
  /** The storm compared with the calm before and after it, taken together. */
  readonly p50Ratio: number;
  readonly p99Ratio: number;
  /** How late the generator sent requests during the storm, the 99th percentile. */
  readonly lateP99: number;
  /** Logins answered a second during the storm. */
  readonly logins: number;
}

export interface ReaderTimes {
  /** Requests a second. */
  readonly rate: number;
  /** Milliseconds of each of the three phases. */
  readonly reading: number;
  readonly lead: number;
}

export const stormClients = 64;

export async function measureReaders(url: string, accounts: Accounts, times: ReaderTimes): Promise<ReaderFigures> {
  const { reader, open } = accounts;
  const client = createClient(url);
  try {
    const { accessToken } = sessionOf(await client.send(signIn(reader.username, reader.password)));
    const first = await client.send(reading, accessToken);
    checkReading(first, reader.username);
    const read = async () => {
      const reply = await client.send(reading, accessToken);
      // Nothing changes, so the answer must not change.
      if (reply.status !== 200 || reply.text !== first.text) throw wrong('the same 20 tasks', reply);
    };
    const phase = () => openLoop(read, times.rate, times.reading);
    await openLoop(read, times.rate, times.lead);
    const calm = await phase();

    const storm = startStorm({ url, accounts: open, clients: stormClients, halfWrong: true });
    let stormed: Latency[];
    let logins: number;
    try {
      await Promise.race([sleep(times.lead), storm.failed]);
      const before = storm.answers.length;
      stormed = await Promise.race([phase(), storm.failed]);
      logins = ((storm.answers.length - before) * 1000) / times.reading;
    } finally {
      await storm.end();
    }
    const again = await phase();
    return figuresOf(calm, stormed, again, logins);
  } finally {
    client.close();
  }
}

/** Milliseconds. */
export interface Latency {
  /** From the moment when the request was due, so that a stall counts for all requests that met it. */
  readonly sinceDue: number;
  readonly late: number;
}

/** Sends a request whenever one is due, whether the others are answered or not. */
export async function openLoop(send: () => Promise<void>, rate: number, milliseconds: number): Promise<Latency[]> {
  const total = Math.max(1, Math.round((rate * milliseconds) / 1000));
  const started = performance.now();
  const requests: Promise<Latency>[] = [];
  while (requests.length < total) {
    const due = started + (requests.length * 1000) / rate;
    // Timers may fire a little early.
    while (performance.now() < due) await sleep(due - performance.now());
    const late = performance.now() - due;
    const answered = send().then(() => ({ sinceDue: performance.now() - due, late }));
    // Reported below, when all are sent.
    answered.catch(() => {});
    requests.push(answered);
  }
  return await Promise.all(requests);
}

function figuresOf(
  calm: readonly Latency[],
  storm: readonly Latency[],
  again: readonly Latency[],
  logins: number,
): ReaderFigures {
  const at = (latencies: readonly Latency[], share: number) =>
    percentile(
      latencies.map(({ sinceDue }) => sinceDue),
      share,
    );
  const both = [...calm, ...again];
  return {
    ...{ calmP50: at(calm, 0.5), calmP99: at(calm, 0.99), calmMax: at(calm, 1) },
    ...{ stormP50: at(storm, 0.5), stormP99: at(storm, 0.99), stormMax: at(storm, 1) },
    ...{ againP50: at(again, 0.5), againP99: at(again, 0.99), againMax: at(again, 1) },
    p50Ratio: at(storm, 0.5) / at(both, 0.5),
    p99Ratio: at(storm, 0.99) / at(both, 0.99),
    lateP99: percentile(
      storm.map(({ late }) => late),
      0.99,
    ),
    logins,
  };
}
