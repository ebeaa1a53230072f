/** What signing in needs, made once at start-up and handed to services through the context. */
import type { EntityManager } from '../database/connection.ts';
import { usernameKey } from '../users/user.identifiers.ts';
import { type AccessTokens, createAccessTokens } from './access-token.ts';
import type { SigningAlgorithm } from './key-material.ts';
import { createPasswordHasher, type PasswordHasher } from './password.ts';
import { loadSigningKeys, type SigningKeys } from './signing-keys.ts';

export interface Authentication {
  readonly passwords: PasswordHasher;
  readonly accessTokens: AccessTokens;
  /** What access tokens are signed with; `close` it when the server ends. */
  readonly signingKeys: SigningKeys;
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
  /** JWT_SECRET_PREVIOUS; none if left out. */
  previousSecret?: string | null;
  /** JWT_PRIVATE_KEYS; keys are kept in the database, if left out. */
  privateKeys?: string | null;
  issuer: string;
  audience: string;
  /** All lifetimes in seconds. */
  accessTokenTtl: number;
  refreshTokenTtl: number;
  sessionTtl: number;
  /** RFC 9106; OWASP's advice if left out: 19,456 KiB, 2 passes, 1 lane. */
  argon2?: { memoryCost: number; timeCost: number; parallelism: number };
  /** How many passwords are hashed at once: the number of cores. */
  maxHashes: number;
  /** How many more may wait; 32 for each at once if left out. */
  maxWaitingHashes?: number;
  /** Names that `register` gives to nobody; none if left out. */
  reservedUsernames?: readonly string[];
  now: Date;
}

/**
 * Makes a signing key at the first start; `em` is kept to read the keys again, and used for nothing else.
 * @throws Error if the keys cannot be loaded (see `loadSigningKeys`).
 */
export async function createAuthentication(
  settings: AuthenticationSettings,
  em: EntityManager,
): Promise<Authentication> {
  const { issuer, audience, accessTokenTtl, refreshTokenTtl, sessionTtl } = settings;
  const { argon2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }, maxHashes } = settings;
  const signingKeys = await loadSigningKeys(em, settings);
  return Object.freeze({
    passwords: createPasswordHasher({
      ...argon2,
      maxConcurrent: maxHashes,
      maxWaiting: settings.maxWaitingHashes ?? 32 * maxHashes,
    }),
    accessTokens: createAccessTokens({ keys: signingKeys, issuer, audience, ttl: accessTokenTtl }),
    signingKeys,
    refreshTokenTtl,
    sessionTtl,
    reservedUsernames: new Set(settings.reservedUsernames?.map(usernameKey)),
  });
}
