/** Registers, signs in and refreshes. Faults in the input are data, not exceptions. */
import { recordEvent } from '../../audit/audit.service.ts';
import type { RequestInfo } from '../../audit/request-info.ts';
import { networkOfRequest } from '../../audit/request-info.ts';
import type { EntityManager } from '../../database/database.ts';
import { newId } from '../../database/ids.ts';
import { inTransaction } from '../../database/transaction.ts';
import type { AuthSession, InputError, LoginInput, RefreshInput, RegisterInput } from '../../graphql/schema-types.ts';
import {
  checkDisplayName,
  checkEmail,
  checkUsername,
  emailKey,
  maxIdentifierLength,
  tidyIdentifier,
  usernameKey,
} from '../../users/identifiers/identifiers.ts';
import { allScopes } from '../../users/scopes.ts';
import { createAccount, findAccountByIdentifier, takenIdentifiers } from '../../users/user.accounts.ts';
import type { Authentication } from '../authentication.ts';
import { checkPassword, isHashable } from '../passwords/password.ts';
import type { HashingSlot } from '../passwords/password-hash.ts';
import { rehash } from '../passwords/rehash.ts';
import { refreshSession } from '../sessions/session.refresh.ts';
import { hasSessionFrom, openSession } from '../sessions/session.service.ts';
import { counted } from '../throttling/counted.ts';
import { at, invalidCredentials, localPartOf, takenErrors } from './input-errors.ts';
import { verifyIn } from './verify-attempt.ts';

/** `session` is null exactly when there are errors. */
export interface SessionPayload {
  session: AuthSession | null;
  errors: InputError[];
}

/**
 * Makes an account of role USER and signs it in.
 * @throws TooManyRequestsError if there are too many attempts, or too many passwords are being hashed.
 */
export async function register(
  em: EntityManager,
  authentication: Authentication,
  input: RegisterInput,
  request: RequestInfo,
): Promise<SessionPayload> {
  return await authentication.passwords.withHashingSlot((slot) =>
    registerIn(slot, em, authentication, { input, request }),
  );
}

async function registerIn(
  slot: HashingSlot,
  em: EntityManager,
  authentication: Authentication,
  { input, request }: { input: RegisterInput; request: RequestInfo },
): Promise<SessionPayload> {
  await counted(em, authentication.throttle.register({ network: networkOfRequest(request) }), request);
  const { username, email, password } = input;
  const displayName = input.displayName ?? username;
  const errors = [...checkRegistration(input), ...(await checkTaken(em, authentication, input))];
  if (errors.length > 0) return refused(errors);

  const passwordHash = await slot.hash(password);
  const { now } = request;
  // In one transaction. An account whose client got no answer could not be registered again.
  return await inTransaction(em, async (tx) => {
    const { id, taken } = await createAccount(tx, { username, email, displayName, passwordHash, role: 'USER', now });
    if (id === null) return refused(takenErrors(taken));
    const opening = { userId: id, passwordVersion: 1, scopes: null, event: 'REGISTERED' } as const;
    const session = await openSession(tx, authentication, opening, request);
    return session ? { session, errors: [] } : refused([invalidCredentials]);
  });
}

/**
 * Signs in. An unknown account, a wrong password and a closed account cost the same work and give the same answer.
 * @throws TooManyRequestsError if there are too many attempts, or too many passwords are being hashed.
 */
export async function login(
  em: EntityManager,
  authentication: Authentication,
  input: LoginInput,
  request: RequestInfo,
): Promise<SessionPayload> {
  const { password, scopes = null } = input;
  if (!areScopes(scopes)) return refused([unknownScopes]);
  const identifier = tidyIdentifier(input.identifier);
  if (identifier.length > maxIdentifierLength || !isHashable(password)) return refused([invalidCredentials]);
  const tidied = { ...input, identifier };
  return await authentication.passwords.withHashingSlot((slot) =>
    loginIn(slot, em, authentication, { input: tidied, request }),
  );
}

async function loginIn(
  slot: HashingSlot,
  em: EntityManager,
  authentication: Authentication,
  { input: { identifier, password, scopes = null }, request }: { input: LoginInput; request: RequestInfo },
): Promise<SessionPayload> {
  const account = await findAccountByIdentifier(em, identifier);
  const network = networkOfRequest(request);
  const counting = authentication.throttle.login({
    network,
    account: account ? { id: account.id } : { identifier },
    isKnownNetwork: await hasSessionFrom(em, account?.id ?? newId(), network),
  });
  const attempt = await counted(em, counting, request);
  const passwordHash = account?.passwordHash ?? null;
  const { matches, needsRehash } = await verifyIn(attempt, slot, { passwordHash, password });
  if (account && matches && account.isActive) {
    if (needsRehash) await rehash(em, slot, account, password);
    const opening = {
      userId: account.id,
      passwordVersion: account.passwordVersion,
      scopes,
      event: 'SIGNED_IN',
    } as const;
    const session = await openSession(em, authentication, opening, request);
    if (session) {
      await attempt.succeeded();
      return { session, errors: [] };
    }
  }
  await recordEvent(em, request, { type: 'SIGN_IN_FAILED', subjectId: account?.id ?? null });
  return refused([invalidCredentials]);
}

/**
 * Trades a refresh token for new tokens.
 * @throws TooManyRequestsError if there are too many attempts.
 */
export async function refresh(
  em: EntityManager,
  authentication: Authentication,
  { refreshToken, scopes = null }: RefreshInput,
  request: RequestInfo,
): Promise<SessionPayload> {
  // Checked before the token is spent.
  if (!areScopes(scopes)) return refused([unknownScopes]);
  await counted(em, authentication.throttle.refresh({ network: networkOfRequest(request) }), request);
  const session = await refreshSession(em, authentication, { refreshToken, scopes }, request);
  if (session) return { session, errors: [] };
  // The refresh may have ended the session.
  await authentication.sessions.catchUp();
  return refused([invalidRefreshToken]);
}

const invalidRefreshToken: InputError = {
  path: ['input', 'refreshToken'],
  code: 'INVALID_REFRESH_TOKEN',
  message: 'The refresh token is unknown, spent, expired or revoked. Sign in again.',
};

const unknownScopes: InputError = {
  path: ['input', 'scopes'],
  code: 'INVALID',
  message: `There is a scope that does not exist. The scopes are: ${allScopes.join(', ')}.`,
};

function refused(errors: InputError[]): SessionPayload {
  return { session: null, errors };
}

function areScopes(scopes: readonly string[] | null): boolean {
  return scopes === null || scopes.every((scope) => allScopes.includes(scope));
}

function checkRegistration({ username, email, password, displayName }: RegisterInput): InputError[] {
  const names = [username, email, localPartOf(email), (displayName ?? username).trim()];
  return [
    ...at('username', checkUsername(username)),
    ...at('email', checkEmail(email)),
    ...at('password', checkPassword(password, names)),
    ...at('displayName', displayName == null ? [] : checkDisplayName(displayName)),
  ];
}

async function checkTaken(
  em: EntityManager,
  { reservedUsernames, reservedEmails }: Authentication,
  { username, email }: RegisterInput,
): Promise<InputError[]> {
  if (username.length > maxIdentifierLength || email.length > maxIdentifierLength) return [];
  const taken = new Set(await takenIdentifiers(em, { username, email }));
  // A reserved name looks as if an account had it.
  if (reservedUsernames.has(usernameKey(username))) taken.add('username');
  if (reservedEmails.has(emailKey(email))) taken.add('email');
  return takenErrors([...taken]);
}
