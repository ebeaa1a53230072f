/**
 * Sends requests at fixed times, whether the others are answered or not, from one process that uses little of the
 * machine. A latency counts from the moment when its request was due.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer } from './child.ts';
import type { BenchRequest } from './http/contestant.ts';
import { type PlainConnection, type PlainReply, plainConnection } from './plain-connection.ts';
import { percentile } from './statistics.ts';

export interface OpenLoopQuestion {
  readonly url: string;
  readonly requests: readonly BenchRequest[];
  /** The right answer to each request, byte for byte; null: any with status 200. */
  readonly answers: readonly (string | null)[];
  /** Open from the start. A request that is due while all are busy waits for one, and that wait counts. */
  readonly connections: number;
  /** The source addresses of the connections, in turn. */
  readonly addresses: readonly string[];
  /** Requests a second. */
  readonly rate: number;
  /** Seconds that do not count, and seconds that do. */
  readonly leadSeconds: number;
  readonly seconds: number;
}

/**
 * For requests that were due in the counted seconds: rates a second; latencies in milliseconds, null if there were
 * none.
 */
export interface OpenLoopReply {
  readonly due: number;
  readonly accepted: number;
  readonly refused: number;
  readonly acceptedP50: number | null;
  readonly acceptedP99: number | null;
  readonly refusedP50: number | null;
  readonly refusedP99: number | null;
  /** In all: requests without an answer within `patience`, and connections closed without an answer. */
  readonly unanswered: number;
  readonly closed: number;
  /** How late requests were sent, and how late the timers of this process were. */
  readonly lateP99: number;
  readonly ownDelayP99: number;
  /** Processor cores that this process used. */
  readonly cores: number;
}

/** Milliseconds after the last request in which an answer still counts. */
const patience = 5000;
/** Milliseconds until a closed connection is opened again. */
const reopening = 100;

interface Asked {
  readonly which: number;
  /** Milliseconds of `performance.now()`. */
  readonly due: number;
}

class OpenLoop {
  readonly accepted: number[] = [];
  readonly refused: number[] = [];
  readonly late: number[] = [];
  due = 0;
  closed = 0;
  failure: Error | null = null;
  from = Number.POSITIVE_INFINITY;
  readonly question: OpenLoopQuestion;
  private readonly texts: readonly string[];
  private readonly expected: readonly (Buffer | null)[];
  private readonly idle: PlainConnection[] = [];
  private readonly waiting: Asked[] = [];
  private readonly all = new Set<PlainConnection>();
  private readonly asked = new Map<PlainConnection, Asked>();

  constructor(question: OpenLoopQuestion) {
    this.question = question;
    const { host } = new URL(question.url);
    this.texts = question.requests.map((request) => textOf(request, host));
    this.expected = question.answers.map((text) => (text === null ? null : Buffer.from(text)));
  }

  get isAnswered(): boolean {
    return this.accepted.length + this.refused.length + this.closed >= this.due;
  }

  async open(): Promise<void> {
    const { connections, addresses } = this.question;
    for (let i = 0; i < connections; i++) this.connect(addresses[i % addresses.length] as string);
    while (this.idle.length < connections) await sleep(20);
  }

  ask(asked: Asked): void {
    if (this.counts(asked)) this.due++;
    const connection = this.idle.shift();
    if (connection) this.send(connection, asked);
    else this.waiting.push(asked);
  }

  close(): void {
    const all = [...this.all];
    this.all.clear();
    for (const each of all) each.end();
  }

  private connect(localAddress: string): void {
    const { hostname: host, port } = new URL(this.question.url);
    const connection = plainConnection(
      { host, port: Number(port), localAddress },
      {
        idle: (one) => this.free(one),
        answered: (one, reply) => this.answered(one, reply),
        closed: (one) => this.lost(one),
      },
    );
    this.all.add(connection);
  }

  private counts({ due }: Asked): boolean {
    return due >= this.from && due < this.from + this.question.seconds * 1000;
  }

  private send(connection: PlainConnection, asked: Asked): void {
    if (this.counts(asked)) this.late.push(performance.now() - asked.due);
    this.asked.set(connection, asked);
    connection.ask(this.texts[asked.which] as string, this.expected[asked.which] ?? null);
  }

  private free(connection: PlainConnection): void {
    const next = this.waiting.shift();
    if (next) this.send(connection, next);
    else this.idle.push(connection);
  }

  private answered(connection: PlainConnection, { status, isRight, start }: PlainReply): void {
    const asked = this.asked.get(connection);
    this.asked.delete(connection);
    if (!isRight) this.failure ??= new Error(`a wrong answer: ${status} ${start}`);
    if (asked && this.counts(asked)) {
      (status === 200 ? this.accepted : this.refused).push(performance.now() - asked.due);
    }
    this.free(connection);
  }

  private lost(connection: PlainConnection): void {
    // This side closed it, at the end.
    if (!this.all.delete(connection)) return;
    const asked = this.asked.get(connection);
    this.asked.delete(connection);
    if (asked && this.counts(asked)) this.closed++;
    const at = this.idle.indexOf(connection);
    if (at >= 0) this.idle.splice(at, 1);
    setTimeout(() => this.connect(connection.address), reopening).unref();
  }
}

answer<OpenLoopQuestion, OpenLoopReply>(async (question) => {
  const { rate, leadSeconds, seconds, requests } = question;
  const loop = new OpenLoop(question);
  await loop.open();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const started = performance.now();
  loop.from = started + leadSeconds * 1000;
  const usage = usageBetween(loop.from, loop.from + seconds * 1000);
  const total = Math.round(rate * (leadSeconds + seconds));
  for (let number = 0; number < total && !loop.failure; await sleep(1)) {
    if (performance.now() >= loop.from) delay.enable();
    for (; number < total; number++) {
      const due = started + (number * 1000) / rate;
      if (due > performance.now()) break;
      loop.ask({ which: number % requests.length, due });
    }
  }
  delay.disable();
  for (const end = performance.now() + patience; !loop.isAnswered && !loop.failure; await sleep(20)) {
    if (performance.now() > end) break;
  }
  loop.close();
  if (loop.failure) throw loop.failure;
  return replyOf(loop, { ownDelayP99: delay.percentile(99) / 1e6, cores: await usage });
});

function replyOf(
  { question: { seconds }, accepted, refused, due, closed, late }: OpenLoop,
  own: Pick<OpenLoopReply, 'ownDelayP99' | 'cores'>,
): OpenLoopReply {
  const at = (values: number[], share: number) => (values.length > 0 ? percentile(values, share) : null);
  return {
    ...{ due: due / seconds, accepted: accepted.length / seconds, refused: refused.length / seconds },
    ...{ acceptedP50: at(accepted, 0.5), acceptedP99: at(accepted, 0.99) },
    ...{ refusedP50: at(refused, 0.5), refusedP99: at(refused, 0.99) },
    ...{ unanswered: due - accepted.length - refused.length - closed, closed },
    ...{ lateP99: at(late, 0.99) ?? 0, ...own },
  };
}

/** Processor cores that this process used. */
async function usageBetween(from: number, until: number): Promise<number> {
  await sleep(Math.max(0, from - performance.now()));
  const [since, before] = [performance.now(), process.cpuUsage()];
  await sleep(Math.max(0, until - performance.now()));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (performance.now() - since);
}

function textOf({ method, path, headers, body = '' }: BenchRequest, host: string): string {
  const lines = Object.entries({ host, ...headers, 'content-length': Buffer.byteLength(body) });
  return `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
}
