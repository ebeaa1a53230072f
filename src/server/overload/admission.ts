/**
 * Decides how many requests are worked on at once, and which comes next. Requests without a place wait in a line. A
 * request that would wait too long, by its place in the line, is refused at once. One that has waited too long all the
 * same is refused then. No network gets all places, or all of the line, and networks take turns. When the oldest
 * requests have waited too long, the newest go first, because their clients are still there. Source: Ben Maurer, "Fail
 * at Scale", ACM Queue 13(8), 2015.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { networkOf } from '../../network.ts';
import { returns } from './retry-after.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** While it is worked on. */
    place: Place | null;
  }
}

interface Place {
  readonly network: string;
  since: number;
  isHeld: boolean;
}

export interface Admission {
  /** Whether to refuse a new request of the network: it would wait too long, or the line is full. */
  readonly isFull: (network: string) => boolean;
  /** Seconds after which the network's next refused request may come again. */
  readonly retryAfter: (network: string) => number;
  /** A hook for `onRequest`: refuses requests before their body is read. */
  readonly turnAway: (request: FastifyRequest, reply: FastifyReply, next: () => void) => void;
  /**
   * Does the work when the request has a place, and holds the place until the work is done, even if the client has
   * gone.
   * @returns null if the request was refused, or its client left while it waited. There is then nothing more to answer.
   */
  readonly hold: <Result>(
    request: FastifyRequest,
    reply: FastifyReply,
    work: () => Promise<Result>,
  ) => Promise<Result | null>;
  /**
   * Gives up the place for good, for a request with a limit of its own, such as that on password hashes. The request
   * keeps its place while `maxBeside` others work without theirs.
   */
  readonly leave: (request: FastifyRequest) => void;
  /** How many work in a place, how many work beside the places, and how many wait. */
  readonly counts: { readonly working: number; readonly beside: number; readonly waiting: number };
}

/** The greatest part of the places, and of the line, for one network. Others get the rest. */
const shareOfNetwork = 3 / 4;
const lineLength = 1000;
/**
 * The longest wait: milliseconds, or this many times the duration of a request, whichever is more. Never more than
 * `longest`.
 */
const patience = { milliseconds: 500, requests: 5 };
/** The same, when the line has been longer than the number of places for this many milliseconds. */
const patienceWhenBehind = { milliseconds: 16, requests: 4 };
const longFor = 100;
const longest = 2000;
/** How many late requests are refused in how many milliseconds. At 0.05 ms each, they take a quarter of the time. */
const refusedAtOnce = 50;
const refusalInterval = 10;

interface Waiting {
  readonly network: string;
  readonly since: number;
  readonly reply: FastifyReply;
  /** True: the request has a place. False: it is refused, or its client has gone. */
  readonly end: (admitted: boolean) => void;
}

export interface AdmissionOptions {
  /** How many requests are worked on at once. */
  readonly places: number;
  /** How many more may have left their places. Default: none. */
  readonly maxBeside?: number;
  /** Answers a request that has no place. It may come again after this many seconds. */
  readonly refuse: (reply: FastifyReply, retryAfter: number) => void;
  /** Whether a network, or all together, leave so much unread that new requests are refused. */
  readonly isOver?: (network: string) => boolean;
}

