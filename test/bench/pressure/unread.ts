/** Clients that ask for long lists and never read what they are answered. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Client } from 'pg';
import type { BenchRequest } from '../http/contestant.ts';

export const unreadCrowd = { clients: 200, lists: 16, tasks: 50, kilobytes: 8 };

/** Each a network of its own. */
const addresses = Array.from({ length: unreadCrowd.clients }, (_, i) => `127.0.${1 + (i >> 7)}.${1 + (i & 127)}`);

/** Makes the tasks of one user long. */
export async function lengthenTasks(databaseUrl: string, userId: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`update tasks set description = repeat('x', $1) where owner_id = $2`, [
      unreadCrowd.kilobytes * 1000,
      userId,
    ]);
  } finally {
    await client.end();
  }
}

/** Asks for all lists at once, on one connection for each client. @returns ends them. */
export async function leaveUnread(url: string, request: BenchRequest): Promise<() => void> {
  const { hostname: host, port } = new URL(url);
  const { method, path, headers, body = '' } = request;
  const lines = Object.entries({ host: `${host}:${port}`, ...headers, 'content-length': Buffer.byteLength(body) });
  const head = `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  const sockets: Socket[] = [];
  for (const localAddress of addresses) {
    const socket = connect({ host, port: Number(port), localAddress }).pause();
    // It may be cut.
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(`${head}${body}`.repeat(unreadCrowd.lists));
    sockets.push(socket);
  }
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}
