/**
 * Answers that were handed over and that their clients have yet to take. A request leaves its place when its work is done
 * (see admission.ts); what it is answered stays in memory until it is read. Large answers are sent in pieces, which tells
 * who takes them. Where all together leave too much, the connection is cut that has taken nothing for the longest: others
 * are served. A network that leaves too much is answered nothing more meanwhile, and who does not take an answer in time
 * is cut. Small answers go into the buffers of the system at once, and are not counted.
 */
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { networkOf } from '../../network.ts';
import { isLongerThan } from '../request/answer-size.ts';

/** Bytes that the system takes at once, also where nobody reads; and of a piece. */
const small = 65_536;
/** One network gets so much of the budget at most. Others get the rest. */
const shareOfNetwork = 3 / 4;

export interface UnreadLimits {
  /** Bytes of all large answers that are unread. What is being worked on when they are reached comes on top. */
  readonly budget: number;
  /** A connection has so many seconds for what it has to take, and one more for each `rate` bytes. */
  readonly seconds: number;
  readonly rate: number;
  /** So many seconds without taking anything are enough to be cut where its network leaves too much. */
  readonly stalled: number;
}

export interface UnreadAnswers {
  /** Whether this network leaves so much unread that it is to be answered nothing more for now. */
  readonly isOver: (network: string) => boolean;
  /** Counts the answer until it has gone, if it is large. @returns it as it is to be sent. */
  readonly handOver: (request: FastifyRequest, reply: FastifyReply, body: unknown) => unknown;
}

interface Answer {
  readonly network: string;
  readonly bytes: number;
}

interface Connection {
  readonly add: (request: FastifyRequest, reply: FastifyReply, answer: Answer) => void;
  /** The one that its last answer went to. */
  network: string;
  /** When it last took a piece, in milliseconds. */
  movedAt: number;
  readonly cut: (why: string) => void;
}

export function unreadAnswers({ budget, seconds, rate, stalled }: UnreadLimits): UnreadAnswers {
  const share = budget * shareOfNetwork;
  const unread = new Map<string, number>();
  /** Of each network as much as is its share: what one has beyond is not held against the others. */
  let inAll = 0;
  const connections = new WeakMap<Socket, Connection>();
  /** Those with something to take. Who has taken nothing for the longest comes first. */
  const slowest = new Set<Connection>();

  function count(network: string, bytes: number): void {
    const before = unread.get(network) ?? 0;
    const after = before + bytes;
    inAll += Math.min(after, share) - Math.min(before, share);
    if (after > 0) unread.set(network, after);
    else unread.delete(network);
  }

  function isOver(network: string): boolean {
    return unread.size > 0 && (unread.get(network) ?? 0) > share;
  }

  function move(connection: Connection): void {
    connection.movedAt = performance.now();
    slowest.delete(connection);
    slowest.add(connection);
  }

  function cutStalled(network: string): void {
    const since = performance.now() - stalled * 1000;
    for (const connection of slowest) {
      if (connection.movedAt > since || !isOver(network)) break;
      if (connection.network === network) connection.cut('an answer was not taken, and its network leaves too much');
    }
  }

  /** Of one connection, which may have several: a client need not wait for an answer before it asks again. */
  function watch(socket: Socket): Connection {
    const answers = new Set<Answer>();
    let bytes = 0;
    let timer: NodeJS.Timeout | undefined;
    let deadline = 0;
    let log: FastifyRequest['log'];

    function forget(answer: Answer): void {
      if (!answers.delete(answer)) return;
      bytes -= answer.bytes;
      count(answer.network, -answer.bytes);
    }

    function forgetAll(): void {
      clearTimeout(timer);
      slowest.delete(connection);
      for (const answer of answers) forget(answer);
    }

    function expectBy(time: number): void {
      deadline = time;
      clearTimeout(timer);
      timer = setTimeout(() => connection.cut('an answer was not taken in time'), time - performance.now());
    }

    const fromNow = () => performance.now() + (seconds + bytes / rate) * 1000;
    const connection: Connection = {
      network: '',
      movedAt: 0,
      add: (request, { raw }, answer) => {
        log = request.log;
        connection.network = answer.network;
        const isFirst = answers.size === 0;
        if (isFirst) {
          socket.once('close', forgetAll);
          move(connection);
        }
        answers.add(answer);
        bytes += answer.bytes;
        count(answer.network, answer.bytes);
        // To ask again gives no more time for what was there before.
        expectBy(isFirst ? fromNow() : deadline + (answer.bytes / rate) * 1000);
        raw.once('finish', () => {
          forget(answer);
          if (answers.size > 0) expectBy(fromNow());
          else {
            forgetAll();
            socket.off('close', forgetAll);
          }
        });
      },
      cut: (why) => {
        log.info(why);
        forgetAll();
        // What lies in the buffers of the system goes as well.
        socket.resetAndDestroy();
      },
    };
    return connection;
  }

  return {
    isOver: (network) => {
      if (isOver(network)) cutStalled(network);
      return isOver(network);
    },
    handOver: (request, reply, body) => {
      const { socket } = request.raw;
      // What has no socket of its own yet waits behind another answer.
      const isKept = reply.raw.socket === null || isLongerThan(small, body);
      if (!isKept || socket.destroyed || !(typeof body === 'string' || Buffer.isBuffer(body))) return body;
      // Not as a text, which would be copied once more.
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      const connection = connections.get(socket) ?? watch(socket);
      connections.set(socket, connection);
      connection.add(request, reply, { network: networkOf(request.clientAddress), bytes: bytes.length });
      for (const slow of slowest) {
        if (inAll <= budget) break;
        slow.cut('an answer was not taken, and there are too many of these');
      }
      if (bytes.length <= small || socket.destroyed) return bytes;
      reply.header('content-length', bytes.length);
      return inPieces(bytes, () => move(connection));
    },
  };
}

/** Reads a piece when the one before has gone, of which it tells. */
function inPieces(bytes: Buffer, onGone: () => void): Readable {
  let at = 0;
  return new Readable({
    // Nothing is read ahead.
    highWaterMark: 0,
    read() {
      if (at > 0) onGone();
      this.push(at < bytes.length ? bytes.subarray(at, at + small) : null);
      at += small;
    },
  });
}
