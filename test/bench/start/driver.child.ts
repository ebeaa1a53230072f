/** Clients that only ask, each as soon as it has its answer, in a process of their own. */
import { answer } from '../child.ts';
import { createClient, wrong } from '../login/client.ts';
import { percentile } from '../statistics.ts';

export interface DriveQuestion {
  readonly url: string;
  readonly body: string;
  readonly token: string;
  /** The beginning of every right answer. */
  readonly expected: string;
  readonly connections: number;
  /** Milliseconds to measure, after others that do not count; or a number of requests. */
  readonly until: { readonly lead: number; readonly milliseconds: number } | { readonly requests: number };
}

export interface DriveFigures {
  /** Requests a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

answer<DriveQuestion, DriveFigures>(async ({ url, body, token, expected, connections, until }) => {
  const client = createClient(url);
  const latencies: number[] = [];
  const lead = 'lead' in until ? until.lead : 0;
  const began = performance.now() + lead;
  const end = 'milliseconds' in until ? began + until.milliseconds : Number.POSITIVE_INFINITY;
  let left = 'requests' in until ? until.requests : Number.POSITIVE_INFINITY;
  const one = async (): Promise<void> => {
    while (left-- > 0 && performance.now() < end) {
      const reply = await client.send(body, token);
      if (reply.status !== 200 || !reply.text.startsWith(expected)) throw wrong(expected.slice(0, 100), reply);
      // Requests that began before the time, and requests that ended after it, cancel out.
      if (performance.now() >= began && performance.now() <= end) latencies.push(reply.milliseconds);
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  const seconds = (Math.min(performance.now(), end) - began) / 1000;
  client.close();
  return { rate: latencies.length / seconds, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
});
