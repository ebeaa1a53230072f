/** Changes of a user's own account, and its deletion. The caller has proved whose account it is. */
import type { EntityManager } from '../database/database.ts';
import { emailKey, tidyDisplayName, usernameKey } from './identifiers/identifiers.ts';
import { lockAccount } from './user.administration.ts';
import { User } from './user.entity.ts';

/** Properties that are left out stay as they are. All must pass the checks of identifiers.ts. */
export interface ProfileChange {
  username?: string | undefined;
  email?: string | undefined;
  displayName?: string | undefined;
}

/** The account as it was when its password was verified. */
export interface ProvenAccount {
  /** A UUID. */
  userId: string;
  passwordVersion: number;
}

/**
 * @returns whether it was changed: not if the password changed, or the account was closed, in between.
 * @throws UniqueConstraintViolationException if another account has one of the names.
 */
export async function changeProfile(
  em: EntityManager,
  { userId, passwordVersion }: ProvenAccount,
  { username, email, displayName }: ProfileChange,
  now: Date,
): Promise<boolean> {
  const changed = await em.nativeUpdate(
    User,
    { id: userId, passwordVersion, isActive: true },
    {
      ...(username !== undefined && { username: username.normalize('NFC'), usernameKey: usernameKey(username) }),
      ...(email !== undefined && { email: email.normalize('NFC'), emailKey: emailKey(email) }),
      ...(displayName !== undefined && { displayName: tidyDisplayName(displayName) }),
      updatedAt: now,
    },
  );
  return changed > 0;
}

/** Deletes an account and everything that it owns, inside the caller's transaction. */
export async function deleteUser(
  tx: EntityManager,
  { userId, passwordVersion }: ProvenAccount,
): Promise<'deleted' | 'last administrator' | 'changed meanwhile'> {
  const { user, isLastAdministrator } = await lockAccount(tx, userId);
  if (!user?.isActive || user.passwordVersion !== passwordVersion) return 'changed meanwhile';
  if (isLastAdministrator) return 'last administrator';
  await tx.nativeDelete(User, { id: userId });
  return 'deleted';
}
