/** From a request's Authorization header to who is asking. Source: RFC 6750, sections 2.1 and 3.1. */
import { CompiledQuery } from 'kysely';
import type { EntityManager } from '../database/connection.ts';
import { InvalidTokenError } from '../errors.ts';
import type { Role } from '../graphql/generated.ts';
import { scopesOfRole } from '../users/scopes.ts';
import type { AccessTokens } from './access-token.ts';
import type { Viewer } from './viewer.ts';

export interface BearerSettings {
  em: EntityManager;
  accessTokens: AccessTokens;
  now: Date;
}

/**
 * Null when no header was sent. Asks the database each time, so that a logout, a closed account or a change of
 * role is effective at once, on every server.
 * @throws InvalidTokenError for a header that is present and not exactly one good token.
 */
export async function viewerOf(
  authorization: string | string[] | undefined,
  { em, accessTokens, now }: BearerSettings,
): Promise<Viewer | null> {
  if (authorization === undefined) return null;
  const claims = await accessTokens.verify(bearerToken(authorization), now);
  const role = await roleInSession(em, claims, now);
  if (role === null) throw new InvalidTokenError();
  return {
    id: claims.userId,
    roles: [role],
    scopes: claims.scopes.filter((scope) => scopesOfRole[role].includes(scope)),
    sessionId: claims.sessionId,
  };
}

/** More than any token that is accepted. */
const maxHeaderLength = 8192;

function bearerToken(authorization: string | string[]): string {
  const values = [authorization].flat();
  const [value] = values;
  if (values.length !== 1 || value === undefined || value.length > maxHeaderLength) throw new InvalidTokenError();
  const token = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(value)?.[1];
  if (token === undefined) throw new InvalidTokenError();
  return token;
}

// Run for every request: written out, so that nothing is compiled anew each time.
const roleInLiveSession = `
  select u.role
  from sessions s
  join users u on u.id = s.user_id
  where s.id = $1 and s.user_id = $2 and s.ended_at is null and s.expires_at > $3
    and u.is_active and s.created_at >= u.sessions_valid_from`;

/** The account's role now; null if the session is over, or not of that account. */
async function roleInSession(
  em: EntityManager,
  { sessionId, userId }: { sessionId: string; userId: string },
  now: Date,
): Promise<Role | null> {
  const { rows } = await em
    .getKysely()
    .executeQuery<{ role: Role }>(CompiledQuery.raw(roleInLiveSession, [sessionId, userId, now.toISOString()]));
  return rows[0]?.role ?? null;
}
