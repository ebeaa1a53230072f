/** Signing in on a real database, with a clock that the test sets. */

import type { RequestInfo } from '../../../src/audit/request-info.ts';
import { type Authentication, createAuthentication } from '../../../src/authentication/authentication.ts';
import { login, refresh, register, type SessionPayload } from '../../../src/authentication/sign-in/sign-in.service.ts';
import { viewerOf } from '../../../src/authentication/tokens/bearer.ts';
import type { Database, EntityManager } from '../../../src/database/database.ts';
import { InvalidTokenError } from '../../../src/errors.ts';
import type { AuthSession } from '../../../src/graphql/schema-types.ts';
import { User } from '../../../src/users/user.entity.ts';
import type { Viewer } from '../../../src/users/viewer.ts';
import { unlimited } from './throttling/throttle.world.ts';

export const password = 'seven green bottles';

const start = Date.UTC(2026, 0, 1, 12);
export const minutes = 60;
export const days = 24 * 60 * minutes;

/** The default origin of requests. */
export const origin = { address: '192.0.2.7', userAgent: 'vitest/5', requestId: 'request-1' };

export interface World {
  em: EntityManager;
  authentication: Authentication;
  now(): Date;
  /** A request of this moment. */
  request(): RequestInfo;
  /** Moves the clock on. */
  pass(seconds: number): void;
  register(username: string): Promise<AuthSession>;
  login(username: string, scopes?: string[]): Promise<AuthSession>;
  tryLogin(identifier: string, password: string): Promise<SessionPayload>;
  refresh(refreshToken: string, scopes?: string[]): Promise<SessionPayload>;
  /** The viewer of a token; 'refused' if the token is worth nothing. */
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
      refreshRetryWindow: 30,
      sessionTtl: 90 * days,
      // As cheap as argon2 allows, because the tests do not concern its strength.
      argon2: { memoryCost: 1024, timeCost: 2, parallelism: 1 },
      maxHashes: 2,
      throttle: { limits: unlimited },
      now: now(),
    },
    database,
  );
  const request = () => ({ ...origin, now: now() });
  const em = database.fork();
  const succeeded = ({ session, errors }: SessionPayload): AuthSession => {
    if (!session) throw new Error(`refused: ${JSON.stringify(errors)}`);
    return session;
  };
  return {
    em,
    authentication,
    now,
    request,
    pass: (seconds) => {
      clock += seconds * 1000;
    },
    register: async (username) => {
      const input = { username, email: `${username}@example.org`, password };
      return succeeded(await register(database.fork(), authentication, input, request()));
    },
    login: async (identifier, scopes) =>
      succeeded(
        await login(database.fork(), authentication, { identifier, password, scopes: scopes ?? null }, request()),
      ),
    tryLogin: (identifier, attempt) =>
      login(database.fork(), authentication, { identifier, password: attempt }, request()),
    refresh: (refreshToken, scopes) =>
      refresh(database.fork(), authentication, { refreshToken, scopes: scopes ?? null }, request()),
    viewer: async ({ accessToken }) => {
      try {
        const viewer = await viewerOf(`Bearer ${accessToken}`, authentication, now());
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
      await authentication.sessions.catchUp();
    },
  };
}
