/**
 * How many requests are worked on at once, and whose turn is next. What finds no place waits in line, nothing of its body
 * read; what has waited too long is refused. No network has all places, and networks take turns. When the line stays
 * long, the newest go first: who came long ago has given up, or will be refused in time anyway. Source: Ben Maurer,
 * "Fail at Scale", ACM Queue 13(8), 2015.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { networkOf } from '../authentication/network.ts';

declare module 'fastify' {
  interface FastifyRequest {
    place: Place | null;
  }
}

interface Place {
  readonly network: string;
  readonly since: number;
  isHeld: boolean;
  /** It is being worked on. */
  isWorking: boolean;
}

export interface Admission {
  /** A hook for `onRequest`: lets a request go on when it has a place, or refuses it. */
  readonly admit: (request: FastifyRequest, reply: FastifyReply, next: () => void) => void;
  /** The place is held until the work is done, also where the client has gone: it is not work's end. */
  readonly hold: <Result>(request: FastifyRequest, reply: FastifyReply, work: () => Promise<Result>) => Promise<Result>;
  /** Leaves the place to others while the request waits for something that has a line of its own. */
  readonly stepAside: <Result>(request: FastifyRequest, work: () => Promise<Result>) => Promise<Result>;
  /** How many are worked on, and how many wait. */
  readonly counts: { readonly working: number; readonly waiting: number };
}

/** Of the places. What is left is for whoever else comes. */
const shareOfNetwork = 3 / 4;
/** Beyond, a request is refused at once. */
const lineLength = 1000;
/** Milliseconds that a request waits at most, and that it waits when the line has been long for as much. */
const patience = 500;
const patienceWhenBehind = 100;
/** Where requests take long, waiting for one is worth more: as many times what one takes. */
const patienceInRequests = 5;
/** To refuse takes time as well: as many at most in so many milliseconds. */
const refusalsAtOnce = 10;
const refusalInterval = 10;

interface Waiting {
  readonly network: string;
  readonly since: number;
  readonly reply: FastifyReply;
  readonly start: () => void;
}

/** @param refuse answers a request that has no place. */
export function admission(places: number, refuse: (reply: FastifyReply) => void): Admission {
  const placesOfNetwork = Math.ceil(places * shareOfNetwork);
  const working = new Map<string, number>();
  let workingInAll = 0;
  /** By network, in the order of their turns; each with the oldest first, and never empty. */
  const line = new Map<string, Waiting[]>();
  let waiting = 0;
  /** Of those that stepped aside. They have been let in. */
  const returning: { network: string; start: () => void }[] = [];
  let lastShort = 0;
  /** Milliseconds that a request holds its place, on the average of the last hundred or so. */
  let held = 0;
  let refusing: NodeJS.Timeout | null = null;

  const isBehind = (now: number) => waiting > places && now - lastShort > patienceWhenBehind;
  const mayStart = (network: string) => workingInAll < places && (working.get(network) ?? 0) < placesOfNetwork;

  function enter(network: string): void {
    workingInAll++;
    working.set(network, (working.get(network) ?? 0) + 1);
  }

  function leave(network: string): void {
    workingInAll--;
    const left = (working.get(network) ?? 0) - 1;
    if (left > 0) working.set(network, left);
    else working.delete(network);
    letIn();
  }

  function letIn(): void {
    while (workingInAll < places) {
      const next = returning.shift() ?? takeNext();
      if (!next) return;
      enter(next.network);
      next.start();
    }
  }

  function takeNext(): Waiting | null {
    const end = isBehind(performance.now()) ? 'newest' : 'oldest';
    for (const network of [...line.keys()]) {
      while (mayStart(network) && line.has(network)) {
        const next = take(network, end);
        // Its client has gone.
        if (!next.reply.raw.closed) return next;
      }
    }
    return null;
  }

  function take(network: string, end: 'newest' | 'oldest'): Waiting {
    const theirs = line.get(network) as Waiting[];
    const taken = (end === 'newest' ? theirs.pop() : theirs.shift()) as Waiting;
    waiting--;
    // To the end: it is the others' turn.
    line.delete(network);
    if (theirs.length > 0) line.set(network, theirs);
    if (waiting <= places) lastShort = performance.now();
    return taken;
  }

  function refuseLate(): void {
    refusing = null;
    const now = performance.now();
    const limit = Math.max(isBehind(now) ? patienceWhenBehind : patience, patienceInRequests * held);
    for (let i = 0; i < refusalsAtOnce; i++) {
      const late = [...line].find(([, [oldest]]) => oldest && now - oldest.since >= limit);
      if (!late) break;
      const { reply } = take(late[0], 'oldest');
      if (!reply.raw.closed) refuse(reply);
    }
    watch();
  }

  function watch(): void {
    if (waiting > 0 && refusing === null) refusing = setTimeout(refuseLate, refusalInterval);
  }

  function begin(request: FastifyRequest, reply: FastifyReply, network: string): void {
    const place: Place = { network, since: performance.now(), isHeld: true, isWorking: false };
    request.place = place;
    reply.raw.once('close', () => {
      if (!place.isWorking) free(place);
    });
  }

  function free(place: Place): void {
    if (!place.isHeld) return;
    place.isHeld = false;
    held += (performance.now() - place.since - held) / 100;
    leave(place.network);
  }

  return {
    admit: (request, reply, next) => {
      const network = networkOf(request.ip);
      if (mayStart(network)) {
        enter(network);
        begin(request, reply, network);
        return next();
      }
      if (waiting >= lineLength) return refuse(reply);
      const start = () => {
        begin(request, reply, network);
        next();
      };
      if (waiting <= places) lastShort = performance.now();
      const theirs = line.get(network);
      const one = { network, since: performance.now(), reply, start };
      if (theirs) theirs.push(one);
      else line.set(network, [one]);
      waiting++;
      watch();
    },
    hold: async ({ place }, reply, work) => {
      if (!place) throw new Error('The request was not admitted.');
      place.isWorking = true;
      try {
        return await work();
      } finally {
        place.isWorking = false;
        if (reply.raw.closed) free(place);
      }
    },
    stepAside: async ({ place }, work) => {
      if (!place?.isHeld) return await work();
      free(place);
      try {
        return await work();
      } finally {
        await new Promise<void>((start) => {
          returning.push({ network: place.network, start });
          letIn();
        });
        place.isHeld = true;
      }
    },
    get counts() {
      return { working: workingInAll, waiting };
    },
  };
}
