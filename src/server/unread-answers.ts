/**
 * Answers that were handed over and that their clients have yet to take. A request leaves its place when its work is done
 * (see admission.ts); what it is answered stays in memory until it is read. So who leaves too much unread is answered
 * nothing more, and who does not take an answer in time is cut. Small answers go into the buffers of the system at once,
 * and are not counted.
 */
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { networkOf } from '../authentication/network.ts';
import { isLongerThan } from './long-answers.ts';

/** Bytes that the system takes at once, also where nobody reads. */
const small = 65_536;
/** Of the budget. What is left is for whoever else comes. */
const shareOfNetwork = 3 / 4;

export interface UnreadLimits {
  /** Bytes of all large answers that are unread. What is being worked on when they are reached comes on top. */
  readonly budget: number;
  /** A connection has so many seconds for what it has to take, and one more for each `rate` bytes. */
  readonly seconds: number;
  readonly rate: number;
}

export interface UnreadAnswers {
  /** Whether so much is unread, of this network or of all, that it is to be answered nothing more for now. */
  readonly isOver: (network: string) => boolean;
  /** Counts the answer until it has gone, if it is large. @returns it as it is to be sent. */
  readonly handOver: (request: FastifyRequest, reply: FastifyReply, body: unknown) => unknown;
}

interface Answer {
  readonly network: string;
  readonly bytes: number;
}

export function unreadAnswers({ budget, seconds, rate }: UnreadLimits): UnreadAnswers {
  const share = budget * shareOfNetwork;
  const unread = new Map<string, number>();
  /** Of each network as much as is its share: what one has beyond is not held against the others. */
  let inAll = 0;
  const connections = new WeakMap<Socket, (request: FastifyRequest, reply: FastifyReply, answer: Answer) => void>();

  function count(network: string, bytes: number): void {
    const before = unread.get(network) ?? 0;
    const after = before + bytes;
    inAll += Math.min(after, share) - Math.min(before, share);
    if (after > 0) unread.set(network, after);
    else unread.delete(network);
  }

  /** Of one connection, which may have several: a client need not wait for an answer before it asks again. */
  function watch(socket: Socket) {
    const answers = new Set<Answer>();
    let bytes = 0;
    let timer: NodeJS.Timeout | undefined;
    let deadline = 0;

    function forget(answer: Answer): void {
      if (!answers.delete(answer)) return;
      bytes -= answer.bytes;
      count(answer.network, -answer.bytes);
    }

    function forgetAll(): void {
      clearTimeout(timer);
      for (const answer of answers) forget(answer);
    }

    return ({ log }: FastifyRequest, { raw }: FastifyReply, answer: Answer): void => {
      const expectBy = (time: number) => {
        deadline = time;
        clearTimeout(timer);
        timer = setTimeout(() => {
          log.info('an answer was not taken in time');
          // What lies in the buffers of the system goes as well.
          socket.resetAndDestroy();
        }, time - performance.now());
      };
      const fromNow = () => performance.now() + (seconds + bytes / rate) * 1000;
      const isFirst = answers.size === 0;
      if (isFirst) socket.once('close', forgetAll);
      answers.add(answer);
      bytes += answer.bytes;
      count(answer.network, answer.bytes);
      // To ask again gives no more time for what was there before.
      expectBy(isFirst ? fromNow() : deadline + (answer.bytes / rate) * 1000);
      raw.once('finish', () => {
        forget(answer);
        if (answers.size > 0) expectBy(fromNow());
        else {
          clearTimeout(timer);
          socket.off('close', forgetAll);
        }
      });
    };
  }

  return {
    isOver: (network) => inAll > 0 && (inAll > budget || (unread.get(network) ?? 0) > share),
    handOver: (request, reply, body) => {
      const { socket } = request.raw;
      // What has no socket of its own yet waits behind another answer.
      const isKept = reply.raw.socket === null || isLongerThan(small, body);
      if (!isKept || socket.destroyed || !(typeof body === 'string' || Buffer.isBuffer(body))) return body;
      // Not as a text, which would be copied once more.
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      let add = connections.get(socket);
      if (!add) {
        add = watch(socket);
        connections.set(socket, add);
      }
      add(request, reply, { network: networkOf(request.clientAddress), bytes: bytes.length });
      return bytes;
    },
  };
}
