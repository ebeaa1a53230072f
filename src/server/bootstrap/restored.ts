/**
 * Notices that the database was restored from a backup. Spent refresh tokens, ended sessions, old passwords and deleted
 * accounts are then good again. Two signs show it. This server issued tokens later than the database's newest record, or
 * a good token names an unknown sign-in.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Authentication } from '../../authentication/authentication.ts';
import type { AccessTokenClaims } from '../../authentication/tokens/access-token.ts';
import type { Database, EntityManager } from '../../database/database.ts';
import { makeDirectory } from '../../database/embedded/directory.ts';
import { fromTimestamp } from '../../database/timestamps.ts';
import { changeInstallation, readInstallation } from './installation.ts';

interface Parts {
  database: Pick<Database, 'fork'>;
  authentication: Pick<Authentication, 'accessTokens' | 'refreshRetryWindow'>;
  dataDir: string;
  log: Logger;
}

export interface RestoreWatch {
  /** For the operator; null if all is well. */
  readonly warning: string | null;
  /** Called with a good token whose session is over or unknown. */
  refused(claims: AccessTokenClaims): void;
  /** Resolves when the work under way is done. */
  stop(): Promise<void>;
}

/** How often the time of the newest token is stored, and how often a refused token is looked up, in milliseconds. */
const keptEvery = 60_000;
const lookedIntoEvery = 10_000;

export async function watchForRestore(parts: Parts): Promise<RestoreWatch> {
  const { database, log } = parts;
  const mark = await markOf(parts);
  const warning = await warningAtStart(database.fork(), mark.kept(), parts);
  const timer = setInterval(mark.keep, keptEvery).unref();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let underWay: Promise<void> = Promise.resolve();
  return {
    warning,
    refused: (claims) => {
      if (performance.now() - lookedAt < lookedIntoEvery) return;
      lookedAt = performance.now();
      underWay = lookInto(database.fork(), claims).then(
        (restored) => void (restored && log.warn(restored)),
        (err) => log.error({ err }, 'a refused token could not be looked into'),
      );
    },
    stop: async () => {
      clearInterval(timer);
      mark.keep();
      await underWay;
    },
  };
}

async function warningAtStart(
  em: EntityManager,
  issued: Date | null,
  { authentication }: Parts,
): Promise<string | null> {
  let { restoredTo } = await readInstallation(em);
  const newest = issued && (await newestBefore(em, issued));
  // A retry issues a token without leaving a record of it.
  const slack = authentication.refreshRetryWindow * 1000 + 60_000;
  if (newest && issued.getTime() - newest.getTime() > slack) {
    restoredTo = newest;
    await changeInstallation(em, { restoredTo });
  }
  return restoredTo ? warningOf(restoredTo) : null;
}

function warningOf(restoredTo: Date): string {
  return (
    `The database looks restored from a backup of ${restoredTo.toISOString()} or before. Sessions that were ended ` +
    'since then, refresh tokens that were spent, passwords that were changed and accounts that were deleted are as ' +
    `they were. After a restore, ${endAll}`
  );
}

const endAll =
  'run `npm run sessions -- end-all --before TIME` with the time of the restore, where the sources are; see ' +
  'docs/restoring.md.';

/** The newest moment in the database. Sessions are read only if the security log ends before `issued`. */
async function newestBefore(em: EntityManager, issued: Date): Promise<Date | null> {
  const [event] = await em.execute('select max(created_at) as at from audit_events');
  if (event?.at && dateOf(event.at) >= issued) return dateOf(event.at);
  const [session] = await em.execute('select max(last_used_at) as at from sessions');
  const moments = [event?.at, session?.at].filter((at) => at != null).map((at) => dateOf(at).getTime());
  return moments.length === 0 ? null : new Date(Math.max(...moments));
}

function dateOf(value: Date | string): Date {
  return value instanceof Date ? value : fromTimestamp(value);
}

/** Looks for the sign-in in the security log, which also keeps those of deleted accounts. */
async function lookInto(em: EntityManager, { sessionId, userId }: AccessTokenClaims): Promise<string | null> {
  const [known] = await em.execute(
    `select 1 from sessions where id = ?
     union all select 1 from audit_events where subject_id = ? and session_id = ? limit 1`,
    [sessionId, userId, sessionId],
  );
  if (known) return null;
  return (
    'A good access token names a sign-in that the database does not know. It looks restored from a backup, or another ' +
    `system has the same JWT_SECRET and PUBLIC_URL. After a restore, ${endAll}`
  );
}

/** When this server last issued a token, in a file of DATA_DIR, which no restore of the database changes. */
async function markOf({ database, authentication, dataDir, log }: Parts) {
  const { id } = await readInstallation(database.fork());
  const file = join(dataDir, `newest-token-${id}`);
  const kept = (): Date | null => {
    try {
      const at = new Date(readFileSync(file, 'utf8'));
      return Number.isNaN(at.getTime()) ? null : at;
    } catch {
      return null;
    }
  };
  let last: Date | null = null;
  const keep = (): void => {
    const newest = authentication.accessTokens.newestIssue();
    if (!newest || newest === last) return;
    last = newest;
    try {
      makeDirectory(dataDir);
      const whole = `${file}.${process.pid}`;
      writeFileSync(whole, newest.toISOString());
      renameSync(whole, file);
    } catch (err) {
      log.warn({ err }, 'the time of the newest token cannot be kept: no start will notice a restored backup');
    }
  };
  return { kept, keep };
}
