/** What users do with their own account. Every change that could take it over, or end it, needs its password again. */
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { recordEvent } from '../../audit/audit.service.ts';
import type { RequestInfo } from '../../audit/request-info.ts';
import { networkOfRequest } from '../../audit/request-info.ts';
import type { EntityManager } from '../../database/database.ts';
import { toGlobalId } from '../../database/ids.ts';
import { inTransaction } from '../../database/transaction.ts';
import type {
  ChangePasswordInput,
  DeleteAccountInput,
  InputError,
  UpdateProfileInput,
} from '../../graphql/schema-types.ts';
import {
  checkDisplayName,
  checkEmail,
  checkUsername,
  emailKey,
  usernameKey,
} from '../../users/identifiers/identifiers.ts';
import { type AccountCredentials, findAccount, takenIdentifiers } from '../../users/user.accounts.ts';
import { lastAdministrator, type UserChange } from '../../users/user.administration.ts';
import { User } from '../../users/user.entity.ts';
import { changeProfile, deleteUser } from '../../users/user.profile.ts';
import { findViewer } from '../../users/user.service.ts';
import { notSignedIn, signedIn, type Viewer } from '../../users/viewer.ts';
import type { Authentication } from '../authentication.ts';
import { checkPassword, isHashable, isName } from '../passwords/password.ts';
import { endSessions, hasSessionFrom } from '../sessions/session.service.ts';
import { counted } from '../throttling/counted.ts';
import { at, changedMeanwhile, localPartOf, takenErrors, wrongPassword } from './input-errors.ts';
import { verifyIn } from './verify-attempt.ts';

/** The input, and the operation that asks for it. */
export interface Asked<Input> {
  viewer: Viewer | null;
  input: Input;
}

/** `deletedUserId`, a global id, is null exactly when there are errors. */
export interface AccountDeletion {
  deletedUserId: string | null;
  errors: InputError[];
}

/**
 * Ends the other sessions. If several calls give one current password at once, one succeeds.
 *
 * @throws TooManyRequestsError if too many passwords are being hashed, or tried.
 */
export async function changePassword(
  em: EntityManager,
  authentication: Authentication,
  { viewer, input: { currentPassword, newPassword } }: Asked<ChangePasswordInput>,
  request: RequestInfo,
): Promise<UserChange> {
  const { id, sessionId } = signedIn(viewer);
  const account = (await findAccount(em, id)) ?? notSignedIn();
  const names = [account.username, account.email, localPartOf(account.email), account.displayName];
  const faults = checkPassword(newPassword, names);
  if (faults.length > 0) return refused(at('newPassword', faults));
  if (!(await isPasswordOf(em, authentication, { account, sessionId, password: currentPassword }, request))) {
    return refused(wrongPassword('currentPassword'));
  }
  if (newPassword.normalize('NFC') === currentPassword.normalize('NFC')) {
    return refused(at('newPassword', [{ code: 'INVALID', message: 'This is your password already. Choose another.' }]));
  }

  const passwordHash = await authentication.passwords.hash(newPassword);
  const { now } = request;
  const { passwordVersion } = account;
  const isChanged = await inTransaction(em, async (tx) => {
    const changed = await tx.nativeUpdate(
      User,
      { id, passwordVersion, isActive: true },
      { passwordHash, passwordVersion: passwordVersion + 1, updatedAt: now },
    );
    if (changed === 0) return false;
    await endSessions(tx, { userId: id, except: sessionId, reason: 'PASSWORD_CHANGED' }, now);
    await recordEvent(tx, request, { type: 'PASSWORD_CHANGED', actorId: id, subjectId: id, sessionId });
    return true;
  });
  return isChanged ? { user: await findViewer(em, viewer), errors: [] } : refused([changedMeanwhile]);
}

/**
 * Changes names. A change of username or e-mail address needs the password.
 *
 * @throws TooManyRequestsError if too many passwords are being hashed, or tried.
 */
