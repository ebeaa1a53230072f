/** Creates accounts, and finds them by what users type to sign in. */

import { randomBytes } from 'node:crypto';
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { recordEvent } from '../audit/audit.service.ts';
import { byOperator } from '../audit/request-info.ts';
import type { EntityManager } from '../database/database.ts';
import { newId } from '../database/ids.ts';
import { inTransaction } from '../database/transaction.ts';
import type { Role } from '../graphql/schema-types.ts';
import { isStorable } from '../text.ts';
import {
  checkEmail,
  checkUsername,
  emailKey,
  identifierKey,
  tidyDisplayName,
  usernameKey,
} from './identifiers/identifiers.ts';
import { User } from './user.entity.ts';

export interface NewAccount {
  /** Both must pass `checkUsername` and `checkEmail`. */
  username: string;
  email: string;
  displayName: string;
  passwordHash: string;
  role: Role;
  now: Date;
}

/** The names that another account has already. */
export type Taken = ('username' | 'email')[];

/** Creates an account. If several calls use one name, one succeeds; the others learn which names were taken. */
export async function createAccount(
  em: EntityManager,
  account: NewAccount,
): Promise<{ id: string; taken: null } | { id: null; taken: Taken }> {
  const id = newId();
  try {
    // In a transaction of its own, so that the caller's transaction can still answer the next question.
    await inTransaction(em, (inner) =>
      inner.insert(User, {
        id,
        username: account.username.normalize('NFC'),
        usernameKey: usernameKey(account.username),
        email: account.email.normalize('NFC'),
        emailKey: emailKey(account.email),
        displayName: tidyDisplayName(account.displayName),
        passwordHash: account.passwordHash,
        role: account.role,
        isActive: true,
        sessionsValidFrom: account.now,
        createdAt: account.now,
        updatedAt: account.now,
      }),
    );
  } catch (error) {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    const taken = await takenIdentifiers(em, account);
    // The other account may be gone by now. The client may then retry, but cannot know which name was taken.
    return { id: null, taken: taken.length > 0 ? taken : ['username'] };
  }
  return { id, taken: null };
}

/** Which of these another account has. `ownId`: the UUID of an account that may have them. */
export async function takenIdentifiers(
  em: EntityManager,
  { username, email }: { username: string; email: string },
  ownId?: string,
): Promise<Taken> {
  const keys = { username: usernameKey(username), email: emailKey(email) };
  if (!isStorable(keys.username) || !isStorable(keys.email)) return [];
  const rows = await em.find(
    User,
    {
      $or: [{ usernameKey: keys.username }, { emailKey: keys.email }],
      ...(ownId !== undefined && { id: { $ne: ownId } }),
    },
    { disableIdentityMap: true, fields: ['usernameKey', 'emailKey'] },
  );
  const taken: Taken = [];
  if (rows.some((row) => row.usernameKey === keys.username)) taken.push('username');
  if (rows.some((row) => row.emailKey === keys.email)) taken.push('email');
  return taken;
}

export type AccountCredentials = Pick<
  User,
  'id' | 'username' | 'email' | 'displayName' | 'passwordHash' | 'passwordVersion' | 'isActive'
>;

const credentialFields = [
  ...(['id', 'username', 'email', 'displayName', 'passwordHash', 'passwordVersion', 'isActive'] as const),
];

/** The account with that e-mail address (if it contains an `@`) or that username. Any text may be passed. */
export async function findAccountByIdentifier(
  em: EntityManager,
  identifier: string,
): Promise<AccountCredentials | null> {
  if (!isStorable(identifier)) return null;
  return await em.findOne(User, identifierKey(identifier), { disableIdentityMap: true, fields: credentialFields });
}

/** The account with that UUID. */
export async function findAccount(em: EntityManager, id: string): Promise<AccountCredentials | null> {
  return await em.findOne(User, { id }, { disableIdentityMap: true, fields: credentialFields });
}

/**
 * Replaces the hash of an account's present password. If the password has changed meanwhile, the stored hash is not
 * `from`, and stays.
 */
export async function replacePasswordHash(
  em: EntityManager,
  { id, from, to }: { id: string; from: string; to: string },
): Promise<boolean> {
  return (await em.nativeUpdate(User, { id, passwordHash: from }, { passwordHash: to })) === 1;
}

export interface Administrator {
  username: string;
  email: string;
  /** Default: a random password. */
  password?: string | undefined;
  passwords: { hash(password: string): Promise<string> };
  now: Date;
}

/**
 * Creates an administrator. If an account has one of the names, that account stays as it is. `generatedPassword`: the
 * random password, shown only here; null if a password was given.
 * @throws Error if the name or the address is not allowed.
 */
export async function makeAdministrator(
  em: EntityManager,
  { username, email, password, passwords, now }: Administrator,
): Promise<{ taken: Taken } | { taken: null; generatedPassword: string | null }> {
  const faults = [...checkUsername(username), ...checkEmail(email)];
  if (faults.length > 0) {
    throw new Error(`The administrator cannot be made: ${faults.map((fault) => fault.message).join(' ')}`);
  }
  const known = await takenIdentifiers(em, { username, email });
  if (known.length > 0) return { taken: known };

  const generated = password === undefined ? randomBytes(18).toString('base64url') : null;
  const { id, taken } = await createAccount(em, {
    username,
    email,
    displayName: username,
    passwordHash: await passwords.hash(password ?? (generated as string)),
    role: 'ADMIN',
    now,
  });
  if (taken) return { taken };
  await recordEvent(em, byOperator(now), { type: 'REGISTERED', subjectId: id, detail: 'ADMIN' });
  return { taken: null, generatedPassword: generated };
}

/** Whether any account can administer others. */
export async function hasAdministrator(em: EntityManager): Promise<boolean> {
  return (await em.count(User, { role: 'ADMIN', isActive: true })) > 0;
}
