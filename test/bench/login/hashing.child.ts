/** The argon2 library alone, in a process of its own: a given number of hashes at once, for some milliseconds. */
import argon2 from 'argon2';
import { answer } from '../child.ts';

export interface HashingQuestion {
  readonly memoryKib: number;
  readonly passes: number;
  readonly atOnce: number;
  readonly milliseconds: number;
}

export interface HashingReply {
  /** Hashes a second. */
  readonly perSecond: number;
  /** Processor seconds of this process for each hash. */
  readonly processor: number;
}

answer<HashingQuestion, HashingReply>(async ({ memoryKib, passes, atOnce, milliseconds }) => {
  const settings = { type: argon2.argon2id, memoryCost: memoryKib, timeCost: passes, parallelism: 1 } as const;
  const hash = await argon2.hash('the first', settings);
  if (!hash.startsWith('$argon2id$') || argon2.needsRehash(hash, settings)) throw new Error(`a wrong hash: ${hash}`);

  const before = process.cpuUsage();
  const started = performance.now();
  let hashes = 0;
  let last = started;
  const chain = async (): Promise<void> => {
    while (performance.now() - started < milliseconds) {
      await argon2.hash('the quick brown bench 7', settings);
      hashes++;
      last = performance.now();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, chain));
  const { user, system } = process.cpuUsage(before);
  return { perSecond: (hashes * 1000) / (last - started), processor: (user + system) / 1e6 / hashes };
});
