/** Many clients at once, in a process of their own. Each asks again when it has its answer. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer } from '../child.ts';
import type { BenchRequest } from '../http/contestant.ts';
import { percentile } from '../statistics.ts';

export interface CrowdQuestion {
  readonly url: string;
  readonly requests: readonly BenchRequest[];
  /** The right answer to each request. */
  readonly answers: readonly string[];
  /** The number of clients, each with a connection of its own. */
  readonly clients: number;
  /** The source addresses of the clients, in turn. */
  readonly addresses: readonly string[];
  /**
   * Whether a refused client waits as Retry-After says, give or take a half (RFC 9110, 10.2.3), or asks again at once.
   */
  readonly isPatient: boolean;
  /** Seconds that do not count, and seconds that do. */
  readonly leadSeconds: number;
  readonly seconds: number;
}

export interface CrowdReply {
  /** A second. */
  readonly accepted: number;
  readonly refused: number;
  /** Milliseconds; null if there were none. */
  readonly acceptedP50: number | null;
  readonly acceptedP99: number | null;
  readonly refusedP50: number | null;
  readonly refusedP99: number | null;
  /** Connections that were closed without an answer. */
  readonly closed: number;
  /** Processor cores that the clients used. */
  readonly cores: number;
}

interface Answered {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

answer<CrowdQuestion, CrowdReply>(async (question) => {
  const { requests, answers, clients, addresses, isPatient, leadSeconds, seconds } = question;
  const agents = addresses.map((localAddress) => new Agent({ keepAlive: true, localAddress, maxFreeSockets: clients }));
  const from = performance.now() + leadSeconds * 1000;
  const until = from + seconds * 1000;
  const accepted: number[] = [];
  const refused: number[] = [];
  let closed = 0;

  /**
   * Waits the seconds, give or take a half, but hardly beyond the end. Two milliseconds more, because a timer may fire
   * early.
   */
  const wait = (seconds: number) =>
    sleep(Math.min(seconds * 1000 * (0.5 + Math.random()), Math.max(0, until - performance.now()) + 2));

  async function client(number: number): Promise<void> {
    // So that they do not all begin at one moment.
    await sleep((Math.random() * leadSeconds * 1000) / 2);
    for (let turn = number; performance.now() < until; turn++) {
      const which = turn % requests.length;
      const started = performance.now();
      const reply = await send(question.url, requests[which] as BenchRequest, agents[number % agents.length] as Agent);
      const counts = performance.now() >= from && performance.now() <= until;
      if (reply === null) {
        if (counts) closed++;
        await wait(1);
      } else if (reply.status === 503 && /^[1-9]\d*$/.test(reply.retryAfter ?? '')) {
        if (counts) refused.push(performance.now() - started);
        if (isPatient) await wait(Number(reply.retryAfter));
      } else if (reply.status === 200 && reply.text === answers[which]) {
        if (counts) accepted.push(performance.now() - started);
      } else throw new Error(`a wrong answer: ${reply.status} ${reply.text.slice(0, 300)}`);
    }
  }
  const usage = usageBetween(from, until);
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  for (const agent of agents) agent.destroy();
  const at = (values: number[], share: number) => (values.length > 0 ? percentile(values, share) : null);
  return {
    accepted: accepted.length / seconds,
    refused: refused.length / seconds,
    acceptedP50: at(accepted, 0.5),
    acceptedP99: at(accepted, 0.99),
    refusedP50: at(refused, 0.5),
    refusedP99: at(refused, 0.99),
    closed,
    cores: await usage,
  };
});

/** Processor cores that this process used. Some clients still wait after the end, and do nothing. */
async function usageBetween(from: number, until: number): Promise<number> {
  await sleep(from - performance.now());
  const [since, before] = [performance.now(), process.cpuUsage()];
  await sleep(until - performance.now());
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (performance.now() - since);
}

/** @returns null if the connection ended without an answer. */
function send(url: string, { method, path, headers, body }: BenchRequest, agent: Agent): Promise<Answered | null> {
  return new Promise((resolve) => {
    const sent = request(url + path, {
      ...{ agent, method },
      headers: { ...headers, 'content-length': Buffer.byteLength(body ?? '') },
    });
    sent.once('error', () => resolve(null));
    sent.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => {
        text += more;
      });
      response.once('error', () => resolve(null));
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], text });
      });
    });
    sent.end(body);
  });
}
