/** Living sessions, as their own users see them. */
import Bowser from 'bowser';
import sql from 'sql-template-tag';
import type { RequestInfo } from '../../audit/request-info.ts';
import type { EntityManager } from '../../database/database.ts';
import { fromTimestamp } from '../../database/timestamps.ts';
import type { QuerySessionsArgs } from '../../graphql/schema-types.ts';
import { isOneOf } from '../../lists/conditions.ts';
import type { Connection } from '../../lists/connection.ts';
import { ownersOf } from '../../lists/owners.ts';
import { readPage } from '../../lists/page.ts';
import { columnsAs, Rows } from '../../lists/rows.ts';
import type { Viewer } from '../../users/viewer.ts';
import type { Authentication } from '../authentication.ts';
import { later } from './session.service.ts';

/** A session's columns, as resolvers need them. */
export interface SessionRow {
  id: string;
  userId: string;
  address: string | null;
  userAgent: string | null;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
}

export type SessionPage = Connection<SessionRow>;

/** The moment, and the lifetime of an unused session in seconds. */
export interface Lifetime {
  now: Date;
  refreshTokenTtl: number;
}

interface Operation {
  readonly authentication: Pick<Authentication, 'refreshTokenTtl'>;
  readonly request: () => RequestInfo;
}

/** The lifetime that applies to an operation. */
export function lifetimeIn({ authentication, request }: Operation): Lifetime {
  return { now: request().now, refreshTokenTtl: authentication.refreshTokenTtl };
}

/** Living sessions, newest first. */
export async function listSessions(
  em: EntityManager,
  viewer: Viewer | null,
  args: QuerySessionsArgs,
  lifetime: Lifetime,
): Promise<SessionPage> {
  return await readPage(selectVisibleSessions(em, viewer, lifetime), { order, page: args, toRow: toSessionRow });
}

/** The sessions among these UUIDs that live and are the viewer's own, in any order. */
export async function findSessions(
  em: EntityManager,
  viewer: Viewer | null,
  uuids: readonly string[],
  operation: Operation,
): Promise<SessionRow[]> {
  return (await selectVisibleSessions(em, viewer, lifetimeIn(operation)).where(isOneOf('id', uuids)).read()).map(
    toSessionRow,
  );
}

/** The owners' UUIDs of the sessions with these global ids, in their order; null for an id that names none. */
export async function ownersOfSessions(
  ids: readonly string[],
  { em }: { em: EntityManager },
): Promise<(string | null)[]> {
  return await ownersOf(selectSessions(em), 'session', ids, 'user_id');
}

/** A User-Agent header for people, such as `Firefox on Windows`. If it is not a browser's, its first word. */
export function deviceOf(userAgent: string | null): string {
  if (userAgent === null) return 'Unknown device';
  const { browser, os } = Bowser.parse(userAgent);
  // Bowser gives no name to what is not a browser.
  const program = browser.name || /^[\w.+-]{1,40}/.exec(userAgent)?.[0] || 'Unknown program';
  return os.name ? `${program} on ${os.name}` : program;
}

const order = { name: 'CREATED_AT', type: 'timestamptz', expression: 'created_at', direction: 'DESC' } as const;

type Moments = 'createdAt' | 'lastUsedAt' | 'expiresAt';
type ReadSession = Omit<SessionRow, Moments> & Record<Moments, string>;

const columns = columnsAs({
  id: 'id',
  userId: 'user_id',
  address: 'address',
  userAgent: 'user_agent',
  createdAt: 'created_at',
  lastUsedAt: 'last_used_at',
  expiresAt: 'expires_at',
} satisfies Record<keyof ReadSession, string>);

function selectSessions(em: EntityManager): Rows<ReadSession> {
  return new Rows(em, { columns, from: 'sessions' });
}

function selectVisibleSessions(
  em: EntityManager,
  viewer: Viewer | null,
  { now, refreshTokenTtl }: Lifetime,
): Rows<ReadSession> {
  const sessions = selectSessions(em);
  if (!viewer) return sessions.where(sql`false`);
  return sessions.where(
    sql`user_id = ${viewer.id} and ended_at is null and expires_at > ${now.toISOString()}`,
    // Otherwise its refresh token has expired, and its access token before that.
    sql`last_used_at > ${later(now, -refreshTokenTtl).toISOString()}`,
    sql`created_at >= (select sessions_valid_from from users where users.id = user_id)`,
  );
}

function toSessionRow(read: ReadSession): SessionRow {
  return {
    ...read,
    createdAt: fromTimestamp(read.createdAt),
    lastUsedAt: fromTimestamp(read.lastUsedAt),
    expiresAt: fromTimestamp(read.expiresAt),
  };
}
