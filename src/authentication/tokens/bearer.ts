/** Finds the viewer by a request's Authorization header. Source: RFC 6750, sections 2.1 and 3.1. */
import { InvalidTokenError } from '../../errors.ts';
import { scopesOfRole } from '../../users/scopes.ts';
import type { Viewer } from '../../users/viewer.ts';
import type { Authentication } from '../authentication.ts';

type Sessions = Pick<Authentication, 'accessTokens' | 'sessions'> & Partial<Pick<Authentication, 'onRefusedSession'>>;

/**
 * Null if no header was sent. Every server learns within a second what the session and the account are worth now (see
 * session-view.ts).
 * @throws InvalidTokenError for a header that is not exactly one good token.
 */
export async function viewerOf(
  authorization: string | string[] | undefined,
  { accessTokens, sessions, onRefusedSession }: Sessions,
  now: Date,
): Promise<Viewer | null> {
  if (authorization === undefined) return null;
  const claims = await accessTokens.verify(bearerToken(authorization), now);
  const role = await sessions.roleIn(claims, now);
  if (role === null) {
    onRefusedSession?.(claims);
    throw new InvalidTokenError();
  }
  return {
    id: claims.userId,
    roles: [role],
    scopes: claims.scopes.filter((scope) => scopesOfRole[role].includes(scope)),
    sessionId: claims.sessionId,
  };
}

/** Longer than any token that is accepted. */
const maxHeaderLength = 8192;

function bearerToken(authorization: string | string[]): string {
  const values = [authorization].flat();
  const [value] = values;
  if (values.length !== 1 || value === undefined || value.length > maxHeaderLength) throw new InvalidTokenError();
  const token = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(value)?.[1];
  if (token === undefined) throw new InvalidTokenError();
  return token;
}
