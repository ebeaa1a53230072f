/** The password of an attempt that is counted. */
import type { Place, Verification } from '../passwords/password-hash.ts';
import type { Attempt } from '../throttling/throttle.ts';

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
