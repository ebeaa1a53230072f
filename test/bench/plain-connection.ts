/** A connection with one request at a time, and as little work as HTTP/1.1 with Content-Length allows. */
import { connect, type Socket } from 'node:net';

export interface PlainReply {
  readonly status: number;
  /** It is the expected answer, or a refusal with Retry-After. */
  readonly isRight: boolean;
  /** The beginning of a wrong answer, for a message. */
  readonly start: string;
}

export interface PlainConnection {
  readonly address: string;
  /** @param expected the body, byte for byte; null: any with status 200. */
  ask(text: string, expected: Buffer | null): void;
  end(): void;
}

export interface ConnectionEvents {
  readonly idle: (connection: PlainConnection) => void;
  readonly answered: (connection: PlainConnection, reply: PlainReply) => void;
  readonly closed: (connection: PlainConnection) => void;
}

export interface Way {
  readonly host: string;
  readonly port: number;
  /** The source address. */
  readonly localAddress: string;
}

/** The statuses of refusals with Retry-After. */
const refusals = new Set([429, 503]);
/** Filled and read in one step, so that all connections share one buffer. */
const memory = Buffer.alloc(65_536);

export function plainConnection(way: Way, events: ConnectionEvents): PlainConnection {
  let expected: Buffer | null = null;
  let reply: PlainReply | null = null;
  let [length, taken] = [0, 0];
  let head = '';

  /** @returns where the body begins in the bytes so far; null: not yet. */
  function readHead(bytes: number): number | null {
    const text = head + memory.toString('latin1', 0, bytes);
    const end = text.indexOf('\r\n\r\n');
    const before = head.length;
    head = end < 0 ? text : '';
    if (end < 0) return null;
    const status = Number(text.slice(9, 12));
    length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    taken = 0;
    const isRefusal = refusals.has(status) && /retry-after: [1-9]/i.test(text);
    const isRight = isRefusal || (status === 200 && (!expected || length === expected.length));
    reply = { status, isRight, start: isRight ? '' : text.slice(0, 1000) };
    return end + 4 - before;
  }

  function read(bytes: number): boolean {
    const at = reply ? 0 : readHead(bytes);
    if (!reply || at === null) return true;
    if (expected && reply.status === 200 && reply.isRight) {
      const isSame = expected.compare(memory, at, bytes, taken, taken + bytes - at) === 0;
      if (!isSame) reply = { ...reply, isRight: false, start: memory.toString('latin1', at, at + 300) };
    }
    taken += bytes - at;
    if (taken < length) return true;
    const whole = reply;
    reply = null;
    events.answered(self, whole);
    return true;
  }

  const socket: Socket = connect({ ...way, noDelay: true, onread: { buffer: memory, callback: read } });
  const self: PlainConnection = {
    address: way.localAddress,
    ask: (text, body) => {
      expected = body;
      socket.write(text);
    },
    end: () => socket.destroy(),
  };
  socket.once('connect', () => events.idle(self));
  // The close event that follows reports it.
  socket.on('error', () => {});
  socket.once('close', () => events.closed(self));
  return self;
}
