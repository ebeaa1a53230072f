/** Verifies the password of a counted attempt. */
import type { Place, Verification } from '../passwords/password-hash.ts';
import type { Attempt } from '../throttling/throttle.ts';

/**
 * Verifies the password of a counted attempt. Withdraws the attempt if there was no place to hash the password.
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
