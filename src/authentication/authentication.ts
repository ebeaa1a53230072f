/** What signing in needs, made once at start-up and handed to services through the context. */
import type { Database } from '../database/database.ts';
import { emailKey, usernameKey } from '../users/identifiers/identifiers.ts';
import type { SigningAlgorithm } from './keys/key-material.ts';
import type { SigningKeys } from './keys/signing-keys.contract.ts';
import { loadSigningKeys } from './keys/signing-keys.ts';
import { createPasswordHasher, type PasswordHasher } from './passwords/password-hash.ts';
import { createSessionView, type SessionView } from './sessions/session-view.ts';
import { createThrottle, type Throttle, type ThrottleSettings } from './throttling/throttle.ts';
import { type AccessTokenClaims, type AccessTokens, createAccessTokens } from './tokens/access-token.ts';
import { successorKey } from './tokens/refresh-token.ts';

export interface Authentication {
  readonly passwords: PasswordHasher;
  readonly accessTokens: AccessTokens;
  /** What sessions are worth now. */
  readonly sessions: SessionView;
  /** What access tokens are signed with. */
  readonly signingKeys: SigningKeys;
  /** How long a refresh token lives if it is not used, in seconds. */
  readonly refreshTokenTtl: number;
  /** For how long the holder of a spent refresh token is given its successor again, in seconds. */
  readonly refreshRetryWindow: number;
  /** What successors are derived with (see refresh-token.ts): the first; the others were, a moment ago. */
  readonly refreshTokenKeys: readonly [Buffer, ...Buffer[]];
  /** How long a session lives, however often it is refreshed, in seconds. */
  readonly sessionTtl: number;
  /** Keys (see `usernameKey`) of the names that `register` gives to nobody. */
  readonly reservedUsernames: ReadonlySet<string>;
  /** Keys (see `emailKey`) of the addresses that are given to nobody. */
  readonly reservedEmails: ReadonlySet<string>;
  readonly throttle: Throttle;
  /** Told of a good token whose session is over or unknown. */
  readonly onRefusedSession: (claims: AccessTokenClaims) => void;
  /** Ends what goes on by itself. Call it before the database is closed. */
  close(): Promise<void>;
}

export interface AuthenticationSettings {
  algorithm: SigningAlgorithm;
  /** JWT_SECRET: signs with HS256, encrypts the stored private key otherwise. */
  secret: string;
  /** JWT_SECRET_PREVIOUS; none if left out. */
  previousSecret?: string | null;
  /** JWT_PRIVATE_KEYS; keys are kept in the database, if left out. */
  privateKeys?: string | null;
  issuer: string;
  audience: string;
  /** All lifetimes in seconds. */
  accessTokenTtl: number;
  refreshTokenTtl: number;
  refreshRetryWindow: number;
  sessionTtl: number;
  /** Told when the connection is lost that revocations come by. */
  onLostNotifications?: (error: unknown) => void;
  /** Told of a good token whose session is over or unknown. */
  onRefusedSession?: (claims: AccessTokenClaims) => void;
  /** Told when the signing keys could not be read again. */
  onKeysUnread?: (error: unknown) => void;
  /** RFC 9106; OWASP's advice if left out: 19,456 KiB, 2 passes, 1 lane. */
  argon2?: { memoryCost: number; timeCost: number; parallelism: number };
  /** Secrets that password hashes are made with (see `PasswordHasherOptions`); none if left out. */
  pepper?: { current: string | null; previous: string | null };
  onUnknownPepper?: (keyId: string) => void;
  /** How many passwords are hashed at once: the number of cores. */
  maxHashes: number;
  /** How many more may wait; 32 for each at once if left out. */
  maxWaitingHashes?: number;
  /** Names that `register` gives to nobody; none if left out. */
  reservedUsernames?: readonly string[];
  /** Addresses that are given to nobody; none if left out. */
  reservedEmails?: readonly string[];
  throttle?: ThrottleSettings;
  now: Date;
}

/**
 * Makes a signing key at the first start. Listens to the database until it is closed.
 * @throws Error if the keys cannot be loaded (see `loadSigningKeys`).
 */
export async function createAuthentication(
  settings: AuthenticationSettings,
  database: Pick<Database, 'fork' | 'subscribe'>,
): Promise<Authentication> {
  const { secret, previousSecret, issuer, audience, accessTokenTtl, refreshTokenTtl, sessionTtl } = settings;
  const { argon2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }, maxHashes } = settings;
  const signingKeys = await loadSigningKeys(database.fork(), settings);
  const throttle = await createThrottle(database.fork(), settings.throttle);
  const formerKeys = previousSecret ? [successorKey(previousSecret)] : [];
  const refreshTokenKeys: Authentication['refreshTokenKeys'] = [successorKey(secret), ...formerKeys];
  const { onLostNotifications: onLost = () => {}, onKeysUnread = () => {} } = settings;
  const readKeys = () => void signingKeys.reload().catch(onKeysUnread);
  const sessions = await createSessionView(database, { onLost, also: { onMessage: readKeys, onGap: readKeys } });
  return Object.freeze({
    passwords: createPasswordHasher({
      ...argon2,
      ...(settings.pepper && { pepper: settings.pepper }),
      ...(settings.onUnknownPepper && { onUnknownPepper: settings.onUnknownPepper }),
      maxConcurrent: maxHashes,
      maxWaiting: settings.maxWaitingHashes ?? 32 * maxHashes,
    }),
    accessTokens: createAccessTokens({ keys: signingKeys, issuer, audience, ttl: accessTokenTtl }),
    signingKeys,
    sessions,
    refreshTokenTtl,
    refreshRetryWindow: settings.refreshRetryWindow,
    refreshTokenKeys,
    sessionTtl,
    reservedUsernames: new Set(settings.reservedUsernames?.map(usernameKey)),
    reservedEmails: new Set(settings.reservedEmails?.map(emailKey)),
    throttle,
    onRefusedSession: settings.onRefusedSession ?? (() => {}),
    close: async () => {
      await Promise.all([throttle.close(), sessions.close(), signingKeys.close()]);
    },
  });
}
