/**
 * Refreshing, safe for parallel callers.
 *
 * A refresh token has one successor, ever: the session's row is locked during the decision, and the database keeps
 * parents unique. Within a short time the client is given the same successor again, so two tabs, a lost answer and a
 * retry do no harm. An older token, or a later use, means that a thief has or had the token, so the session ends.
 * Sources: RFC 9700, section 4.14.2. Experience of others is in
 * docs/decisions/0006-refresh-tokens-have-one-successor.md.
 */
import { CompiledQuery } from 'kysely';
import { recordEvent } from '../../audit/audit.service.ts';
import type { AuditEventRow } from '../../audit/audit-event.entity.ts';
import type { RequestInfo } from '../../audit/request-info.ts';
import type { EntityManager } from '../../database/database.ts';
import { fromTimestamp } from '../../database/timestamps.ts';
import { inTransaction } from '../../database/transaction.ts';
import type { AuthSession, Role } from '../../graphql/schema-types.ts';
import type { Authentication } from '../authentication.ts';
import { counted } from '../throttling/counted.ts';
import { newSalt, refreshTokenHash, successorOf } from '../tokens/refresh-token.ts';
import { type EndReason, RefreshToken, Session } from './session.entity.ts';
import { issueTokens, later, refreshTokenEnd } from './session.service.ts';

export interface Refreshing {
  refreshToken: string;
  /** Narrows only this access token. */
  scopes: readonly string[] | null;
}

type Cause = NonNullable<AuditEventRow['cause']>;

/**
 * Trades a refresh token for new tokens, or gives the same ones again. Null if the token is unknown, spent, expired or
 * revoked, or its session is over.
 * @throws TooManyRequestsError if the session is refreshed too often.
 */
export async function refreshSession(
  em: EntityManager,
  authentication: Authentication,
  { refreshToken, scopes }: Refreshing,
  request: RequestInfo,
): Promise<AuthSession | null> {
  const tokenHash = refreshTokenHash(refreshToken);
  if (tokenHash === null) return null;
  const known = await em.findOne(RefreshToken, { tokenHash }, { disableIdentityMap: true, fields: ['sessionId'] });
  if (!known) return null;
  await counted(em, authentication.throttle.refreshOf({ sessionId: known.sessionId }), request);
  // The decision is returned, not thrown, because the end of a session must be committed.
  return await inTransaction(em, async (tx) => {
    const found = await lockAndRead(tx, tokenHash);
    if (!found) return null;
    const verdict = judge(found, authentication, request.now);
    const { account, session, token } = found;
    if (verdict === 'trade') {
      const successor = await trade(tx, authentication, { refreshToken, tokenHash, session }, request);
      return await issueTokens(authentication, { account, session, scopes, refreshToken: successor }, request.now);
    }
    if (verdict === 'repeat') {
      const [salt, keys] = [token.childSalt ?? '', authentication.refreshTokenKeys];
      const successors = keys.map((key) => successorOf(refreshToken, salt, key));
      const successor = successors.find((candidate) => candidate.tokenHash === token.childHash);
      // Derived with a secret that this server does not know, so it cannot be derived again.
      if (!successor) return null;
      const again = { account, session, scopes, refreshToken: successor.token };
      return await issueTokens(authentication, again, request.now);
    }
    if (verdict !== 'expired') await endByReuse(tx, { cause: verdict, tokenHash, found }, request);
    return null;
  });
}

interface Found {
  account: { id: string; username: string; role: Role; isActive: boolean; sessionsValidFrom: string };
  session: { id: string; scopes: string[] | null; createdAt: Date; expiresAt: Date; endReason: EndReason | null };
  token: {
    createdAt: string;
    expiresAt: string;
    spentAt: string | null;
    childHash: string | null;
    childSalt: string | null;
    childSpentAt: string | null;
  };
}

// Plain SQL, because every refresh runs it. The account is locked before the session, as everywhere. Each statement
// sees what was committed while the one before it waited.
const lockAccount = `
  select id, username, role, is_active as "isActive", sessions_valid_from as "sessionsValidFrom" from users
  where id = (
    select s.user_id from refresh_tokens t join sessions s on s.id = t.session_id where t.token_hash = $1
  ) for share`;
const lockSession = `
  select id, scopes, created_at as "createdAt", expires_at as "expiresAt", end_reason as "endReason" from sessions
  where id = (select session_id from refresh_tokens where token_hash = $1) for update`;
const readToken = `
  select t.created_at as "createdAt", t.expires_at as "expiresAt", t.spent_at as "spentAt",
    c.token_hash as "childHash", c.salt as "childSalt", c.spent_at as "childSpentAt"
  from refresh_tokens t left join refresh_tokens c on c.parent_hash = t.token_hash
  where t.token_hash = $1`;

