/**
 * Knows in memory what sessions are worth, so that a request with a token needs no statement.
 *
 * An entry holds the last answer of the database. Triggers remove it on every node as soon as the session, its
 * account's role or its account's being open changes (see database/notifications.ts). The view answers only while it
 * provably has every change; otherwise it asks the database. It never assumes that a session is good.
 */

import { CompiledQuery } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Database } from '../../database/database.ts';
import type { OnMessage, Subscription } from '../../database/notifications.ts';
import { fromTimestamp } from '../../database/timestamps.ts';
import type { Role } from '../../graphql/schema-types.ts';

export interface SessionView {
  /** The account's role now; null if the session is over, or belongs to another account. Both ids are UUIDs. */
  roleIn(session: { sessionId: string; userId: string }, now: Date): Promise<Role | null>;
  /** Resolves when this node knows every change that was committed before the call. */
  catchUp(): Promise<void>;
  /**
   * Waits until this node knows of `change`, which ends sessions or changes accounts. The next request then sees it.
   * Other nodes know of it within a second.
   */
  known<Change>(change: Promise<Change>): Promise<Change>;
  /** How often the view answered, and how often it asked the database. */
  readonly counts: { readonly answered: number; readonly asked: number };
  close(): Promise<void>;
}

export interface SessionViewOptions {
  /** How many sessions are kept. Default: 20,000. */
  maxSessions?: number;
  onLost?: (error: unknown) => void;
  /** Called with other messages of the same connection, and when messages may have been lost. */
  also?: { onMessage: OnMessage; onGap: () => void };
}

interface Entry {
  userId: string;
  role: Role;
  /** In milliseconds. */
  expiresAt: number;
}

/** The greatest age of an answer, in milliseconds; an older one is asked for again. The promise is one second. */
const maxAge = 900;

export async function createSessionView(
  database: Pick<Database, 'fork' | 'subscribe'>,
  { maxSessions = 20_000, onLost = () => {}, also }: SessionViewOptions = {},
): Promise<SessionView> {
  const entries = new LRUCache<string, Entry>({ max: maxSessions });
  const counts = { answered: 0, asked: 0 };
  /** Counts messages and gaps. An answer that was read while one arrived may be too old. */
  let changes = 0;

  const subscription: Subscription = await database.subscribe({
    onLost,
    onMessage: (topic, id) => {
      if (topic !== 'session' && topic !== 'user') return also?.onMessage(topic, id);
      changes++;
      // A table was emptied.
      if (id === '*') entries.clear();
      else if (topic === 'session') entries.delete(id);
      else for (const [sessionId, { userId }] of entries.entries()) if (userId === id) entries.delete(sessionId);
    },
    onGap: async () => {
      also?.onGap();
      await reload();
    },
  });

  /** Reads all entries again in one statement, so that a lost connection is not followed by a flood of questions. */
  async function reload(): Promise<void> {
    const ids = [...entries.keys()];
    const before = ++changes;
    const live = ids.length === 0 ? new Map<string, Entry>() : await read(ids);
    for (const id of ids) {
      const entry = live.get(id);
      if (entry && changes === before) entries.set(id, entry);
      else entries.delete(id);
    }
  }

  async function read(sessionIds: readonly string[]): Promise<Map<string, Entry>> {
    const { rows } = await database
      .fork()
      .getKysely()
      .executeQuery<LiveSession>(CompiledQuery.raw(liveSessions, [sessionIds]));
    return new Map(
      rows.map(({ id, userId, role, expiresAt }) => [
        id,
        { userId, role, expiresAt: fromTimestamp(expiresAt).getTime() },
      ]),
    );
  }

  return {
    roleIn: async ({ sessionId, userId }, now) => {
      let entry: Entry | undefined;
      if (performance.now() - subscription.knownUntil() <= maxAge) entry = entries.get(sessionId);
      if (entry) counts.answered++;
      else {
        counts.asked++;
        const before = changes;
        entry = (await read([sessionId])).get(sessionId);
        if (entry && changes === before && performance.now() - subscription.knownUntil() <= maxAge) {
          entries.set(sessionId, entry);
        }
      }
      return entry && entry.userId === userId && entry.expiresAt > now.getTime() ? entry.role : null;
    },
    catchUp: () => subscription.catchUp(),
    known: async (change) => {
      const changed = await change;
      await subscription.catchUp();
      return changed;
    },
    counts,
    close: () => subscription.close(),
  };
}

interface LiveSession {
  id: string;
  userId: string;
  role: Role;
  expiresAt: string;
}

// Plain SQL, so that nothing is compiled for each call. The clock of this process decides whether the session has
// expired.
const liveSessions = `
  select s.id, s.user_id as "userId", u.role, s.expires_at as "expiresAt"
  from sessions s
  join users u on u.id = s.user_id
  where s.id = any($1::uuid[]) and s.ended_at is null and u.is_active and s.created_at >= u.sessions_valid_from`;
