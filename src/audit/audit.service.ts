/**
 * The security log: what happened to accounts, sessions and keys. Each event is written in the transaction of its
 * change.
 */
import sql, { raw, type Sql } from 'sql-template-tag';
import type { EntityManager } from '../database/database.ts';
import { fromGlobalId, newId } from '../database/ids.ts';
import { fromTimestamp, toTimestamp } from '../database/timestamps.ts';
import type { AuditEventFilter, QueryAuditEventsArgs, UserSecurityEventsArgs } from '../graphql/schema-types.ts';
import { isOneOf } from '../lists/conditions.ts';
import type { Connection } from '../lists/connection.ts';
import { readPage } from '../lists/page.ts';
import { columnsAs, Rows, Unseen } from '../lists/rows.ts';
import { AuditEvent, type AuditEventRow } from './audit-event.entity.ts';
import type { RequestInfo } from './request-info.ts';

export type SecurityEventPage = Connection<AuditEventRow>;

/** Ids are UUIDs. */
export interface NewEvent {
  type: AuditEventRow['type'];
  /** Default: nobody was signed in. */
  actorId?: string | null;
  /** Default: it is about no account. */
  subjectId?: string | null;
  sessionId?: string | null;
  cause?: NonNullable<AuditEventRow['cause']>;
  /** Cut to 200 characters. */
  detail?: string;
}

/** Inside a transaction, the event is kept exactly when the transaction commits. */
export async function recordEvent(em: EntityManager, request: RequestInfo, event: NewEvent): Promise<void> {
  const { now, address, userAgent, requestId } = request;
  const { type, actorId = null, subjectId = null, sessionId = null, cause = null, detail } = event;
  await em.insert(AuditEvent, {
    ...{ id: newId(), type, createdAt: now, actorId, subjectId, sessionId, address, userAgent, requestId, cause },
    detail: detail?.slice(0, 200) ?? null,
  });
}

/** Every event, newest first. The guard has checked that the viewer may read them. */
export async function listEvents(em: EntityManager, args: QueryAuditEventsArgs): Promise<SecurityEventPage> {
  return await readPage(selectEvents(em).filter(...conditionsOf(args.filter ?? {})), {
    order,
    page: args,
    toRow: toEvent,
  });
}

/**
 * The events of the viewer's own account, newest first. `userId`: a UUID. Hides the address and client when somebody
 * else acted.
 */
export async function listOwnEvents(
  em: EntityManager,
  userId: string,
  args: UserSecurityEventsArgs,
): Promise<SecurityEventPage> {
  const rows = selectEvents(em).where(sql`subject_id = ${new Unseen('uuid', userId)}`);
  const toRow: typeof toEvent = (read) => {
    const event = toEvent(read);
    const isOthers = event.actorId !== null && event.actorId !== userId;
    return isOthers ? { ...event, address: null, userAgent: null, requestId: null, sessionId: null } : event;
  };
  return await readPage(rows, { order, page: args, toRow });
}

const order = { name: 'CREATED_AT', type: 'timestamptz', expression: 'created_at', direction: 'DESC' } as const;

type ReadEvent = Omit<AuditEventRow, 'createdAt'> & { createdAt: string };

const columns = columnsAs({
  id: 'id',
  type: 'type',
  createdAt: 'created_at',
  actorId: 'actor_id',
  subjectId: 'subject_id',
  sessionId: 'session_id',
  address: 'address',
  userAgent: 'user_agent',
  requestId: 'request_id',
  cause: 'cause',
  detail: 'detail',
} satisfies Record<keyof ReadEvent, string>);

function selectEvents(em: EntityManager): Rows<ReadEvent> {
  return new Rows(em, { columns, from: 'audit_events' });
}

function toEvent(read: ReadEvent): AuditEventRow {
  return { ...read, createdAt: fromTimestamp(read.createdAt) };
}

function conditionsOf({ type, actorId, subjectId, after, before }: AuditEventFilter): Sql[] {
  const conditions: Sql[] = [];
  if (type) conditions.push(isOneOf('type', type));
  if (actorId != null) conditions.push(isAccount('actor_id', actorId));
  if (subjectId != null) conditions.push(isAccount('subject_id', subjectId));
  if (after) conditions.push(sql`created_at >= ${toTimestamp(after)}`);
  if (before) conditions.push(sql`created_at < ${toTimestamp(before)}`);
  return conditions;
}

/** If the global id is no account's, no event matches. */
function isAccount(column: 'actor_id' | 'subject_id', globalId: string): Sql {
  const uuid = fromGlobalId('user', globalId);
  return uuid === null ? sql`false` : sql`${raw(column)} = ${uuid}`;
}
