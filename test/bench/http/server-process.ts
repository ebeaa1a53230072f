/** A server of the comparison, as a process of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Cleanup } from '../login/cleanup.ts';
import { throttles } from '../login/settings.ts';
import type { Contestant, ServerEnvironment } from './contestant.ts';
import { audience, issuer, type World } from './world.ts';

type Variables = Readonly<Record<string, string>>;

export interface ServerProcess {
  readonly url: string;
  /** Seconds of processor time of all threads. */
  processorSeconds(): number;
  /** MiB resident now. */
  memory(): number;
  /** Its error output, or that it has ended; null if all is well. */
  complaint(): string | null;
}

/** The environment of all servers in a comparison. */
export function environmentOf({ databaseUrl, secret }: World, poolSize: number): ServerEnvironment & Variables {
  return {
    ...{ NODE_ENV: 'production', PORT: '0', PUBLIC_URL: issuer, DATABASE_URL: databaseUrl },
    ...{ POOL_SIZE: String(poolSize), DATABASE_POOL_SIZE: String(poolSize), ACCESS_TOKEN_TTL: '24h' },
    ...{ JWT_ALGORITHM: 'HS256', JWT_SECRET: secret, JWT_ISSUER: issuer, JWT_AUDIENCE: audience },
  };
}

/** @throws Error with its output, if it ends before it is ready. */
export async function startServer(
  { module, name, flags = [], variables }: Contestant,
  environment: ServerEnvironment,
  cleanup: Cleanup,
): Promise<ServerProcess> {
  // A directory of its own, so that it finds no `.env`.
  const cwd = mkdtempSync(join(tmpdir(), 'gatewright-bench-'));
  cleanup.add('a directory is left over', () => rmSync(cwd, { recursive: true, force: true }));
  const output = join(cwd, 'output');
  const child = spawn(process.execPath, [...flags, fileURLToPath(module)], {
    cwd,
    env: {
      PATH: process.env.PATH ?? '',
      npm_lifecycle_event: 'bench',
      HOST: '127.0.0.1',
      ...throttles,
      ...variables,
      ...environment,
    },
    // Its log goes to a file, as in practice, so that no process spends time reading it.
    stdio: ['ignore', openSync(output, 'w'), 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  cleanup.add(`${name} has not ended`, async () => {
    child.kill();
    await exited;
  });
  let complaints = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(0, 10_000);
  });
  const early = exited.then((code): never => {
    throw new Error(`${name} ended with ${code}.\n${complaints.slice(0, 1000)}`);
  });
  early.catch(() => {});
  const url = await Promise.race([readyIn(output), early]);
  const status = (file: string): string => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
  return {
    url,
    processorSeconds: () => {
      // Linux counts in hundredths of a second. Source: proc_pid_stat(5).
      const numbers = status('stat').split(') ').at(-1)?.split(' ').map(Number) ?? [];
      return ((numbers[11] as number) + (numbers[12] as number)) / 100;
    },
    memory: () => Number(/VmRSS:\s+(\d+)/.exec(status('status'))?.[1]) / 1024,
    complaint: () =>
      child.exitCode === null ? null : `${name} ended with ${child.exitCode}.\n${complaints.slice(0, 1000)}`,
  };
}

async function readyIn(output: string): Promise<string> {
  for (;;) {
    const url = /^ready on (\S+)$/m.exec(readFileSync(output, 'utf8'))?.[1];
    if (url) return url;
    await sleep(50);
  }
}
