import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { constants, getPriority } from 'node:os';
import { expect, it } from 'vitest';
import { createPasswordHasher } from '../../../../src/authentication/passwords/password-hash.ts';
import { lowerHashThreads } from '../../../../src/server/overload/hash-priority.ts';

const cost = { memoryCost: 1024, timeCost: 2, parallelism: 1, maxConcurrent: 1, maxWaiting: 0 };

/** By name: the nice values of this process's threads. Field 19 of /proc/PID/task/TID/stat. */
function threads(): [name: string, nice: number][] {
  return readdirSync('/proc/self/task').map((id) => {
    const read = (file: string) => readFileSync(`/proc/self/task/${id}/${file}`, 'utf8');
    const stat = read('stat');
    return [read('comm').trim(), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])];
  });
}

it.runIf(existsSync('/proc/self/task'))('threads that hash passwords yield to the one that answers', async () => {
  await createPasswordHasher(cost).hash('a password');
  const before = getPriority(process.pid);
  expect(lowerHashThreads()).toBe(4);
  const hashing = threads().filter(([name]) => name === 'libuv-worker');
  expect(hashing).toEqual(Array(4).fill(['libuv-worker', constants.priority.PRIORITY_BELOW_NORMAL]));
  expect(getPriority(process.pid)).toBe(before);
  expect(before).toBeLessThan(constants.priority.PRIORITY_BELOW_NORMAL);
});
