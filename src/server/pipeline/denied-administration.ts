/**
 * Records denied administration in the security log, and deletes old events. Services record all other events where they
 * happen, by `recordEvent` of audit/audit.service.ts: SIGN_IN_FAILED, for example, in sign-in.service.ts.
 */
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { deleteOldEvents } from '../../audit/audit.retention.ts';
import { recordEvent } from '../../audit/audit.service.ts';
import type { Condition, DenialEvent, DenialMode, Requirement } from '../../authorization/guard.ts';
import type { Config } from '../../config/config.ts';
import type { Database } from '../../database/database.ts';
import type { GraphQLContext } from '../../graphql/context.ts';
import { scopesOfRole } from '../../users/scopes.ts';
import type { RequestHooks } from '../request/hooks.ts';

export interface AuditKeeper {
  /** Denials are written in the background, so that no denied client waits. */
  readonly hooks: RequestHooks;
  /** Resolves when pending writes are done. */
  stop(): Promise<void>;
}

interface Parts {
  database: Pick<Database, 'fork'>;
  log: Logger;
  now: () => Date;
}

/** Milliseconds in which the same denial of the same viewer is recorded only once. */
const repeatedAfter = 60_000;
const hour = 3_600_000;

export function auditKeeper(
  { auditRetention, authorizationDenial }: Pick<Config, 'auditRetention' | 'authorizationDenial'>,
  { database, log, now }: Parts,
): AuditKeeper {
  const perf = { now: () => now().getTime() };
  const told = new LRUCache<string, true>({ max: 10_000, ttl: repeatedAfter, ttlResolution: 0, perf });
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

  function recordDenial(event: DenialEvent<GraphQLContext>): void {
    const { coordinate, requirement, viewerId, context } = event;
    if (viewerId === null || !isEnforced(authorizationDenial, event) || !isAdministration(requirement)) return;
    const key = `${viewerId} ${coordinate}`;
    if (told.has(key)) return;
    told.set(key, true);
    const { sessionId = null } = context.viewer ?? {};
    const about = { actorId: viewerId, subjectId: viewerId, sessionId, detail: coordinate };
    inBackground(
      () => recordEvent(database.fork(), context.request(), { type: 'ADMINISTRATION_DENIED', ...about }),
      'a denial could not be written to the security log',
    );
  }

  return {
    hooks: { errors: (_scope, { denials }) => denials.forEach(recordDenial) },
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}

function isEnforced(mode: DenialMode, { fault }: DenialEvent<GraphQLContext>): boolean {
  return mode !== 'report' && fault === undefined;
}

/** Whether no account of role USER could meet the requirement, whatever rows it owns. */
function isAdministration(requirement: Requirement): boolean {
  const isBeyondUsers = (condition: Condition) =>
    (condition.kind === 'role' && condition.name !== 'USER') ||
    (condition.kind === 'scope' && !scopesOfRole.USER.includes(condition.name));
  return requirement.length > 0 && requirement.every((alternative) => alternative.some(isBeyondUsers));
}
