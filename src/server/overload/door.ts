/**
 * Refuses requests without room (see admission.ts) before Fastify sees them. Beyond capacity most requests are refused,
 * and each refusal costs time that served requests need. The answer comes a moment later, so that a client that ignores
 * Retry-After asks less often.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { FastifyBaseLogger } from 'fastify';
import { busyAnswer, graphqlPath } from '../http/http-errors.ts';
import { headersOfAll } from '../http/security-headers.ts';

export interface DoorOptions {
  readonly networkOf: (request: IncomingMessage) => string;
  readonly isFull: (network: string) => boolean;
  /** Seconds. */
  readonly retryAfter: (network: string) => number;
  readonly isDraining: () => boolean;
  readonly log: Pick<FastifyBaseLogger, 'info'>;
}

export interface Door {
  readonly guard: (listener: RequestListener) => RequestListener;
  /** Answers all requests that wait to be refused. */
  readonly close: () => void;
}

/** Milliseconds. A client that asks again at once is refused at most twenty-five times a second. */
const pause = 40;
/** Milliseconds. Refusals that are due are answered together. */
const interval = 10;
/** Milliseconds. Refusals are logged together, because a line for each would cost as much as the refusal. */
const logInterval = 1000;

const alike = Object.entries(headersOfAll).flat();

interface Refused {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly network: string;
  readonly due: number;
}

export function door({ networkOf, isFull, retryAfter, isDraining, log }: DoorOptions): Door {
  const waiting: Refused[] = [];
  let answering: NodeJS.Timeout | null = null;
  let counting: NodeJS.Timeout | null = null;
  let refused = new Map<string, number>();

  function answerDue(until = performance.now()): void {
    answering = null;
    let count = 0;
    for (const one of waiting) {
      if (one.due > until) break;
      count++;
      refuse(one);
    }
    waiting.splice(0, count);
    if (waiting.length > 0) answering = setTimeout(answerDue, interval);
  }

  function refuse({ request, response, network }: Refused): void {
    if (response.destroyed) return;
    const id = randomUUID();
    const { headers, body } = busyAnswer(request, id, retryAfter(network));
    headers.push('x-request-id', id, ...alike);
    if (isDraining()) headers.push('connection', 'close');
    response.writeHead(503, headers);
    response.end(body);
    refused.set(network, (refused.get(network) ?? 0) + 1);
    counting ??= setTimeout(tell, logInterval).unref();
  }

  function tell(): void {
    counting = null;
    const most = [...refused].toSorted(([, one], [, other]) => other - one).slice(0, 5);
    const count = refused.values().reduce((sum, each) => sum + each, 0);
    log.info({ count, networks: refused.size, most: Object.fromEntries(most) }, 'requests were refused at the door');
    refused = new Map();
  }

  return {
    guard: (listener) => (request, response) => {
      if (!isRefusable(request)) return listener(request, response);
      const network = networkOf(request);
      if (!isFull(network)) return listener(request, response);
      waiting.push({ request, response, network, due: performance.now() + pause });
      answering ??= setTimeout(answerDue, pause);
    },
    close: () => {
      if (answering) clearTimeout(answering);
      answerDue(Infinity);
      if (counting) clearTimeout(counting);
      if (refused.size > 0) tell();
    },
  };
}

/**
 * Whether the request can be refused here. A page of another origin needs CORS headers to see the reason, and Fastify
 * sets those.
 */
function isRefusable({ method, url = '', headers }: IncomingMessage): boolean {
  if (method !== 'POST' && method !== 'GET') return false;
  if (url !== graphqlPath && !url.startsWith(`${graphqlPath}?`)) return false;
  return headers.origin === undefined;
}
