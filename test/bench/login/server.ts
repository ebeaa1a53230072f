/** The measured server: src/main.ts, as a process of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Cleanup } from './cleanup.ts';

export interface MeasuredServer {
  /** Such as `http://127.0.0.1:49152`. */
  readonly url: string;
  /** Its processor seconds so far; null if the system does not tell. */
  processorSeconds(): number | null;
  /** Its logged errors, or that it has ended; null if all is well. */
  complaint(): string | null;
}

const mainFile = join(import.meta.dirname, '../../../src/main.ts');

/**
 * Ends with the benchmark.
 * @throws Error with its output, if it ends before it is ready.
 */
export async function startServer(
  environment: Readonly<Record<string, string>>,
  cleanup: Cleanup,
): Promise<MeasuredServer> {
  // A directory of its own, so that it finds no `.env`.
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-bench-'));
  cleanup.add('a directory is left over', () => rmSync(directory, { recursive: true, force: true }));
  const child = spawn(process.execPath, [mainFile], {
    cwd: directory,
    // As under npm, so that it also ends if this process is killed.
    env: { PATH: process.env.PATH ?? '', npm_lifecycle_event: 'bench:login', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  cleanup.add('the server has not ended', async () => {
    child.kill();
    await exited;
  });

  const complaints: string[] = [];
  const ready = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const url = /^ready on (\S+)$/.exec(line)?.[1];
    if (url) ready.resolve(url);
    // At LOG_LEVEL=error each log line is an error; the start-up text is not JSON.
    else if (line.startsWith('{')) complaints.push(line);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => void complaints.push(text.trim()));
  const early = exited.then((code): never => {
    throw new Error(`The server ended with ${code}.\n${complaints.slice(0, 5).join('\n')}`);
  });
  early.catch(() => {});
  const url = await Promise.race([ready.promise, early]);
  return {
    url,
    processorSeconds: () => processorSecondsOf(child.pid),
    complaint: () => {
      const { exitCode, signalCode } = child;
      const end = exitCode === null && signalCode === null ? [] : [`The server ended with ${exitCode ?? signalCode}.`];
      return [...end, ...complaints.slice(0, 5)].join('\n') || null;
    },
  };
}

/** Linux counts in hundredths of a second for programs, whatever it uses internally. Source: proc_pid_stat(5). */
const ticks = 100;

function processorSecondsOf(pid: number | undefined): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, a name in brackets, may hold any character. The 14th and 15th are user and system time.
    const numbers = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return ((numbers[11] as number) + (numbers[12] as number)) / ticks;
  } catch {
    return null;
  }
}