async function lockAndRead(tx: EntityManager, tokenHash: string): Promise<Found | null> {
  const one = async <Row>(statement: string): Promise<Row | undefined> =>
    (await tx.getKysely().executeQuery<Row>(CompiledQuery.raw(statement, [tokenHash]))).rows[0];
  type ReadSession = Found['session'] & { createdAt: string; expiresAt: string };

  const account = await one<Found['account']>(lockAccount);
  const session = account && (await one<ReadSession>(lockSession));
  const token = session && (await one<Found['token']>(readToken));
  if (!account || !session || !token) return null;
  const [createdAt, expiresAt] = [fromTimestamp(session.createdAt), fromTimestamp(session.expiresAt)];
  return { account, session: { ...session, createdAt, expiresAt }, token };
}

const afterEnd: Readonly<Record<EndReason, Cause>> = {
  LOGOUT: 'AFTER_LOGOUT',
  REFRESH_TOKEN_REUSED: 'AFTER_REUSE',
  REVOKED: 'AFTER_REVOCATION',
  PASSWORD_CHANGED: 'AFTER_PASSWORD_CHANGE',
};

type Verdict = 'trade' | 'repeat' | 'expired' | Cause;
type Lifetimes = Pick<Authentication, 'refreshTokenTtl' | 'sessionTtl' | 'refreshRetryWindow'>;

/** Each end is the earlier of the promised one and the one by today's configuration. */
function judge({ account, session, token }: Found, lifetimes: Lifetimes, now: Date): Verdict {
  const { refreshTokenTtl, sessionTtl, refreshRetryWindow: window } = lifetimes;
  if (session.endReason !== null) return afterEnd[session.endReason];
  if (!account.isActive || fromTimestamp(account.sessionsValidFrom) > session.createdAt) return 'AFTER_CLOSING';
  if (session.expiresAt <= now || later(session.createdAt, sessionTtl) <= now) return 'expired';
  if (token.spentAt === null) {
    const isLive = fromTimestamp(token.expiresAt) > now && later(fromTimestamp(token.createdAt), refreshTokenTtl) > now;
    return isLive ? 'trade' : 'expired';
  }
  if (token.childSpentAt !== null) return 'OLDER_TOKEN';
  const age = now.getTime() - fromTimestamp(token.spentAt).getTime();
  return window > 0 && age <= window * 1000 ? 'repeat' : 'LATE_RETRY';
}

// The network stays that of the sign-in, because a refresh proves no password (see throttle.ts). Spent tokens stay as
// long as their session, so that their reuse is detected.
const tradeToken = `
  with spent as (
    update refresh_tokens set spent_at = $2 where token_hash = $1
  ), used as (
    update sessions set last_used_at = $2, address = $4 where id = $3
  )
  insert into refresh_tokens (token_hash, session_id, parent_hash, salt, created_at, expires_at)
  values ($5, $3, $1, $6, $2, $7)`;

/** @returns the successor. */
async function trade(
  tx: EntityManager,
  authentication: Authentication,
  { refreshToken, tokenHash, session }: { refreshToken: string; tokenHash: string; session: Found['session'] },
  request: RequestInfo,
): Promise<string> {
  const { now } = request;
  const salt = newSalt();
  const [key] = authentication.refreshTokenKeys;
  const successor = successorOf(refreshToken, salt, key);
  const expiresAt = refreshTokenEnd(authentication, session, now).toISOString();
  const values = [tokenHash, now.toISOString(), session.id, request.address, successor.tokenHash, salt, expiresAt];
  await tx.getKysely().executeQuery(CompiledQuery.raw(tradeToken, values));
  return successor.token;
}

/** Ends a living session, and tells the security log once for each token. */
async function endByReuse(
  tx: EntityManager,
  { cause, tokenHash, found }: { cause: Cause; tokenHash: string; found: Found },
  request: RequestInfo,
): Promise<void> {
  const { now } = request;
  const { account, session } = found;
  if (cause === 'LATE_RETRY' || cause === 'OLDER_TOKEN') {
    await tx.nativeUpdate(Session, { id: session.id }, { endedAt: now, endReason: 'REFRESH_TOKEN_REUSED' });
  }
  const first = await tx.nativeUpdate(RefreshToken, { tokenHash, replayedAt: null }, { replayedAt: now });
  if (first === 0) return;
  await recordEvent(tx, request, {
    ...{ type: 'REFRESH_TOKEN_REUSED', subjectId: account.id, sessionId: session.id, cause },
  });
}
