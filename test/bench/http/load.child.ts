/** The load: autocannon, in a process of its own. */
import { createRequire } from 'node:module';
import { answer } from '../child.ts';
import type { BenchRequest } from './contestant.ts';

const autocannon = createRequire(import.meta.url)('autocannon');

export interface LoadQuestion {
  readonly url: string;
  readonly requests: readonly BenchRequest[];
  /** What each request was answered with before the load; null: its answers differ. */
  readonly answers: readonly (string | null)[];
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadReply {
  readonly answered: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** By status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly errors: number;
  /** Answers that said something else than before the load. */
  readonly wrong: number;
  readonly bytes: number;
}

answer<LoadQuestion, LoadReply>(async ({ url, requests, answers, connections, seconds }) => {
  let turn = 0;
  let wrong = 0;
  const checked = requests.map((request, i) => ({
    ...request,
    onResponse: (_status: number, body: string) => {
      if (answers[i] !== null && body !== answers[i]) wrong++;
    },
  }));
  // Each connection begins with another viewer.
  const setupClient = (client: { setRequests(requests: readonly object[]): void }) => {
    const first = turn++ % requests.length;
    client.setRequests([...checked.slice(first), ...checked.slice(0, first)]);
  };
  const result = await autocannon({ url, requests, connections, duration: seconds, setupClient });
  const statuses = Object.entries(result.statusCodeStats as Record<string, { count: number }>);
  return {
    answered: result.requests.total,
    seconds: result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    statuses: Object.fromEntries(statuses.map(([status, { count }]) => [status, count])),
    errors: result.errors + result.timeouts,
    wrong,
    bytes: result.throughput.total,
  };
});