export async function updateProfile(
  em: EntityManager,
  authentication: Authentication,
  { viewer, input }: Asked<UpdateProfileInput>,
  request: RequestInfo,
): Promise<UserChange> {
  const { id, sessionId } = signedIn(viewer);
  const account = (await findAccount(em, id)) ?? notSignedIn();
  const change = changesOf(input, account);
  const { username, email, displayName } = change;
  const errors = [
    ...at('username', username === undefined ? [] : checkUsername(username)),
    ...at('email', email === undefined ? [] : checkEmail(email)),
    ...at('displayName', displayName === undefined ? [] : checkDisplayName(displayName)),
  ];
  if (errors.length > 0) return refused(errors);
  const names = Object.keys(change);
  if (names.length === 0) return { user: await findViewer(em, viewer), errors: [] };
  await counted(em, authentication.throttle.profile({ accountId: id }), request);
  if (username !== undefined || email !== undefined) {
    if (input.currentPassword == null) return refused([passwordNeeded]);
    const password = input.currentPassword;
    if (!(await isPasswordOf(em, authentication, { account, sessionId, password }, request))) {
      return refused(wrongPassword('currentPassword'));
    }
    const guessable = nameFaults(password, change);
    if (guessable.length > 0) return refused(guessable);
    const taken = new Set(await takenIdentifiers(em, { username: username ?? '', email: email ?? '' }, id));
    // A reserved name looks as if an account had it.
    if (username !== undefined && isReserved(username, account, authentication)) taken.add('username');
    if (email !== undefined && isReservedEmail(email, account, authentication)) taken.add('email');
    if (taken.size > 0) return refused(takenErrors([...taken]));
  }

  const proven = { userId: id, passwordVersion: account.passwordVersion };
  try {
    const isChanged = await inTransaction(em, async (tx) => {
      if (!(await changeProfile(tx, proven, change, request.now))) return false;
      const detail = names.join(', ');
      await recordEvent(tx, request, { type: 'PROFILE_CHANGED', actorId: id, subjectId: id, sessionId, detail });
      return true;
    });
    return isChanged ? { user: await findViewer(em, viewer), errors: [] } : refused([changedMeanwhile]);
  } catch (error) {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    // Another account took the name meanwhile.
    const taken = await takenIdentifiers(em, { username: username ?? '', email: email ?? '' }, id);
    return refused(taken.length > 0 ? takenErrors(taken) : [changedMeanwhile]);
  }
}

/**
 * Deletes the account and everything that it owns. Only its lines in the security log remain.
 *
 * @throws TooManyRequestsError if too many passwords are being hashed, or tried.
 */
export async function deleteAccount(
  em: EntityManager,
  authentication: Authentication,
  { viewer, input: { password } }: Asked<DeleteAccountInput>,
  request: RequestInfo,
): Promise<AccountDeletion> {
  const { id, sessionId } = signedIn(viewer);
  const account = (await findAccount(em, id)) ?? notSignedIn();
  if (!(await isPasswordOf(em, authentication, { account, sessionId, password }, request))) {
    return { deletedUserId: null, errors: wrongPassword('password') };
  }
  const { passwordVersion } = account;
  const outcome = await inTransaction(
    em,
    async (tx) => {
      const result = await deleteUser(tx, { userId: id, passwordVersion });
      if (result === 'deleted') {
        await recordEvent(tx, request, { type: 'ACCOUNT_DELETED', actorId: id, subjectId: id, sessionId });
      }
      return result;
    },
    { clear: true },
  );
  if (outcome === 'deleted') return { deletedUserId: toGlobalId('user', id), errors: [] };
  return {
    deletedUserId: null,
    errors: [outcome === 'last administrator' ? lastAdministrator('password') : changedMeanwhile],
  };
}

const passwordNeeded: InputError = {
  path: ['input', 'currentPassword'],
  code: 'INVALID_CREDENTIALS',
  message: 'To change what you sign in with, give your current password as well.',
};

function refused(errors: InputError[]): UserChange {
  return { user: null, errors };
}

/** Tells the security log of a wrong password. */
async function isPasswordOf(
  em: EntityManager,
  authentication: Authentication,
  { account, sessionId, password }: { account: AccountCredentials; sessionId: string; password: string },
  request: RequestInfo,
): Promise<boolean> {
  if (!isHashable(password)) return false;
  const { id, passwordHash } = account;
  const network = networkOfRequest(request);
  const isKnownNetwork = await hasSessionFrom(em, id, network);
  const counting = authentication.throttle.password({ network, accountId: id, isKnownNetwork });
  const attempt = await counted(em, counting, request);
  if ((await verifyIn(attempt, authentication.passwords, { passwordHash, password })).matches) {
    await attempt.succeeded();
    return true;
  }
  await recordEvent(em, request, { type: 'PASSWORD_REJECTED', actorId: id, subjectId: id, sessionId });
  return false;
}

/** The given values that differ from the present ones. */
function changesOf(input: UpdateProfileInput, account: AccountCredentials) {
  const changed = (['username', 'email', 'displayName'] as const).flatMap((name) => {
    const value = input[name];
    return value == null || value === account[name] ? [] : [[name, value] as const];
  });
  return Object.fromEntries(changed) as { username?: string; email?: string; displayName?: string };
}

/** A name that equals the password would give it away. */
function nameFaults(password: string, { username, email }: { username?: string; email?: string }): InputError[] {
  const message = 'This is your password. Choose another, or change your password first.';
  return [
    ...at('username', username !== undefined && isName(password, [username]) ? [{ code: 'INVALID', message }] : []),
    ...at(
      'email',
      email !== undefined && isName(password, [email, localPartOf(email)]) ? [{ code: 'INVALID', message }] : [],
    ),
  ];
}

function isReserved(username: string, account: AccountCredentials, { reservedUsernames }: Authentication): boolean {
  const key = usernameKey(username);
  return key !== usernameKey(account.username) && reservedUsernames.has(key);
}

function isReservedEmail(email: string, account: AccountCredentials, { reservedEmails }: Authentication): boolean {
  const key = emailKey(email);
  return key !== emailKey(account.email) && reservedEmails.has(key);
}
