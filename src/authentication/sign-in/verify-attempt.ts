/** Verifies the password of a counted attempt. */
import type { HashingSlot, Verification } from '../passwords/password-hash.ts';
import type { Attempt } from '../throttling/throttle.ts';

/**
 * Verifies the password of a counted attempt. Withdraws the attempt if there was no slot to hash the password.
 *
 * @throws TooManyRequestsError if too many passwords are being hashed.
 */
export async function verifyIn(
  attempt: Attempt,
  slot: HashingSlot,
  { passwordHash, password }: { passwordHash: string | null; password: string },
): Promise<Verification> {
  try {
    return await slot.verify(passwordHash, password);
  } catch (error) {
    await attempt.withdrawn();
    throw error;
  }
}
