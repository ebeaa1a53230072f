/** Limits how many connections are open at once, and how many of them one client may have. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf } from '../../network.ts';

/** The greatest part of the connections for one network. Others get the rest. */
const shareOfNetwork = 3 / 4;

export interface ConnectionLimits {
  readonly connections: number;
  /** Whether all connections come from proxies, and so serve many clients. */
  readonly byProxies: boolean;
}

/** Closes a connection beyond the limit before reading from it. */
export function limitConnections(server: Server, { connections, byProxies }: ConnectionLimits): void {
  server.maxConnections = connections;
  if (byProxies) return;
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const network = networkOf(socket.remoteAddress ?? null);
    const theirs = (open.get(network) ?? 0) + 1;
    if (theirs > connections * shareOfNetwork) {
      socket.destroy();
      return;
    }
    open.set(network, theirs);
    socket.once('close', () => {
      const left = (open.get(network) ?? 0) - 1;
      if (left > 0) open.set(network, left);
      else open.delete(network);
    });
  });
}
