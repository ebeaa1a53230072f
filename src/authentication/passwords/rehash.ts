/** Password hashes that are brought up to date at a sign-in, the one moment when the password is at hand. */
import type { EntityManager } from '../../database/database.ts';
import { type AccountCredentials, replacePasswordHash } from '../../users/user.accounts.ts';
import type { Place } from './password-hash.ts';

/**
 * Stores a hash as it is made today, unless the password has been changed since it was verified. Call it after
 * `verify` answered `needsRehash`, with the account as it was read for that.
 */
export async function rehash(
  em: EntityManager,
  place: Place,
  { id, passwordHash }: Pick<AccountCredentials, 'id' | 'passwordHash'>,
  password: string,
): Promise<void> {
  await replacePasswordHash(em, { id, from: passwordHash, to: await place.hash(password) });
}
