/** What the server itself does for the security log: tells it of denied administration, and deletes what is too old. */
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { deleteOldEvents } from '../audit/audit.retention.ts';
import { recordEvent } from '../audit/audit.service.ts';
import type { DenialEvent, DenialMode } from '../authorization/guard.ts';
import type { Config } from '../config.ts';
import type { Database } from '../database/connection.ts';
import type { GraphQLContext } from '../graphql/context.ts';
import { scopesOfRole } from '../users/scopes.ts';

export interface AuditKeeper {
  /** Writes in the background: whoever is denied does not wait for it. */
  recordDenial(event: DenialEvent<GraphQLContext>): void;
  /** Resolves when what is under way is written. */
  stop(): Promise<void>;
}

interface Parts {
  database: Pick<Database, 'fork'>;
  log: Logger;
  now: () => Date;
}

/** The same person is told of the same thing once in so many milliseconds, however often they ask. */
const repeatedAfter = 60_000;
const hour = 3_600_000;

export function auditKeeper(
  { auditRetention, authorizationDenial }: Pick<Config, 'auditRetention' | 'authorizationDenial'>,
  { database, log, now }: Parts,
): AuditKeeper {
  const told = new LRUCache<string, true>({ max: 10_000, ttl: repeatedAfter });
  const underWay = new Set<Promise<void>>();

  function inBackground(work: () => Promise<unknown>, failure: string): void {
    const running = work().then(
      () => {},
      (err) => log.error({ err }, failure),
    );
    underWay.add(running);
    void running.finally(() => underWay.delete(running));
  }

  function clean(): void {
    inBackground(async () => {
      const deleted = await deleteOldEvents(database.fork(), auditRetention, now());
      if (deleted > 0) log.info({ deleted }, 'old events were deleted from the security log');
    }, 'old events could not be deleted from the security log');
  }

  clean();
  const timer = setInterval(clean, hour).unref();

  return {
    recordDenial: (event) => {
      const { coordinate, denial, viewerId, context } = event;
      if (viewerId === null || !isEnforced(authorizationDenial, event) || !isAdministration(denial.requires)) return;
      const key = `${viewerId} ${coordinate}`;
      if (told.has(key)) return;
      told.set(key, true);
      const { sessionId = null } = context.viewer ?? {};
      const about = { actorId: viewerId, subjectId: viewerId, sessionId, detail: coordinate };
      inBackground(
        () => recordEvent(database.fork(), context.request(), { type: 'ADMINISTRATION_DENIED', ...about }),
        'a denial could not be written to the security log',
      );
    },
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}

function isEnforced(mode: DenialMode, { fault }: DenialEvent<GraphQLContext>): boolean {
  return mode !== 'report' && fault === undefined;
}

/** Whether nothing that an account of role USER can have would have been enough. */
function isAdministration({
  roles,
  scopes,
}: {
  roles: readonly string[];
  scopes: readonly (readonly string[])[];
}): boolean {
  const isOfUsers = (all: readonly string[]) => all.every((scope) => scopesOfRole.USER.includes(scope));
  if (roles.length > 0) return !roles.includes('USER');
  return scopes.length > 0 && !scopes.some(isOfUsers);
}
