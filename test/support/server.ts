/**
 * Servers for end-to-end tests.
 *
 * `startTestServer` runs the real server in this process, on a free port and a database of its own; `spawnServer`
 * runs it as a process, as an operator would. See test/support/personas.ts for who asks them.
 *
 *     const server = await startTestServer();
 *     const ada = await asUser(server);
 *     const { data, errors, status } = await ada.ask('{ me { username } }');
 *     await server.close();
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type DocumentNode, type GraphQLFormattedError, print } from 'graphql';
import { inject } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import type { Database } from '../../src/database/database.ts';
import type { Server } from '../../src/server/app.ts';
import { createLogger } from '../../src/server/http/logging.ts';
import { type StartOptions, startServer } from '../../src/server/start.ts';
import { type TestDatabase, testDatabases } from './database.ts';

export const administrator = { username: 'admin', password: 'correct horse battery staple' };

export interface TestServer {
  /** Such as `http://127.0.0.1:49152`. GraphQL is at `/graphql`. */
  readonly url: string;
  readonly database: Database;
  readonly server: Server;
  /** Every log line so far, parsed. */
  logs(): Record<string, unknown>[];
  close(): Promise<void>;
}

export interface TestServerOptions extends Pick<StartOptions, 'plugins' | 'hooks'> {
  /** Uses the database and the secret of this server. Close this one later; `env` must name the shared secret. */
  beside?: TestServer;
  /** One of `testDatabases()`. Default: the first. */
  database?: TestDatabase;
  /** Added to the environment that tests need: see src/config/config.ts for the keys. */
  env?: Record<string, string>;
  /** The clock. */
  now?: () => Date;
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const lines: string[] = [];
  const dataDir = mkdtempSync(join(tmpdir(), 'gatewright-data-'));
  const config = loadConfig({ DATA_DIR: dataDir, ...testEnvironment(), ...options.env });
  const [first] = testDatabases();
  const database = options.beside?.database ?? (await (options.database ?? (first as TestDatabase)).open());
  const server = await startServer(config, {
    database,
    print: () => {},
    log: createLogger(config, { write: (line: string) => void lines.push(line) }),
    ...(options.now && { now: options.now }),
    plugins: options.plugins,
    hooks: options.hooks,
  });
  return {
    url: server.url,
    database,
    server,
    logs: () => lines.map((line) => JSON.parse(line)),
    close: async () => {
      await server.stop();
      if (!options.beside) await database.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}

function testEnvironment(): Record<string, string> {
  return {
    NODE_ENV: 'test',
    EMBEDDED_DATABASE: 'yes',
    PORT: '0',
    JWT_SECRET: randomBytes(32).toString('base64'),
    ADMIN_USERNAME: administrator.username,
    ADMIN_PASSWORD: administrator.password,
    MAX_REQUESTS_IN_FLIGHT: manyAtOnce,
    ...unthrottled,
  };
}

/** Tests send much at once, to machines that may be slow, so no request may be refused for that. */
const manyAtOnce = '1000';

/** A suite sends more from one address than people do. */
const unthrottled = {
  THROTTLE_LOGIN_PAIR: '1000000/1m',
  THROTTLE_LOGIN_ACCOUNT: '1000000/1m',
  THROTTLE_LOGIN_ADDRESS: '1000000/1m',
  THROTTLE_REGISTER_ADDRESS: '1000000/1m',
  THROTTLE_REFRESH_ADDRESS: '1000000/1m',
  THROTTLE_REFRESH_SESSION: '1000000/1m',
  THROTTLE_PROFILE_ACCOUNT: '1000000/1m',
};

export interface SpawnedServer {
  readonly url: string;
  readonly process: ChildProcess;
  /** Its output so far. */
  output(): { stdout: string; stderr: string };
  /** Sends a signal; resolves when the process has ended. */
  end(signal?: NodeJS.Signals): Promise<Exit>;
  readonly exited: Promise<Exit>;
}

export interface SpawnOptions {
  /** Starts it through a shell that waits for it, as npm does. `process` is then the shell. */
  byShell?: boolean;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/**
 * Starts the server as a process in a directory of its own, which is removed at the end. Resolves when it prints `ready
 * on`. Without DATABASE_URL and DATA_DIR in `env`, it finds an empty, migrated, embedded database.
 *
 * @throws Error with all its output, if the process ends before it is ready.
 */
export async function spawnServer(
  env: Record<string, string> = {},
  { byShell = false }: SpawnOptions = {},
): Promise<SpawnedServer> {
  const base = {
    PORT: '0',
    ADMIN_PASSWORD: administrator.password,
    MAX_REQUESTS_IN_FLIGHT: manyAtOnce,
    ...(!env.DATABASE_URL && { EMBEDDED_DATABASE: 'yes' }),
  };
  const { child, exited, output } = launch({ ...base, ...env }, byShell);
  const ready = Promise.withResolvers<string>();
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    const url = /^ready on (\S+)$/.exec(line)?.[1];
    if (url) ready.resolve(url);
  });
  const early = exited.then(({ code, stdout, stderr }): never => {
    throw new Error(`The server ended with ${code} before it was ready.\n${stdout}\n${stderr}`);
  });
  early.catch(() => {});
  return {
    url: await Promise.race([ready.promise, early]),
    process: child,
    output,
    exited,
    end: (signal = 'SIGTERM') => {
      child.kill(signal);
      return exited;
    },
  };
}

/** Starts a server that should end by itself. Resolves when it has ended. */
export function runServer(env: Record<string, string> = {}): Promise<Exit> {
  return launch({ PORT: '0', ...env }).exited;
}

const mainFile = join(import.meta.dirname, '../../src/main.ts');

function launch(env: Record<string, string>, byShell = false) {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-server-'));
  if (!env.DATABASE_URL && !env.DATA_DIR) unpackDatabase(join(directory, '.data/postgresql'));
  const [file, args] = byShell
    ? ['sh', ['-c', `'${process.execPath}' '${mainFile}'; exit`]]
    : [process.execPath, [mainFile]];
  const child = spawn(file, args, {
    cwd: directory,
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      rmSync(directory, { recursive: true, force: true });
      resolve({ code, signal, stdout, stderr });
    });
  });
  return { child, exited, output: () => ({ stdout, stderr }) };
}

