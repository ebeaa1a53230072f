/** Clients that ask for a long answer and never read it. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { BenchRequest } from '../http/contestant.ts';

export const unreadCrowd = { clients: 200, lists: 16, tasks: 50, kilobytes: 8 };

/** Each address is a network of its own. */
const addresses = Array.from({ length: unreadCrowd.clients }, (_, i) => `127.0.${1 + (i >> 7)}.${1 + (i & 127)}`);
/** The number of clients that ask at once, few enough that each gets its answer. */
const atOnce = 4;
/** Milliseconds until a refused client asks again; and until no more clients begin. */
const patience = 500;
const placing = 30_000;

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

/** @param like a request of the same user, whose question is replaced. */
export function askForLong(like: BenchRequest): BenchRequest {
  const { lists, tasks } = unreadCrowd;
  const fields = Array.from({ length: lists }, (_, i) => `l${i}: tasks(first: ${tasks}) { nodes { description } }`);
  return { ...like, body: JSON.stringify({ query: `{ ${fields.join(' ')} }` }) };
}

export interface Unreading {
  /** How many clients were answered. */
  readonly clients: number;
  end(): void;
}

/** Resolves when every answer has begun, or after a time, because the server may refuse some. */
export async function leaveUnread(url: string, request: BenchRequest): Promise<Unreading> {
  const sockets: Socket[] = [];
  const left = [...addresses];
  const until = performance.now() + placing;
  async function client(): Promise<void> {
    while (left.length > 0 && performance.now() < until) {
      const address = left.pop() as string;
      const socket = await answered(url, request, address);
      if (socket) sockets.push(socket);
      else {
        left.push(address);
        await sleep(patience);
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, client));
  return {
    clients: sockets.length,
    end: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/**
 * Reads only the first bytes.
 * @returns null if it was refused.
 */
async function answered(
  url: string,
  { method, path, headers, body = '' }: BenchRequest,
  localAddress: string,
): Promise<Socket | null> {
  const { hostname: host, port } = new URL(url);
  const socket = connect({ host, port: Number(port), localAddress });
  const lines = Object.entries({ host: `${host}:${port}`, ...headers, 'content-length': Buffer.byteLength(body) });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.write(`${method} ${path} HTTP/1.1\r\n${head}\r\n${body}`);
  await once(socket, 'readable');
  // The server may cut it.
  socket.on('error', () => {});
  const status = String(socket.read(12)).slice(9);
  if (status === '200') return socket;
  socket.destroy();
  if (status !== '503') throw new Error(`a wrong answer: ${status}`);
  return null;
}
