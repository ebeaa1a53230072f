/**
 * Gives one process a data directory. The embedded database has no lock of its own, and two processes on it lose rows
 * without notice.
 *
 * The operating system holds the lock for this process. So the lock also works between containers that share the
 * directory. Two processes never have it, and it is free once its holder ends, however that ends. SQLite, which is
 * part of Node, knows how each system locks a file. Nothing is written to the file.
 */
import { accessSync, closeSync, constants, openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeDirectory } from './directory.ts';

export class DataDirectoryLockedError extends Error {}

/** This Set keeps the locks from being collected as garbage, which would give them up. */
const held = new Set<DatabaseSync>();

/** SQLite's result codes. */
const busy = 5;
const notItsOwn = 26;

/**
 * Takes the lock of `directory`, and makes the directory if need be. It does not wait, but refuses at once if the lock
 * is held.
 *
 * @returns a function that gives the lock back.
 * @throws DataDirectoryLockedError if a running process holds the lock, or may hold it, or if its file is not
 * writable.
 * @throws the system's error if the directory cannot be used.
 */
export function lockDirectory(directory: string): () => void {
  makeDirectory(directory);
  const file = join(directory, 'lock');
  const inode = writable(file);
  freeEarlier(file);
  const lock = new DatabaseSync(file);
  try {
    lock.exec('begin exclusive');
    if (statSync(file).ino !== inode) throw new DataDirectoryLockedError(`${file} was replaced just now. Start again.`);
  } catch (error) {
    lock.close();
    const { errcode } = error as { errcode?: number };
    if (errcode === busy) throw new DataDirectoryLockedError(inUse(directory));
    if (errcode === notItsOwn)
      throw new DataDirectoryLockedError(`${file} is no lock of this version. ${stopIt(file)}`);
    throw error;
  }
  held.add(lock);
  return () => {
    if (held.delete(lock)) lock.close();
  };
}

/**
 * Makes the file unless it exists. An existing file is not opened, because closing it would give up a lock of this
 * process. It must be writable: two processes could both lock a file that they can only read.
 *
 * @returns the inode of the file.
 */
function writable(file: string): number {
  try {
    closeSync(openSync(file, 'ax'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') throw error;
  }
  try {
    accessSync(file, constants.W_OK);
    const found = statSync(file);
    if (found.isFile()) return found.ino;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new DataDirectoryLockedError(
      `The lock ${file} cannot be written (${code}). Let this account write it, or remove it if no server is running.`,
    );
  }
  throw new DataDirectoryLockedError(`The lock ${file} is no file. Remove it.`);
}

/**
 * An earlier version wrote its process number here. The file is emptied and not removed, because another process may
 * hold it.
 */
function freeEarlier(file: string): void {
  if (statSync(file).size === 0) return;
  const pid = /^\{"pid":([1-9]\d{0,9})[,}]/.exec(readFileSync(file, 'utf8'))?.[1];
  if (pid === undefined) return;
  if (isRunning(Number(pid))) {
    throw new DataDirectoryLockedError(`${file} is an earlier version's lock, of process ${pid}. ${stopIt(file)}`);
  }
  truncateSync(file);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function inUse(directory: string): string {
  return (
    `The data directory ${directory} is in use by another process, or another container. ` +
    'The embedded database serves one process: stop that one, set DATA_DIR to another directory, ' +
    'or set DATABASE_URL to use a PostgreSQL server.'
  );
}

function stopIt(file: string): string {
  return `Stop the server that holds it. If none is running, remove ${file}.`;
}