/** Saves the seconds that a new database takes. */
function unpackDatabase(directory: string): void {
  mkdirSync(directory, { recursive: true });
  execFileSync('tar', ['-xf', inject('snapshot'), '-C', directory], { stdio: 'pipe' });
}

export interface Answer<Data> {
  status: number;
  headers: Headers;
  data: Data | null | undefined;
  /** Empty if there are none. */
  errors: GraphQLFormattedError[];
  /** The codes of the errors, in their order. */
  codes: unknown[];
}

export interface AskOptions {
  /** Sent as `Authorization: Bearer …`. */
  token?: string | null | undefined;
  headers?: Record<string, string>;
  operationName?: string;
}

/** Sends one operation by POST. A typed document types `variables` and `data`. */
// biome-ignore lint/suspicious/noExplicitAny: an untyped query's data is what the test says it is.
export async function graphql<Data = any, Variables = Record<string, unknown>>(
  url: string,
  query: string | DocumentNode | TypedDocumentNode<Data, Variables>,
  variables?: Variables,
  { token, headers, operationName }: AskOptions = {},
): Promise<Answer<Data>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...(token && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify({ query: typeof query === 'string' ? query : print(query), variables, operationName }),
  });
  const { data, errors = [] } = (await response.json()) as { data?: Data | null; errors?: GraphQLFormattedError[] };
  return {
    status: response.status,
    headers: response.headers,
    data,
    errors,
    codes: errors.map(({ extensions }) => extensions?.code),
  };
}
