/** What signing in needs, made once at start-up and handed to services through the context. */
import type { EntityManager } from '../database/connection.ts';
import { usernameKey } from '../users/user.identifiers.ts';
import { type AccessTokens, createAccessTokens } from './access-token.ts';
import { createPasswordHasher, type PasswordHasher } from './password-hash.ts';
import { loadSigningKeys, type SigningAlgorithm } from './signing-keys.ts';

export interface Authentication {
  readonly passwords: PasswordHasher;
  readonly accessTokens: AccessTokens;
  /** How long a refresh token lives if it is not used, in seconds. */
  readonly refreshTokenTtl: number;
  /** How long a session lives, however often it is refreshed, in seconds. */
  readonly sessionTtl: number;
  /** Keys (see `usernameKey`) of the names that `register` gives to nobody. */
  readonly reservedUsernames: ReadonlySet<string>;
}

export interface AuthenticationSettings {
  algorithm: SigningAlgorithm;
  /** JWT_SECRET: signs with HS256, encrypts the stored private key otherwise. */
  secret: string;
  issuer: string;
  audience: string;
  /** All lifetimes in seconds. */
  accessTokenTtl: number;
  refreshTokenTtl: number;
  sessionTtl: number;
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
  now: Date;
}

/**
 * Makes a signing key at the first start; `em` is needed for nothing else.
 * @throws Error if the keys cannot be loaded (see `loadSigningKeys`).
 */
export async function createAuthentication(
  settings: AuthenticationSettings,
  em: EntityManager,
): Promise<Authentication> {
  const { algorithm, secret, issuer, audience, accessTokenTtl, refreshTokenTtl, sessionTtl, now } = settings;
  const { argon2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }, maxHashes } = settings;
  const keys = await loadSigningKeys(em, { algorithm, secret, now });
  return Object.freeze({
    passwords: createPasswordHasher({
      ...argon2,
      ...(settings.pepper && { pepper: settings.pepper }),
      ...(settings.onUnknownPepper && { onUnknownPepper: settings.onUnknownPepper }),
      maxConcurrent: maxHashes,
      maxWaiting: settings.maxWaitingHashes ?? 32 * maxHashes,
    }),
    accessTokens: createAccessTokens({ keys, issuer, audience, ttl: accessTokenTtl }),
    refreshTokenTtl,
    sessionTtl,
    reservedUsernames: new Set(settings.reservedUsernames?.map(usernameKey)),
  });
}
