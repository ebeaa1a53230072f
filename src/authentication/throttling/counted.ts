/** Counts attempts before any work is done, and tells the security log of a reached limit. */
import { recordEvent } from '../../audit/audit.service.ts';
import type { RequestInfo } from '../../audit/request-info.ts';
import type { EntityManager } from '../../database/database.ts';
import { ThrottledError } from './throttle.ts';

/**
 * Waits until an attempt is counted. Call it outside transactions.
 *
 * @throws TooManyRequestsError if it is one too many. The security log is told once in a window.
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
