/** Sessions, as the people whose they are see them: those that live, and of their own account alone. */
import Bowser from 'bowser';
import { sql } from 'kysely';
import type { EntityManager } from '../database/connection.ts';
import { fromGlobalId } from '../database/ids.ts';
import { readPage } from '../database/page.ts';
import { fromTimestamp } from '../database/timestamps.ts';
import type { SessionPage } from '../graphql/connection.ts';
import type { GraphQLContext } from '../graphql/context.ts';
import type { QuerySessionsArgs } from '../graphql/generated.ts';
import type { Viewer } from './viewer.ts';

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

/** Newest first. */
export async function listSessions(
  em: EntityManager,
  viewer: Viewer | null,
  args: QuerySessionsArgs,
  now: Date,
): Promise<SessionPage> {
  return await readPage(selectVisibleSessions(em, viewer, now), { order, page: args, toRow: toSessionRow });
}

/** Those of the sessions with these UUIDs that live and are the viewer's own, in any order. */
export async function findSessions(
  em: EntityManager,
  viewer: Viewer | null,
  uuids: readonly string[],
  now: Date,
): Promise<SessionRow[]> {
  return (await selectVisibleSessions(em, viewer, now).where('id', 'in', uuids).execute()).map(toSessionRow);
}

/** The owners' UUIDs of the sessions with these global ids, in their order; null for an id that names none. */
export async function ownersOfSessions(
  ids: readonly string[],
  { em }: Pick<GraphQLContext, 'em'>,
): Promise<(string | null)[]> {
  const uuids = ids.map((id) => fromGlobalId('session', id));
  const wanted = [...new Set(uuids)].filter((uuid) => uuid !== null);
  if (wanted.length === 0) return uuids;
  const read = await selectSessions(em).clearSelect().select(['id', 'user_id']).where('id', 'in', wanted).execute();
  const owners = new Map(read.map((row) => [row.id, row.user_id]));
  return uuids.map((uuid) => (uuid === null ? null : (owners.get(uuid) ?? null)));
}

/** What a User-Agent header says, for people: `Firefox on Windows`; what begins it, if it is no browser's. */
export function deviceOf(userAgent: string | null): string {
  if (userAgent === null) return 'Unknown device';
  const { browser, os } = Bowser.parse(userAgent);
  // The name of what is no browser is empty.
  const program = browser.name || /^[\w.+-]{1,40}/.exec(userAgent)?.[0] || 'Unknown program';
  return os.name ? `${program} on ${os.name}` : program;
}

const order = { name: 'CREATED_AT', type: 'timestamptz', expression: 'created_at', direction: 'DESC' } as const;

interface SessionsTable {
  id: string;
  user_id: string;
  address: string | null;
  user_agent: string | null;
  created_at: string;
  last_used_at: string;
  expires_at: string;
  ended_at: string | null;
}

function selectSessions(em: EntityManager) {
  return em
    .getKysely<{ sessions: SessionsTable }>()
    .selectFrom('sessions')
    .select([
      'id',
      'user_id as userId',
      'address',
      'user_agent as userAgent',
      'created_at as createdAt',
      'last_used_at as lastUsedAt',
      'expires_at as expiresAt',
    ]);
}

function selectVisibleSessions(em: EntityManager, viewer: Viewer | null, now: Date) {
  const sessions = selectSessions(em);
  if (!viewer) return sessions.where(sql<boolean>`false`);
  return sessions
    .where('user_id', '=', viewer.id)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now.toISOString())
    .where(sql<boolean>`created_at >= (select sessions_valid_from from users where id = user_id)`);
}

type ReadSession = Awaited<ReturnType<ReturnType<typeof selectSessions>['executeTakeFirstOrThrow']>>;

function toSessionRow(read: ReadSession): SessionRow {
  return {
    ...read,
    createdAt: fromTimestamp(read.createdAt),
    lastUsedAt: fromTimestamp(read.lastUsedAt),
    expiresAt: fromTimestamp(read.expiresAt),
  };
}
