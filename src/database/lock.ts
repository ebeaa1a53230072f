/**
 * One process on one data directory: the embedded database has no lock of its own, and two processes on it
 * lose rows without a word. The lock is a file that names its holder; the file of a holder that has died
 * (kill -9, power loss) is recovered.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from './directory.ts';

export class DataDirectoryLockedError extends Error {}

interface Holder {
  pid: number;
  /** Clock ticks from boot to the start of the process, where the system tells; it tells a reused pid. */
  started: string | null;
}

/**
 * Takes the lock of `directory`, and makes the directory if need be.
 *
 * @returns a function that gives the lock back.
 * @throws DataDirectoryLockedError if a running process holds it.
 */
export function lockDirectory(directory: string): () => void {
  makeDirectory(directory);
  const file = join(directory, 'lock');
  const own = JSON.stringify({ pid: process.pid, started: startOf(process.pid) } satisfies Holder);
  for (let attempt = 0; attempt < 10; attempt++) {
    try {
      writeFileSync(file, own, { flag: 'wx' });
      return () => {
        if (read(file) === own) rmSync(file, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const found = read(file);
    const holder = parse(found);
    if (holder && isRunning(holder)) {
      throw new DataDirectoryLockedError(
        `The data directory ${directory} is in use by process ${holder.pid}. ` +
          'The embedded database serves one process: stop that one, set DATA_DIR to another directory, ' +
          'or set DATABASE_URL to use a PostgreSQL server.',
      );
    }
    removeStale(file, found);
  }
  throw new DataDirectoryLockedError(`The lock ${file} could not be taken. Remove it if no server is running.`);
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function parse(text: string | null): Holder | null {
  try {
    const holder = JSON.parse(text ?? '') as Holder;
    return Number.isInteger(holder.pid) && holder.pid > 0 ? holder : null;
  } catch {
    return null;
  }
}

function isRunning(holder: Holder): boolean {
  // This process has just begun to ask, so a lock under its own number is an earlier process's.
  if (holder.pid === process.pid) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const started = startOf(holder.pid);
  return started === null || holder.started === null || started === holder.started;
}

/** Moves the stale file aside first: of two processes that recover at once, one sees that it took a fresh lock. */
function removeStale(file: string, found: string | null): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (read(aside) === found) rmSync(aside, { force: true });
  else renameSync(aside, file);
}

/** Field 22 of /proc/PID/stat, counted after the command's closing parenthesis. */
function startOf(pid: number): string | null {
  const stat = read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}
