/**
 * One process on one data directory: the embedded database has no lock of its own, and two processes on it lose rows
 * without a word. The operating system holds the lock for this process. So it holds between containers that share the
 * directory, two never have it, and it is free the moment that its holder ends, however that ends.
 * SQLite, which is part of Node, knows how each system locks a file. Nothing is written to the file.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeDirectory } from './directory.ts';

export class DataDirectoryLockedError extends Error {}

/** Named here, so that none is collected as garbage, and given up by that. */
const held = new Set<DatabaseSync>();

/** SQLite's result codes. */
const busy = 5;
const notItsOwn = 26;

/**
 * Takes the lock of `directory`, and makes the directory if need be.
 *
 * @returns a function that gives the lock back.
 * @throws DataDirectoryLockedError if a running process holds it, or may do so.
 * @throws the system's error if the directory cannot be used.
 */
export function lockDirectory(directory: string): () => void {
  makeDirectory(directory);
  const file = join(directory, 'lock');
  const lock = new DatabaseSync(file);
  try {
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    const { errcode } = error as { errcode?: number };
    if (errcode === busy) throw new DataDirectoryLockedError(inUse(directory));
    if (errcode === notItsOwn)
      throw new DataDirectoryLockedError(`${file} is an earlier version's lock. ${stopIt(file)}`);
    throw error;
  }
  held.add(lock);
  return () => {
    if (held.delete(lock)) lock.close();
  };
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
