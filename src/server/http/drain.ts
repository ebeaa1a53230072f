/**
 * Ends an HTTP server without failing a request. Node's own `close` also closes kept-alive connections at once, and a
 * request may be on its way on one of them.
 */
import type { Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';

/** How long a kept-alive connection may be idle before it is closed, in milliseconds. */
const idleGrace = 1000;
/** How long clients may take to read their answers, in milliseconds. */
const takingGrace = 10_000;

export interface Drain {
  readonly isDraining: boolean;
  /** Accepts no more connections. Resolves when the open ones are closed. */
  drain(): Promise<void>;
}

export function drainable(server: Server, { taking = takingGrace } = {}): Drain {
  let draining: Promise<void> | null = null;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  async function drain(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    // The TCP server's `close`, which leaves connections alone.
    NetServer.prototype.close.call(server, () => resolve());
    const started = performance.now();
    const closeIdle = () => {
      // Node counts a connection as idle while the rest of an answer is still being sent.
      const areTaking = [...sockets].some(({ writableLength }) => writableLength > 0);
      if (!areTaking || performance.now() - started > taking) server.closeIdleConnections();
      // Browsers and balancers open connections ahead of need. Node does not count these as idle.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    };
    // A busy process first reads what has arrived, so that a connection with a new request is not closed as idle.
    const reaper = setInterval(() => setImmediate(closeIdle), idleGrace);
    await promise;
    clearInterval(reaper);
  }

  return {
    get isDraining() {
      return draining !== null;
    },
    drain: () => {
      draining ??= drain();
      return draining;
    },
  };
}
