/** The load: autocannon, in a process of its own. */
import { createRequire } from 'node:module';
import { answer } from '../child.ts';
import type { LoadQuestion, LoadReply } from './load.ts';

const autocannon = createRequire(import.meta.url)('autocannon');

answer<LoadQuestion, LoadReply>(async ({ url, requests, answers, connections, seconds }) => {
  let turn = 0;
  let wrong = 0;
  let sample: string | null = null;
  const checked = requests.map((request, i) => ({
    ...request,
    onResponse: (_status: number, body: string) => {
      if (answers[i] === null || body === answers[i]) return;
      wrong++;
      sample ??= body.slice(0, 500);
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
    sample,
    bytes: result.throughput.total,
  };
});
