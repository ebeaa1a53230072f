/**
 * Large answers that clients have not read yet. A request leaves its place when its work is done (see admission.ts),
 * but its answer stays in memory until it is read. Large answers are sent in pieces, which shows who reads them. When
 * all clients together leave too much unread, the connection that has read nothing for the longest is cut. A network
 * that leaves too much gets no more answers meanwhile. A client that does not read an answer in time is cut. Small
 * answers go into the system's buffers at once, and are not counted.
 */
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { networkOf } from '../../network.ts';
import { isLongerThan } from '../request/answer-size.ts';

/** Bytes that the system accepts at once, even if the client does not read. Also the size of a piece. */
const small = 65_536;
/** The greatest part of the budget for one network. Others get the rest. */
const shareOfNetwork = 3 / 4;

export interface UnreadLimits {
  /** Bytes of all large answers that are unread. Answers in work when the budget is reached come on top. */
  readonly budget: number;
  /** A connection has this many seconds to read, and one more for each `rate` bytes. */
  readonly seconds: number;
  readonly rate: number;
  /** A connection that has read nothing for this many seconds is cut if its network leaves too much unread. */
  readonly stalled: number;
}

export interface UnreadAnswers {
  /** Whether this network leaves so much unread that it gets no more answers for now. */
  readonly isOver: (network: string) => boolean;
  /**
   * Counts a large answer until the client has read it.
   * @returns the answer as it must be sent.
   */
  readonly handOver: (request: FastifyRequest, reply: FastifyReply, body: unknown) => unknown;
}

interface Answer {
  readonly network: string;
  readonly bytes: number;
}

interface Connection {
  readonly add: (request: FastifyRequest, reply: FastifyReply, answer: Answer) => void;
  /** The network that the last answer went to. */
  network: string;
  /** When the client last read a piece, in milliseconds. */
  movedAt: number;
  readonly cut: (why: string) => void;
}

export function unreadAnswers({ budget, seconds, rate, stalled }: UnreadLimits): UnreadAnswers {
  const share = budget * shareOfNetwork;
  const unread = new Map<string, number>();
  /**
   * The unread bytes of all networks, each at most its share. An excess of one network does not count against others.
   */
  let inAll = 0;
  const connections = new WeakMap<Socket, Connection>();
  /** Connections with unread answers. The one that has read nothing for the longest comes first. */
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

  /** One connection may have several answers, because a client need not wait for one before it asks again. */
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
        // A new request gives no more time for earlier answers.
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
        // Also drops what lies in the system's buffers.
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
      // An answer without a socket waits behind another answer of its connection.
      const isKept = reply.raw.socket === null || isLongerThan(small, body);
      if (!isKept || socket.destroyed || !(typeof body === 'string' || Buffer.isBuffer(body))) return body;
      // As bytes, because a text would be copied once more.
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

/** Reads a piece when the client has read the one before, and reports that. */
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
