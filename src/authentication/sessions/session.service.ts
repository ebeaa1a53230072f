/**
 * Sessions. A sign-in opens them, refresh tokens carry them on (see session.refresh.ts), and a logout or their account
 * ends them. Code that changes an account and its sessions locks the account first, then the sessions.
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

/**
 * Seconds from a sign-in until its session ends, however often its token is refreshed. A lower value holds for open
 * sessions as well; a higher one for those that are opened later.
 */
export const absoluteSessionTtl = 90 * 86_400;

export interface Opening {
  userId: string;
  /** The version of the password that was verified. If it has changed meanwhile, no session is opened. */
  passwordVersion: number;
  /** Narrows the session for good; null: all that the account has at any time. */
  scopes: readonly string[] | null;
  event: 'REGISTERED' | 'SIGNED_IN';
}

/** Signs an account in. Null if the account is closed or gone, or its password has changed. */
export async function openSession(
  em: EntityManager,
  authentication: Authentication,
  { userId, passwordVersion, scopes, event }: Opening,
  request: RequestInfo,
): Promise<AuthSession | null> {
  const { now, address, userAgent } = request;
  return await inTransaction(em, async (inner) => {
    // Locked, so that no session is opened while the account is being closed.
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

/** Whether the account (a UUID) has signed in from this network before, as far as its sessions tell. */
export async function hasSessionFrom(em: EntityManager, userId: string, network: string): Promise<boolean> {
  const found = await em.findOne(Session, { userId, network }, { disableIdentityMap: true, fields: ['id'] });
  return found !== null;
}

/** Which sessions end. All ids are UUIDs. */
export interface Ending {
  userId: string;
  /** Only this session. */
  only?: string;
  /** All sessions except this one. */
  except?: string;
  reason: EndReason;
}

/**
 * Ends sessions of one account; their tokens are worth nothing from then on. Ended sessions stay as they are.
 *
 * @returns the number of ended sessions.
 */
export async function endSessions(
  em: EntityManager,
  { userId, only, except, reason }: Ending,
  now: Date,
): Promise<number> {
  return await inTransaction(em, async (inner) => {
    // Otherwise two calls that each end several sessions could wait for each other.
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
 * Ends every session that was opened before a moment, for example after a restore from a backup. Tells the security log
 * once, and for each account.
 *
 * @returns the number of ended sessions.
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

/** The scopes of `granted` that are asked for. Other scopes that are asked for are ignored. */
export function narrow(granted: readonly string[], asked: readonly string[] | null): string[] {
  return asked === null ? [...granted] : granted.filter((scope) => asked.includes(scope));
}

/** The most sessions that are deleted when another is opened. */
const maxDeleted = 100;

async function deleteExpiredSessions(em: EntityManager, userId: string, now: Date): Promise<void> {
  const expired = await em.find(
    Session,
    { userId, expiresAt: { $lte: now } },
    // Skips sessions that another sign-in is deleting. Waiting for each other would be a deadlock.
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
  /** Narrows only this access token. */
  scopes: readonly string[] | null;
  refreshToken: string;
}

/** The token holds what the account has now, within the scopes of the session, within the scopes that are asked for. */
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
