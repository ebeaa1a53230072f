/**
 * Sessions: opened by a sign-in, carried on by refresh tokens that each work once, ended by a logout or by a
 * refresh token that comes back. Source: RFC 9700, section 4.14.2.
 */
import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '../database/connection.ts';
import { newId, toGlobalId } from '../database/ids.ts';
import type { AuthSession } from '../graphql/generated.ts';
import { scopesOfRole } from '../users/scopes.ts';
import { User } from '../users/user.entity.ts';
import type { Authentication } from './authentication.ts';
import { newRefreshToken, refreshTokenHash } from './refresh-token.ts';
import { RefreshToken, Session } from './session.entity.ts';

/**
 * Signs an account in. `scopes` narrows the session for good; null: all that the account is worth at any time.
 * Null if the account is closed or gone.
 */
export async function openSession(
  em: EntityManager,
  authentication: Authentication,
  { userId, scopes }: { userId: string; scopes: readonly string[] | null },
  now: Date,
): Promise<AuthSession | null> {
  return await em.transactional(async (inner) => {
    // Locked, so that a session is not opened on an account while it is being closed.
    const account = await inner.findOne(
      User,
      { id: userId, isActive: true },
      { disableIdentityMap: true, lockMode: LockMode.PESSIMISTIC_READ },
    );
    if (!account) return null;
    await deleteExpiredSessions(inner, userId, now);
    const session = {
      id: newId(),
      userId,
      scopes: scopes && narrow(scopesOfRole[account.role], scopes),
      // The clock of the server that last closed the account may be ahead.
      createdAt: new Date(Math.max(now.getTime(), account.sessionsValidFrom.getTime())),
      lastUsedAt: now,
      expiresAt: later(now, authentication.sessionTtl),
      endedAt: null,
      endReason: null,
    };
    await inner.insert(Session, session);
    return await issueTokens(inner, authentication, { account, session, scopes: null }, now);
  });
}

/**
 * Trades a refresh token for new tokens. `scopes` narrows this access token only. Of several calls with one
 * token, one succeeds; the others end the session, since one of the two who hold the token stole it.
 * Null if the token is unknown, spent or expired, or its session is over.
 */
export async function refreshSession(
  em: EntityManager,
  authentication: Authentication,
  { refreshToken, scopes }: { refreshToken: string; scopes: readonly string[] | null },
  now: Date,
): Promise<AuthSession | null> {
  const tokenHash = refreshTokenHash(refreshToken);
  if (tokenHash === null) return null;
  // What is decided inside is returned, not thrown: the end of a session must be committed as well.
  return await em.transactional(async (inner) => {
    const claimed = await inner.nativeUpdate(RefreshToken, { tokenHash, spentAt: null }, { spentAt: now });
    const token = await inner.findOne(RefreshToken, { tokenHash }, { disableIdentityMap: true });
    if (!token) return null;
    if (claimed === 0) {
      await end(inner, token.sessionId, 'REFRESH_TOKEN_REUSED', now);
      return null;
    }
    const live = token.expiresAt > now ? await findLiveSession(inner, token.sessionId, now) : null;
    if (!live) return null;
    // A spent token is kept only as long as it could have been used.
    await inner.nativeDelete(RefreshToken, { sessionId: token.sessionId, expiresAt: { $lte: now } });
    await inner.nativeUpdate(Session, { id: token.sessionId }, { lastUsedAt: now });
    return await issueTokens(inner, authentication, { ...live, scopes }, now);
  });
}

/** Ends a session; its tokens are worth nothing from then on. Does nothing to one that has ended. */
export async function endSession(em: EntityManager, sessionId: string, now: Date): Promise<void> {
  await end(em, sessionId, 'LOGOUT', now);
}

/** The scopes of `granted` that are asked for: the rest is dropped, and nothing is ever added. */
export function narrow(granted: readonly string[], asked: readonly string[] | null): string[] {
  return asked === null ? [...granted] : granted.filter((scope) => asked.includes(scope));
}

/** How many sessions are deleted at most when another is opened. */
const maxDeleted = 100;

async function deleteExpiredSessions(em: EntityManager, userId: string, now: Date): Promise<void> {
  const expired = await em.find(
    Session,
    { userId, expiresAt: { $lte: now } },
    // Those that another sign-in is deleting are left to it: to wait for each other is to deadlock.
    { disableIdentityMap: true, fields: ['id'], limit: maxDeleted, lockMode: LockMode.PESSIMISTIC_PARTIAL_WRITE },
  );
  if (expired.length > 0) await em.nativeDelete(Session, { id: expired.map(({ id }) => id) });
}

interface Live {
  session: Pick<Session, 'id' | 'scopes' | 'expiresAt'>;
  account: Pick<User, 'id' | 'username' | 'role'>;
}

async function findLiveSession(em: EntityManager, sessionId: string, now: Date): Promise<Live | null> {
  const session = await em.findOne(
    Session,
    { id: sessionId, endedAt: null, expiresAt: { $gt: now } },
    { disableIdentityMap: true },
  );
  const account =
    session &&
    (await em.findOne(
      User,
      { id: session.userId, isActive: true, sessionsValidFrom: { $lte: session.createdAt } },
      { disableIdentityMap: true },
    ));
  return account && { session, account };
}

async function issueTokens(
  em: EntityManager,
  { accessTokens, refreshTokenTtl }: Authentication,
  { session, account, scopes }: Live & { scopes: readonly string[] | null },
  now: Date,
): Promise<AuthSession> {
  const { token: refreshToken, tokenHash } = newRefreshToken();
  const slidingEnd = later(now, refreshTokenTtl);
  await em.insert(RefreshToken, {
    tokenHash,
    sessionId: session.id,
    createdAt: now,
    expiresAt: slidingEnd < session.expiresAt ? slidingEnd : session.expiresAt,
    spentAt: null,
  });
  const granted = narrow(narrow(scopesOfRole[account.role], session.scopes ?? null), scopes);
  const { token, expiresAt, expiresIn } = await accessTokens.issue(
    { userId: account.id, sessionId: session.id, role: account.role, scopes: granted },
    now,
  );
  return {
    accessToken: token,
    tokenType: 'Bearer',
    expiresIn,
    expiresAt,
    refreshToken,
    scope: granted.join(' '),
    userId: toGlobalId('user', account.id),
    username: account.username,
    role: account.role,
  };
}

async function end(
  em: EntityManager,
  sessionId: string,
  endReason: 'LOGOUT' | 'REFRESH_TOKEN_REUSED',
  now: Date,
): Promise<void> {
  await em.nativeUpdate(Session, { id: sessionId, endedAt: null }, { endedAt: now, endReason });
}

function later(moment: Date, seconds: number): Date {
  return new Date(moment.getTime() + seconds * 1000);
}
