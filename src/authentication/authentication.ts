/** What signing in needs. It is made once at start-up, and services receive it through the context. */
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
  /** What each session is worth now. */
  readonly sessions: SessionView;
  /** Sign access tokens. */
  readonly signingKeys: SigningKeys;
  /** The lifetime of an unused refresh token, in seconds. */
  readonly refreshTokenTtl: number;
  /** How long a spent refresh token still gives its successor, in seconds. */
  readonly refreshRetryWindow: number;
  /**
   * The keys that derive successors (see refresh-token.ts). The first derives new ones; the others did so until a
   * moment ago.
   */
  readonly refreshTokenKeys: readonly [Buffer, ...Buffer[]];
  /** The lifetime of a session, however often it is refreshed, in seconds. */
  readonly sessionTtl: number;
  /** Keys (see `usernameKey`) of names that nobody may register. */
  readonly reservedUsernames: ReadonlySet<string>;
  /** Keys (see `emailKey`) of addresses that nobody may register. */
  readonly reservedEmails: ReadonlySet<string>;
  readonly throttle: Throttle;
  /** Called with a good token whose session is over or unknown. */
  readonly onRefusedSession: (claims: AccessTokenClaims) => void;
  /** Stops background work. Call it before the database is closed. */
  close(): Promise<void>;
}

export interface AuthenticationSettings {
  algorithm: SigningAlgorithm;
  /** JWT_SECRET: signs with HS256; otherwise it encrypts the stored private keys. */
  secret: string;
  /** JWT_SECRET_PREVIOUS. Default: none. */
  previousSecret?: string | null;
  /** JWT_PRIVATE_KEYS. Default: the database keeps the keys. */
  privateKeys?: string | null;
  issuer: string;
  audience: string;
  /** All lifetimes in seconds. */
  accessTokenTtl: number;
  refreshTokenTtl: number;
  refreshRetryWindow: number;
  sessionTtl: number;
  /** Called when the connection that brings revocations is lost. */
  onLostNotifications?: (error: unknown) => void;
  /** Called with a good token whose session is over or unknown. */
  onRefusedSession?: (claims: AccessTokenClaims) => void;
  /** Called when the signing keys could not be read again. */
  onKeysUnread?: (error: unknown) => void;
  /** Parameters of RFC 9106. Default: the advice of OWASP (19,456 KiB, 2 passes, 1 lane). */
  argon2?: { memoryCost: number; timeCost: number; parallelism: number };
  /** Secrets of password hashes (see `PasswordHasherOptions`). Default: none. */
  pepper?: { current: string | null; previous: string | null };
  onUnknownPepper?: (keyId: string) => void;
  /** How many passwords are hashed at once: the number of cores. */
  maxHashes: number;
  /** How many more may wait. Default: 32 for each at once. */
  maxWaitingHashes?: number;
  /** Names that nobody may register. Default: none. */
  reservedUsernames?: readonly string[];
  /** Addresses that nobody may register. Default: none. */
  reservedEmails?: readonly string[];
  throttle?: ThrottleSettings;
  now: Date;
}

/**
 * Makes a signing key at the first start. Listens to the database until `close`.
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
