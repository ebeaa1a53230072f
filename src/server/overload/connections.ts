/** How many connections are open at once, and how many of them one client may have. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf } from '../../network.ts';

/** One network gets so many of the connections at most. Others get the rest. */
const shareOfNetwork = 3 / 4;

export interface ConnectionLimits {
  readonly connections: number;
  /** Whether all come from proxies, and so are many clients'. */
  readonly byProxies: boolean;
}

/** What is beyond is closed before anything of it is read. */
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
