/** Ends sessions on purpose. */
import { recordEvent } from '../../audit/audit.service.ts';
import type { RequestInfo } from '../../audit/request-info.ts';
import type { EntityManager } from '../../database/database.ts';
import { fromGlobalId, toGlobalId } from '../../database/ids.ts';
import { inTransaction } from '../../database/transaction.ts';
import type { InputError, RevokeSessionInput } from '../../graphql/schema-types.ts';
import { signedIn, type Viewer } from '../../users/viewer.ts';
import { type Ending, endSessions } from './session.service.ts';

/** `revokedSessionId`, a global id, is null exactly when there are errors. */
export interface SessionRevocation {
  revokedSessionId: string | null;
  errors: InputError[];
}

/** Ends the viewer's present session. */
export async function logout(
  em: EntityManager,
  viewer: Viewer | null,
  request: RequestInfo,
): Promise<{ endedSessionId: string }> {
  const { sessionId } = signedIn(viewer);
  await end(em, viewer, { only: sessionId, reason: 'LOGOUT' }, request);
  return { endedSessionId: toGlobalId('session', sessionId) };
}

/** Ends one of the viewer's sessions. A missing session and another's session get the same answer. */
export async function revokeSession(
  em: EntityManager,
  viewer: Viewer | null,
  { sessionId }: RevokeSessionInput,
  request: RequestInfo,
): Promise<SessionRevocation> {
  const only = fromGlobalId('session', sessionId);
  const count = only === null ? 0 : await end(em, viewer, { only, reason: 'REVOKED' }, request);
  if (count > 0) return { revokedSessionId: sessionId, errors: [] };
  const message = 'You have no such session, or it has ended.';
  return { revokedSessionId: null, errors: [{ path: ['input', 'sessionId'], code: 'NOT_FOUND', message }] };
}

/** Ends all of the viewer's sessions except the one that asks. */
export async function revokeOtherSessions(
  em: EntityManager,
  viewer: Viewer | null,
  request: RequestInfo,
): Promise<{ revokedCount: number }> {
  const { sessionId } = signedIn(viewer);
  return { revokedCount: await end(em, viewer, { except: sessionId, reason: 'REVOKED' }, request) };
}

/** Ends all of the viewer's sessions. */
export async function logoutEverywhere(
  em: EntityManager,
  viewer: Viewer | null,
  request: RequestInfo,
): Promise<{ endedCount: number }> {
  return { endedCount: await end(em, viewer, { reason: 'LOGOUT' }, request) };
}

/** @returns the number of ended sessions. If there were any, the security log is told. */
async function end(
  em: EntityManager,
  viewer: Viewer | null,
  which: Omit<Ending, 'userId'>,
  request: RequestInfo,
): Promise<number> {
  const { id, sessionId } = signedIn(viewer);
  const type = which.reason === 'LOGOUT' ? 'SIGNED_OUT' : 'SESSIONS_REVOKED';
  return await inTransaction(em, async (tx) => {
    const count = await endSessions(tx, { userId: id, ...which }, request.now);
    if (count > 0) {
      const detail =
        which.only === undefined
          ? `${count} ${count === 1 ? 'session' : 'sessions'}`
          : toGlobalId('session', which.only);
      await recordEvent(tx, request, { type, actorId: id, subjectId: id, sessionId, detail });
    }
    return count;
  });
}
