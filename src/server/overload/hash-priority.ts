/**
 * Whoever reads comes before whoever signs in: the threads that hash passwords yield to the one that answers.
 * Source: setpriority(2), which on Linux is of one thread.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

const tasks = '/proc/self/task';

/**
 * Lowers the priority of the threads of libuv's pool, in which passwords are hashed, and which begin with the first
 * work that they are given. They lose nothing while a processor is free.
 *
 * @returns how many there are; 0 where the system does not tell.
 */
export function lowerHashThreads(): number {
  let lowered = 0;
  try {
    for (const id of readdirSync(tasks)) {
      if (readFileSync(`${tasks}/${id}/comm`, 'utf8').trim() !== 'libuv-worker') continue;
      setPriority(Number(id), constants.priority.PRIORITY_BELOW_NORMAL);
      lowered++;
    }
  } catch {
    // Without it readers wait longer in a storm of sign-ins, and nothing else.
  }
  return lowered;
}
