/** Attempts at passwords and tokens: counted before any work is done, and told to the security log where a limit is reached. */
import { recordEvent } from '../../audit/audit.service.ts';
import type { RequestInfo } from '../../audit/request-info.ts';
import type { EntityManager } from '../../database/connection.ts';
import { networkOf } from '../../network.ts';
import type { Place, Verification } from '../passwords/password-hash.ts';
import { type Attempt, ThrottledError } from '../throttling/throttle.ts';

/** What attempts of a request are counted by. */
export function networkOfRequest({ address }: RequestInfo): string {
  return networkOf(address);
}

/**
 * Waits until an attempt is counted. Not inside a transaction.
 *
 * @throws TooManyRequestsError if it is one too many: told to the security log once in a window.
 */
export async function counted<Counted>(
  em: EntityManager,
  counting: Promise<Counted>,
  request: RequestInfo,
): Promise<Counted> {
  try {
    return await counting;
  } catch (error) {
    if (error instanceof ThrottledError && error.block) {
      const { limit, accountId } = error.block;
      await recordEvent(em, request, { type: 'THROTTLED', subjectId: accountId, detail: limit });
    }
    throw error;
  }
}

/**
 * Looks at the password of an attempt that is counted; one that nobody could look at is taken back.
 *
 * @throws TooManyRequestsError if too many passwords are being hashed.
 */
export async function verifyIn(
  attempt: Attempt,
  place: Place,
  { passwordHash, password }: { passwordHash: string | null; password: string },
): Promise<Verification> {
  try {
    return await place.verify(passwordHash, password);
  } catch (error) {
    await attempt.withdrawn();
    throw error;
  }
}
