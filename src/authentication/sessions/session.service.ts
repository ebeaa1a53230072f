/**
 * Sessions: opened by a sign-in, carried on by refresh tokens (see session.refresh.ts), ended by a logout or by their
 * account. Whoever changes an account and its sessions locks the account first, then the sessions.
 */
import { LockMode } from '@mikro-orm/core';
import { recordEvent } from '../../audit/audit.service.ts';
import { byOperator, networkOfRequest, type RequestInfo } from '../../audit/request-info.ts';
import type { EntityManager } from '../../database/database.ts';
import { newId, toGlobalId } from '../../database/ids.ts';
import { inTransaction } from '../../database/transaction.ts';
import type { AuthSession } from '../../graphql/schema-types.ts';
import { scopesOfRole } from '../../users/scopes.ts';
import { User } from '../../users/user.entity.ts';
import type { Authentication } from '../authentication.ts';
import { newRefreshToken } from '../tokens/refresh-token.ts';
import { type EndReason, RefreshToken, Session } from './session.entity.ts';

export interface Opening {
  userId: string;
  /** Of the password that was verified: a session is not opened by one that has been changed meanwhile. */
  passwordVersion: number;
  /** Narrows the session for good; null: all that the account is worth at any time. */
  scopes: readonly string[] | null;
  event: 'REGISTERED' | 'SIGNED_IN';
}

/** Signs an account in. Null if the account is closed or gone, or its password is another by now. */
export async function openSession(
  em: EntityManager,
  authentication: Authentication,
  { userId, passwordVersion, scopes, event }: Opening,
  request: RequestInfo,
): Promise<AuthSession | null> {
  const { now, address, userAgent } = request;
  return await inTransaction(em, async (inner) => {
    // Locked, so that a session is not opened on an account while it is being closed.
    const account = await inner.findOne(
      User,
      { id: userId, isActive: true, passwordVersion },
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
      address,
      network: networkOfRequest(request),
      userAgent,
      endedAt: null,
      endReason: null,
    };
    await inner.insert(Session, session);
    const { token: refreshToken, tokenHash } = newRefreshToken();
    await inner.insert(RefreshToken, {
      ...{ tokenHash, sessionId: session.id, parentHash: null, salt: null, createdAt: now },
      ...{ expiresAt: refreshTokenEnd(authentication, session, now), spentAt: null, replayedAt: null },
    });
    await recordEvent(inner, request, { type: event, actorId: userId, subjectId: userId, sessionId: session.id });
    return await issueTokens(authentication, { account, session, scopes: null, refreshToken }, now);
  });
}

/** Whether the account (a UUID) has signed in from there before, as far as its sessions tell. */
export async function hasSessionFrom(em: EntityManager, userId: string, network: string): Promise<boolean> {
  const found = await em.findOne(Session, { userId, network }, { disableIdentityMap: true, fields: ['id'] });
  return found !== null;
}

/** Which sessions end. All ids are UUIDs. */
export interface Ending {
  userId: string;
  /** This one alone. */
  only?: string;
  /** All but this one. */
  except?: string;
  reason: EndReason;
}

/**
 * Ends sessions of one account: their tokens are worth nothing from then on. Those that have ended are left alone.
 *
 * @returns how many there were.
 */
export async function endSessions(
  em: EntityManager,
  { userId, only, except, reason }: Ending,
  now: Date,
): Promise<number> {
  return await inTransaction(em, async (inner) => {
    // Two that end several would wait for each other's.
    if (only === undefined) {
      const lock = { disableIdentityMap: true, fields: ['id'], lockMode: LockMode.PESSIMISTIC_WRITE } as const;
      await inner.findOne(User, { id: userId }, lock);
    }
    const which = only ?? (except === undefined ? undefined : { $ne: except });
    return await inner.nativeUpdate(
      Session,
      { userId, endedAt: null, expiresAt: { $gt: now }, ...(which !== undefined && { id: which }) },
      { endedAt: now, endReason: reason },
    );
  });
}

/** How many accounts are locked at once. */
const accountsAtOnce = 500;

/**
 * Ends every session that was opened before a moment, as after a restore from a backup. Tells the security log that it
 * was done, and of each account.
 *
 * @returns how many sessions there were.
 */
export async function endAllSessions(em: EntityManager, before: Date, now: Date): Promise<number> {
  const detail = `all that were opened before ${before.toISOString()}`;
  let [total, last] = [0, '00000000-0000-0000-0000-000000000000'];
  for (;;) {
    const accounts: { id: string }[] = await em.execute(
      `select distinct user_id as id from sessions
       where ended_at is null and expires_at > ? and created_at < ? and user_id > ? order by user_id limit ?`,
      [now, before, last, accountsAtOnce],
    );
    const ids = accounts.map(({ id }) => id);
    if (ids.length === 0) break;
    last = ids.at(-1) as string;
    total += await inTransaction(em, async (tx) => {
      const lock = { disableIdentityMap: true, fields: ['id'], lockMode: LockMode.PESSIMISTIC_WRITE } as const;
      await tx.find(User, { id: ids }, { ...lock, orderBy: { id: 'asc' } });
      const ended = await tx.nativeUpdate(
        Session,
        { userId: ids, endedAt: null, expiresAt: { $gt: now }, createdAt: { $lt: before } },
        { endedAt: now, endReason: 'REVOKED' },
      );
      for (const subjectId of ids) {
        await recordEvent(tx, byOperator(now), { type: 'SESSIONS_REVOKED', subjectId, detail });
      }
      return ended;
    });
  }
  await recordEvent(em, byOperator(now), { type: 'SESSIONS_REVOKED', detail: `${detail}: ${total}` });
  return total;
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

/** When a refresh token that is made now expires: by not being used, or with its session. */
export function refreshTokenEnd(
  { refreshTokenTtl }: Authentication,
  session: Pick<Session, 'expiresAt'>,
  now: Date,
): Date {
  const slidingEnd = later(now, refreshTokenTtl);
  return slidingEnd < session.expiresAt ? slidingEnd : session.expiresAt;
}

interface Issue {
  account: Pick<User, 'id' | 'username' | 'role'>;
  session: Pick<Session, 'id' | 'scopes'>;
  /** Narrows this access token only. */
  scopes: readonly string[] | null;
  refreshToken: string;
}

/** What the account is worth now, within what the session was granted, within what is asked for. */
export async function issueTokens(
  { accessTokens }: Authentication,
  { account, session, scopes, refreshToken }: Issue,
  now: Date,
): Promise<AuthSession> {
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

export function later(moment: Date, seconds: number): Date {
  return new Date(moment.getTime() + seconds * 1000);
}
