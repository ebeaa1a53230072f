/**
 * Protects the embedded database from a full disk. If its write-ahead log finds no room, PostgreSQL gives up (PANIC).
 * Within this process that is an endless loop: nothing is answered, and no signal is heard. So the database stops
 * writing before that, and still reads. Source: PostgreSQL, "Disk Full Failure", default_transaction_read_only.
 */
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddedPglite } from './renewal.ts';

/** Some segments of the log, of 16 MiB each. PostgreSQL allocates a segment as a whole. */
export const reserve = 64 * 1024 * 1024;
/** Writes begin again only when there is this much room, so that it lasts for a while. */
const wanted = 2 * reserve;

const interval = 100;

/** The least number of files that the disk must still be able to hold. */
const reservedFiles = 256;

/** Free bytes where `dataDir` holds the data, on the fullest of its disks; 0 if few more files can be made. */
export async function roomOf(dataDir: string): Promise<number> {
  const parts = ['postgresql', 'postgresql/pg_wal'].map((part) => freeIn(join(dataDir, part)).catch(unlessMissing));
  return Math.min(await freeIn(dataDir), ...(await Promise.all(parts)));
}

async function freeIn(directory: string): Promise<number> {
  const { bavail, bsize, files, ffree } = await statfs(directory);
  // Some file systems make room for files on demand, and report 0.
  return files > 0 && ffree < reservedFiles ? 0 : bavail * bsize;
}

function unlessMissing(error: NodeJS.ErrnoException): number {
  if (error.code === 'ENOENT') return Number.POSITIVE_INFINITY;
  throw error;
}

/**
 * Makes the database refuse writes, with 25006, while there is less room than `reserve`.
 *
 * @returns a function that ends the watch.
 */
export function keepRoom(database: Pick<EmbeddedPglite, 'query'>, room: () => Promise<number>): () => Promise<void> {
  let isStopped = false;
  let isShort = false;
  let timer: NodeJS.Timeout | undefined;
  let looking = Promise.resolve();

  async function look(): Promise<void> {
    const isNowShort = (await room()) < (isShort ? wanted : reserve);
    // The setting is repeated while room is short, because a renewed session does not have it.
    if ((!isNowShort && !isShort) || isStopped) return;
    // This waits for the current transaction. The setting is for those that begin after it.
    await database.query(`set default_transaction_read_only = ${isNowShort ? 'on' : 'off'}`);
    isShort = isNowShort;
  }

  function lookAgain(): void {
    looking = look().catch(() => {});
    void looking.then(() => {
      if (!isStopped) timer = setTimeout(lookAgain, interval).unref();
    });
  }

  lookAgain();
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await looking;
  };
}
