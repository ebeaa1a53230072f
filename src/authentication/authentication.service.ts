/** Registering, signing in, carrying on and signing out. What is wrong with the input is data, not an exception. */
import type { EntityManager } from '../database/connection.ts';
import type { AuthSession, InputError, LoginInput, RefreshInput, RegisterInput } from '../graphql/generated.ts';
import { allScopes } from '../users/scopes.ts';
import { createAccount, findAccountByIdentifier, type Taken, takenIdentifiers } from '../users/user.accounts.ts';
import {
  checkDisplayName,
  checkEmail,
  checkUsername,
  type Fault,
  maxIdentifierLength,
  usernameKey,
} from '../users/user.identifiers.ts';
import type { Authentication } from './authentication.ts';
import { checkPassword, isHashable } from './password.ts';
import { rehash } from './rehash.ts';
import { openSession, refreshSession } from './session.service.ts';

/** `session` is null exactly when there are errors. */
export interface SessionPayload {
  session: AuthSession | null;
  errors: InputError[];
}

/**
 * Makes an account of role USER and signs it in.
 * @throws TooManyRequestsError if too many passwords are being hashed.
 */
export async function register(
  em: EntityManager,
  authentication: Authentication,
  input: RegisterInput,
  now: Date,
): Promise<SessionPayload> {
  const { username, email, password } = input;
  const displayName = input.displayName ?? username;
  const errors = [...checkRegistration(input), ...(await checkTaken(em, authentication, input))];
  if (errors.length > 0) return refused(errors);

  // Before the database is asked for anything that would wait meanwhile.
  const passwordHash = await authentication.passwords.hash(password);
  const { id, taken } = await createAccount(em, { username, email, displayName, passwordHash, role: 'USER', now });
  if (id === null) return refused(takenErrors(taken));
  const session = await openSession(em, authentication, { userId: id, scopes: null }, now);
  return session ? { session, errors: [] } : refused([invalidCredentials]);
}

/**
 * Signs in. An unknown account, a wrong password and a closed account cost the same work and give the same answer.
 * @throws TooManyRequestsError if too many passwords are being hashed.
 */
export async function login(
  em: EntityManager,
  authentication: Authentication,
  { identifier, password, scopes = null }: LoginInput,
  now: Date,
): Promise<SessionPayload> {
  if (!areScopes(scopes)) return refused([unknownScopes]);
  if (identifier.length > maxIdentifierLength || !isHashable(password)) return refused([invalidCredentials]);

  const account = await findAccountByIdentifier(em, identifier);
  const { matches, needsRehash } = await authentication.passwords.verify(account?.passwordHash ?? null, password);
  if (!account || !matches || !account.isActive) return refused([invalidCredentials]);
  if (needsRehash) await rehash(em, authentication, account, password);
  const session = await openSession(em, authentication, { userId: account.id, scopes }, now);
  return session ? { session, errors: [] } : refused([invalidCredentials]);
}

/** Trades a refresh token for new tokens. */
export async function refresh(
  em: EntityManager,
  authentication: Authentication,
  { refreshToken, scopes = null }: RefreshInput,
  now: Date,
): Promise<SessionPayload> {
  // Before the token is spent.
  if (!areScopes(scopes)) return refused([unknownScopes]);
  const session = await refreshSession(em, authentication, { refreshToken, scopes }, now);
  return session ? { session, errors: [] } : refused([invalidRefreshToken]);
}

const invalidCredentials: InputError = {
  path: ['input'],
  code: 'INVALID_CREDENTIALS',
  message: 'The username or e-mail address and the password do not belong together, or the account is closed.',
};

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
  const localPart = email.slice(0, Math.max(0, email.lastIndexOf('@')));
  return [
    ...at('username', checkUsername(username)),
    ...at('email', checkEmail(email)),
    ...at('password', checkPassword(password, [username, email, localPart, (displayName ?? '').trim()])),
    ...at('displayName', displayName == null ? [] : checkDisplayName(displayName)),
  ];
}

async function checkTaken(
  em: EntityManager,
  { reservedUsernames }: Authentication,
  { username, email }: RegisterInput,
): Promise<InputError[]> {
  if (username.length > maxIdentifierLength || email.length > maxIdentifierLength) return [];
  const taken = new Set(await takenIdentifiers(em, { username, email }));
  // As if the account were there already.
  if (reservedUsernames.has(usernameKey(username))) taken.add('username');
  return takenErrors([...taken]);
}

function takenErrors(taken: Taken): InputError[] {
  return taken.flatMap((field) =>
    at(field, [
      {
        code: 'TAKEN',
        message:
          field === 'username'
            ? 'Another account has this username. Choose another.'
            : 'Another account has this e-mail address. Sign in, or use another.',
      },
    ]),
  );
}

function at(field: keyof RegisterInput, faults: Fault[]): InputError[] {
  return faults.map(({ code, message }) => ({ path: ['input', field], code, message }));
}
