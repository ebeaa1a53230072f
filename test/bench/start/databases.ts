/** Both databases: empty, and filled with what the measurements ask for. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Cleanup } from '../login/cleanup.ts';
import { createClient } from '../login/client.ts';
import { createDatabase, type DatabaseServer } from '../login/database.ts';
import { checkDone, newTask, registration, sessionOf } from '../login/operations.ts';
import { throttles } from '../login/settings.ts';
import { tasks } from './operations.ts';
import { start } from './started.ts';

export const kinds = ['embedded', 'postgresql'] as const;
export type Kind = (typeof kinds)[number];

export interface Databases {
  /** The environment of a server on a database on which none has started. */
  empty(kind: Kind): Promise<Record<string, string>>;
  /** The environment of a server on the filled database, always the same one. */
  readonly filled: Readonly<Record<Kind, Filled>>;
}

export interface Filled {
  readonly environment: Readonly<Record<string, string>>;
  /** An access token of an account with as many tasks as `list` asks for. */
  readonly reader: string;
  /** An access token of another account. */
  readonly writer: string;
}

/** @param directory an installation. */
export async function makeDatabases(
  directory: string,
  postgresql: DatabaseServer,
  cleanup: Cleanup,
): Promise<Databases> {
  const environment = {
    HOST: '127.0.0.1',
    PORT: '0',
    PUBLIC_URL: 'http://bench.example',
    JWT_SECRET: randomBytes(48).toString('base64'),
    ADMIN_PASSWORD: randomBytes(24).toString('base64url'),
    // Longer than the benchmark takes.
    ACCESS_TOKEN_TTL: '1d',
    ...throttles,
  };
  const empty = async (kind: Kind): Promise<Record<string, string>> => {
    const dataDir = mkdtempSync(join(directory, 'data-'));
    cleanup.add('a directory is left over', () => rmSync(dataDir, { recursive: true, force: true }));
    return {
      ...environment,
      DATA_DIR: dataDir,
      ...(kind === 'postgresql'
        ? { DATABASE_URL: await createDatabase(postgresql, cleanup) }
        : { EMBEDDED_DATABASE: 'yes' }),
    };
  };
  const fill = async (kind: Kind): Promise<Filled> => {
    const environment = await empty(kind);
    const server = await start({ script: 'start', directory, environment, token: null }, cleanup);
    const client = createClient(server.url);
    try {
      const register = async (name: string): Promise<string> => {
        const reply = await client.send(registration(name, `${name}@bench.example`, 'the quick brown bench 7'));
        return sessionOf(reply).accessToken;
      };
      const [reader, writer] = [await register('reader'), await register('writer')];
      for (let task = 0; task < tasks; task++) checkDone(await client.send(newTask(`Task ${task}`), reader));
      return { environment, reader, writer };
    } finally {
      client.close();
      await server.end();
    }
  };
  return { empty, filled: { embedded: await fill('embedded'), postgresql: await fill('postgresql') } };
}