export function admission({ places, maxBeside = 0, refuse, isOver = () => false }: AdmissionOptions): Admission {
  const placesOfNetwork = Math.ceil(places * shareOfNetwork);
  const working = new Map<string, number>();
  let workingInAll = 0;
  let beside = 0;
  /** Waiting requests by network, in the order of turns. Each list begins with the oldest, and is never empty. */
  const line = new Map<string, Waiting[]>();
  let waiting = 0;
  let lastShort = 0;
  /** Milliseconds that a request holds its place, on average over about a hundred; and how many were counted. */
  let [held, counted] = [0, 0];
  let refusing: NodeJS.Timeout | null = null;
  const retryAfter = returns();

  const isBehind = (now: number) => waiting > places && now - lastShort > longFor;
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
      const next = takeNext();
      if (!next) return;
      enter(next.network);
      next.end(true);
    }
  }

  /**
   * A request that has waited too long is refused even if a place is free, so that admitted ones are answered in time.
   */
  function takeNext(): Waiting | null {
    const now = performance.now();
    const isLate = ({ since }: Waiting) => now - since >= limitAt(now);
    for (const network of [...line.keys()]) {
      for (let theirs = line.get(network); theirs && mayStart(network); theirs = line.get(network)) {
        if (isLate(theirs.at(-1) as Waiting)) break;
        const next = take(network, isLate(theirs[0] as Waiting) ? 'newest' : 'oldest');
        if (!next.reply.raw.closed) return next;
        next.end(false);
      }
    }
    return null;
  }

  function limitAt(now: number): number {
    const { milliseconds, requests } = isBehind(now) ? patienceWhenBehind : patience;
    return Math.min(longest, Math.max(milliseconds, requests * held));
  }

  function take(network: string, end: 'newest' | 'oldest'): Waiting {
    const theirs = line.get(network) as Waiting[];
    const taken = (end === 'newest' ? theirs.pop() : theirs.shift()) as Waiting;
    waiting--;
    // The network goes to the end, because it is the others' turn.
    line.delete(network);
    if (theirs.length > 0) line.set(network, theirs);
    if (waiting <= places) lastShort = performance.now();
    return taken;
  }

  function refuseLate(): void {
    refusing = null;
    const now = performance.now();
    for (let left = refusedAtOnce; left > 0; left--) {
      const late = [...line].find(([, [oldest]]) => oldest && now - oldest.since >= limitAt(now));
      if (!late) break;
      const { network, reply, end } = take(late[0], 'oldest');
      if (!reply.raw.closed) refuse(reply, retryAfter(network));
      end(false);
    }
    // The line may be short by now. A request that was late for a long line is not late for a short one.
    letIn();
    watch();
  }

  function watch(): void {
    if (waiting > 0 && refusing === null) refusing = setTimeout(refuseLate, refusalInterval);
  }

  /**
   * A line that has just become long waits. It may be a burst, or all requests that came while the process stood still.
   */
  function isFull(network: string): boolean {
    if (isOver(network)) return true;
    if (mayStart(network)) return false;
    const theirs = line.get(network)?.length ?? 0;
    if (waiting >= lineLength || theirs >= lineLength * shareOfNetwork) return true;
    const now = performance.now();
    if (!isBehind(now)) return false;
    // Networks take turns, so the others have this many turns before each request of this one.
    const networks = line.size + (theirs > 0 ? 0 : 1);
    const ahead = Math.min(waiting, theirs * networks + networks - 1);
    return (ahead * held) / places >= limitAt(now);
  }

  function wait(network: string, reply: FastifyReply): Promise<boolean> {
    return new Promise((end) => {
      if (waiting <= places) lastShort = performance.now();
      const one = { network, since: performance.now(), reply, end };
      const theirs = line.get(network);
      if (theirs) theirs.push(one);
      else line.set(network, [one]);
      waiting++;
      watch();
    });
  }

  function free(place: Place): void {
    place.isHeld = false;
    counted = Math.min(counted + 1, 100);
    held += (performance.now() - place.since - held) / counted;
    leave(place.network);
  }

  return {
    isFull,
    retryAfter,
    turnAway: ({ clientAddress }, reply, next) => {
      const network = networkOf(clientAddress);
      if (isFull(network)) refuse(reply, retryAfter(network));
      else next();
    },
    hold: async (request, reply, work) => {
      const network = networkOf(request.clientAddress);
      if (isFull(network)) {
        refuse(reply, retryAfter(network));
        return null;
      }
      if (mayStart(network)) enter(network);
      else if (!(await wait(network, reply))) return null;
      const place = { network, since: performance.now(), isHeld: true };
      request.place = place;
      try {
        // Requests of one network that came together may have used up its share meanwhile.
        if (!isOver(network)) return await work();
        refuse(reply, retryAfter(network));
        return null;
      } finally {
        if (place.isHeld) free(place);
        else beside--;
      }
    },
    leave: ({ place }) => {
      if (!place?.isHeld || beside >= maxBeside) return;
      beside++;
      free(place);
    },
    get counts() {
      return { working: workingInAll, beside, waiting };
    },
  };
}
