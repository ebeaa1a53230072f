/** Where passwords wait to be hashed: what costs much has a lane of its own, so that nobody else waits behind it. */
import pLimit from 'p-limit';
import { TooManyRequestsError } from '../../errors.ts';

/** Starts `job`, which costs so much work (see `workOf`), when it has its turn. */
export type HashLanes = <Result>(work: number, job: () => Promise<Result>) => Promise<Result>;

/** What the ordinary lane takes at least: bcrypt of cost 12, which most imported hashes have. */
const ordinaryWork = 2 ** 12;

/** What the other lane takes at once, its queue included: two times bcrypt of cost 15, some seconds. */
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
