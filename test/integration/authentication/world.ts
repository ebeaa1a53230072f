/** Signing in on a real database, with a clock that a test turns. */

import { login, refresh, register, type SessionPayload } from '../../../src/authentication/authentication.service.ts';
import { type Authentication, createAuthentication } from '../../../src/authentication/authentication.ts';
import { viewerOf } from '../../../src/authentication/bearer.ts';
import type { Viewer } from '../../../src/authentication/viewer.ts';
import type { Database, EntityManager } from '../../../src/database/connection.ts';
import { InvalidTokenError } from '../../../src/errors.ts';
import type { AuthSession } from '../../../src/graphql/generated.ts';
import { User } from '../../../src/users/user.entity.ts';

export const password = 'seven green bottles';

const start = Date.UTC(2026, 0, 1, 12);
export const minutes = 60;
export const days = 24 * 60 * minutes;

export interface World {
  em: EntityManager;
  authentication: Authentication;
  now(): Date;
  /** Moves the clock on. */
  pass(seconds: number): void;
  register(username: string): Promise<AuthSession>;
  login(username: string, scopes?: string[]): Promise<AuthSession>;
  tryLogin(identifier: string, password: string): Promise<SessionPayload>;
  refresh(refreshToken: string, scopes?: string[]): Promise<SessionPayload>;
  /** Who the bearer of a token is; 'refused' if the token is worth nothing. */
  viewer(session: Pick<AuthSession, 'accessToken'>): Promise<Viewer | 'refused'>;
  setUser(username: string, change: Partial<Pick<User, 'role' | 'isActive' | 'sessionsValidFrom'>>): Promise<void>;
}

export async function createWorld(database: Database): Promise<World> {
  let clock = start;
  const now = () => new Date(clock);
  const authentication = await createAuthentication(
    {
      algorithm: 'ES256',
      secret: 'a secret of the tests, not of any server',
      issuer: 'https://gatewright.example',
      audience: 'https://gatewright.example/graphql',
      accessTokenTtl: 15 * minutes,
      refreshTokenTtl: 30 * days,
      sessionTtl: 90 * days,
      // As cheap as argon2 allows: the tests are about what happens with a hash.
      argon2: { memoryCost: 1024, timeCost: 2, parallelism: 1 },
      maxHashes: 2,
      now: now(),
    },
    database.fork(),
  );
  const em = database.fork();
  const succeeded = ({ session, errors }: SessionPayload): AuthSession => {
    if (!session) throw new Error(`refused: ${JSON.stringify(errors)}`);
    return session;
  };
  return {
    em,
    authentication,
    now,
    pass: (seconds) => {
      clock += seconds * 1000;
    },
    register: async (username) => {
      const input = { username, email: `${username}@example.org`, password };
      return succeeded(await register(database.fork(), authentication, input, now()));
    },
    login: async (identifier, scopes) =>
      succeeded(await login(database.fork(), authentication, { identifier, password, scopes: scopes ?? null }, now())),
    tryLogin: (identifier, attempt) => login(database.fork(), authentication, { identifier, password: attempt }, now()),
    refresh: (refreshToken, scopes) =>
      refresh(database.fork(), authentication, { refreshToken, scopes: scopes ?? null }, now()),
    viewer: async ({ accessToken }) => {
      const settings = { em: database.fork(), accessTokens: authentication.accessTokens, now: now() };
      try {
        const viewer = await viewerOf(`Bearer ${accessToken}`, settings);
        if (!viewer) throw new Error('A token was sent, and nobody was found.');
        return viewer;
      } catch (error) {
        if (error instanceof InvalidTokenError) return 'refused';
        throw error;
      }
    },
    setUser: async (username, change) => {
      const changed = await database.fork().nativeUpdate(User, { usernameKey: username }, change);
      if (changed !== 1) throw new Error(`There is no account ${username}.`);
    },
  };
}
