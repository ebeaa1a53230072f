/** Password hashes that are brought up to date at a sign-in, the one moment when the password is at hand. */
import type { EntityManager } from '../database/connection.ts';
import { TooManyRequestsError } from '../errors.ts';
import { type AccountCredentials, replacePasswordHash } from '../users/user.accounts.ts';
import type { Authentication } from './authentication.ts';

/**
 * Stores a hash as it is made today, unless the password has been changed since it was verified. Call it after
 * `verify` answered `needsRehash`, with the account as it was read for that. Where too many passwords are being hashed
 * the old hash stays: it is good for this sign-in, and the next one tries again.
 */
export async function rehash(
  em: EntityManager,
  { passwords }: Pick<Authentication, 'passwords'>,
  { id, passwordHash }: Pick<AccountCredentials, 'id' | 'passwordHash'>,
  password: string,
): Promise<void> {
  let renewed: string;
  try {
    renewed = await passwords.hash(password);
  } catch (error) {
    if (error instanceof TooManyRequestsError) return;
    throw error;
  }
  await replacePasswordHash(em, { id, from: passwordHash, to: renewed });
}
