/**
 * Queues of passwords that wait to be hashed. Expensive hashes have a lane of their own, so that others do not wait
 * behind them.
 */
import pLimit from 'p-limit';
import { TooManyRequestsError } from '../../errors.ts';

/** Starts `job` at its turn. `work`: its cost (see `workOf`). */
export type HashLanes = <Result>(work: number, job: () => Promise<Result>) => Promise<Result>;

/** The ordinary lane accepts at least this much work: bcrypt of cost 12, which most imported hashes have. */
const ordinaryWork = 2 ** 12;

/** The most work in the other lane, queue included: twice bcrypt of cost 15, some seconds. */
const heavyWork = 2 ** 16;

/** Seconds. */
const retryAfter = 5;

/** @param today the work of a hash that is made now; it is ordinary, whatever it costs. */
export function hashLanes(maxConcurrent: number, today: number): HashLanes {
  const ordinary = pLimit(maxConcurrent);
  const heavy = pLimit(1);
  let taken = 0;

  return async (work, job) => {
    if (work <= Math.max(ordinaryWork, today)) return await ordinary(job);
    if (taken > 0 && taken + work > heavyWork) {
      throw new TooManyRequestsError('Too many people are signing in. Try again in a moment.', retryAfter);
    }
    taken += work;
    try {
      return await heavy(job);
    } finally {
      taken -= work;
    }
  };
}
