/** Access tokens: JWTs by RFC 9068. */
import type { Role } from '../graphql/generated.ts';

export interface AccessTokenClaims {
  /** The account's UUID. */
  userId: string;
  /** The session's UUID. */
  sessionId: string;
  role: Role;
  scopes: readonly string[];
}

export interface AccessTokens {
  /** Signs a token. `expiresAt` is its `exp`. */
  issue(claims: AccessTokenClaims, now: Date): Promise<{ token: string; expiresAt: Date; expiresIn: number }>;
  /** @throws InvalidTokenError for every kind of bad token. */
  verify(token: string, now: Date): Promise<AccessTokenClaims>;
  /** The public keys, RFC 7517; empty for HS256. */
  jwks(): Promise<{ keys: Record<string, unknown>[] }>;
}
