import type { AuditEventRow } from '../audit/audit-event.entity.ts';
import type { SessionRow } from '../authentication/sessions/session.list.ts';
import type { TaskRow } from '../tasks/task.entity.ts';
import type { UserRow } from '../users/user.entity.ts';

/**
 * A page of rows as resolvers hand it over. Source: Relay Cursor Connections.
 * `totalCount` is counted only when an operation asks for it.
 */
export interface Connection<Row> {
  edges: { node: Row; cursor: string }[];
  nodes: Row[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
  totalCount: () => Promise<number>;
}

export type SecurityEventPage = Connection<AuditEventRow>;
export type SessionPage = Connection<SessionRow>;
export type TaskPage = Connection<TaskRow>;
export type UserPage = Connection<UserRow>;
