/**
 * The embedded database on a disk that fills up. Where its write-ahead log finds no room, PostgreSQL gives up (PANIC), and
 * within this process that is an endless loop: nothing is answered, and no signal is heard. So it writes no more before
 * it comes to that, and reads on. Source: PostgreSQL, "Disk Full Failure", default_transaction_read_only.
 */
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddedPglite } from './renewal.ts';

/** Some segments of the log, of 16 MiB each: it takes the next one as a whole. */
export const reserve = 64 * 1024 * 1024;
/** Room that is made must last for a while. */
const wanted = 2 * reserve;

const interval = 100;

/** Files that can still be made, at the least. */
const reservedFiles = 256;

/** Bytes that are free where the data lie in `dataDir`, on the fullest of its disks; 0 where few more files can be made. */
export async function roomOf(dataDir: string): Promise<number> {
  const parts = ['postgresql', 'postgresql/pg_wal'].map((part) => freeIn(join(dataDir, part)).catch(unlessMissing));
  return Math.min(await freeIn(dataDir), ...(await Promise.all(parts)));
}

async function freeIn(directory: string): Promise<number> {
  const { bavail, bsize, files, ffree } = await statfs(directory);
  // Some file systems make room for files as they need it, and say 0.
  return files > 0 && ffree < reservedFiles ? 0 : bavail * bsize;
}

function unlessMissing(error: NodeJS.ErrnoException): number {
  if (error.code === 'ENOENT') return Number.POSITIVE_INFINITY;
  throw error;
}

/**
 * Has the database refuse writes, with 25006, while there is less room than `reserve`.
 *
 * @returns a function that ends it.
 */
export function keepRoom(database: Pick<EmbeddedPglite, 'query'>, room: () => Promise<number>): () => Promise<void> {
  let isStopped = false;
  let isShort = false;
  let timer: NodeJS.Timeout | undefined;
  let looking = Promise.resolve();

  async function look(): Promise<void> {
    const isNowShort = (await room()) < (isShort ? wanted : reserve);
    // Again while it is short: a session that was opened anew does not know.
    if ((!isNowShort && !isShort) || isStopped) return;
    // It waits for the transaction that is under way: the setting is for those that begin after it.
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
