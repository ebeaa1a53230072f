/** What signing in needs, made once at start-up and handed to services through the context. */
import type { AccessTokens } from './access-token.ts';
import type { PasswordHasher } from './password.ts';

export interface Authentication {
  readonly passwords: PasswordHasher;
  readonly accessTokens: AccessTokens;
  /** How long a refresh token lives if it is not used, in seconds. */
  readonly refreshTokenTtl: number;
  /** How long a session lives, however often it is refreshed, in seconds. */
  readonly sessionTtl: number;
}
