/** Renews password hashes at sign-in, the only moment when the password is known. */
import type { EntityManager } from '../../database/database.ts';
import { type AccountCredentials, replacePasswordHash } from '../../users/user.accounts.ts';
import type { HashingSlot } from './password-hash.ts';

/**
 * Stores a hash with today's parameters, unless the password has changed since it was verified. Call it after `verify`
 * answered `needsRehash`, with the account as it was then.
 */
export async function rehash(
  em: EntityManager,
  slot: HashingSlot,
  { id, passwordHash }: Pick<AccountCredentials, 'id' | 'passwordHash'>,
  password: string,
): Promise<void> {
  await replacePasswordHash(em, { id, from: passwordHash, to: await slot.hash(password) });
}
