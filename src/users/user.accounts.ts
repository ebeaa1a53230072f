/** Accounts as signing in needs them: made, and found by what people type. */

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
  /** Both are as `checkUsername` and `checkEmail` allow. */
  username: string;
  email: string;
  displayName: string;
  passwordHash: string;
  role: Role;
  now: Date;
}

/** What another account has already. */
export type Taken = ('username' | 'email')[];

/** Makes an account. Of several calls with one name, one makes it; the others learn what was taken. */
export async function createAccount(
  em: EntityManager,
  account: NewAccount,
): Promise<{ id: string; taken: null } | { id: null; taken: Taken }> {
  const id = newId();
  try {
    // In a transaction of its own, so that the caller's is good for the question that follows.
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
    // The account in the way can have gone again in between: then the client may retry, but not know which it was.
    return { id: null, taken: taken.length > 0 ? taken : ['username'] };
  }
  return { id, taken: null };
}

/** Which of these another account has already. `ownId`: the UUID of an account that may have them. */
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

/** The account with that e-mail address (what contains an `@`) or else that username. Any text may be passed. */
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
 * Gives an account another hash of the password that it has. Of a password that was changed in the meantime the hash
 * is another than `from`, and it is left as it is.
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
  /** Left out: a random one is made. */
  password?: string | undefined;
  passwords: { hash(password: string): Promise<string> };
  now: Date;
}

/**
 * Makes an administrator, unless an account has one of the names: it is left as it is.
 * `generatedPassword`: the random one, which is told this once; null if a password was given.
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

/** Whether anybody can administer accounts. */
export async function hasAdministrator(em: EntityManager): Promise<boolean> {
  return (await em.count(User, { role: 'ADMIN', isActive: true })) > 0;
}
