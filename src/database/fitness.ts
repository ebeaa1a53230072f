/** Checks a PostgreSQL server before it is used. Source: PostgreSQL, "Localization", "Managing Databases". */
import { sql } from 'kysely';
import type { PoolSettings } from './address/server.ts';
import type { EntityManager } from './database.ts';

/**
 * The database cannot hold what is written to it, or lacks behaviour that this program needs. The message says what to
 * change.
 */
export class UnfitDatabaseError extends Error {}

interface Encoding {
  name: string;
  encoding: string;
}

interface Found {
  name: string;
  /** Null: no schema of `search_path` exists. */
  schema: string | null;
  has_triggers: boolean;
  folds_all: boolean;
  folds_latin: boolean;
  role: string;
  /** -1: no limit. */
  of_role: number;
  of_database: number;
  of_server: number;
}

/**
 * @returns what an operator should know.
 * @throws UnfitDatabaseError
 */
export async function examine(em: EntityManager, { poolSize = 10 }: PoolSettings): Promise<string[]> {
  // This query comes first and alone, because some encodings cannot hold the letters below.
  const { rows: encodings } = await sql<Encoding>`
    select current_database() as name, current_setting('server_encoding') as encoding`.execute(em.getKysely());
  refuseEncoding(encodings[0] as Encoding);
  const { rows } = await sql<Found>`
    select datname as name, current_schema() as schema,
      current_setting('session_replication_role') <> 'replica' as has_triggers,
      'ÄΣЖ' ilike 'äσж' as folds_all, 'TITLE' ilike 'title' as folds_latin,
      rolname as role,
      case when rolsuper then -1 else rolconnlimit end as of_role,
      case when rolsuper then -1 else datconnlimit end as of_database,
      current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true), '0')::int as of_server
    from pg_database, pg_roles where datname = current_database() and rolname = session_user`.execute(em.getKysely());
  const found = rows[0] as Found;
  refuseUnfit(found);
  return [...warnOfLocale(found), ...warnOfLimits(found, poolSize + 1)];
}

function refuseEncoding({ name, encoding }: Encoding): void {
  if (encoding === 'UTF8') return;
  throw new UnfitDatabaseError(
    `its encoding is ${encoding}, which does not hold every script. Make one by: ` +
      `create database ${name} template template0 encoding 'UTF8'`,
  );
}

function refuseUnfit({ schema, has_triggers }: Found): void {
  if (schema === null) {
    throw new UnfitDatabaseError(
      'no schema of its search_path is there. Set search_path to the one that is to have the tables.',
    );
  }
  if (!has_triggers) {
    throw new UnfitDatabaseError(
      "its triggers are off, which the security log needs. Set session_replication_role to 'origin'.",
    );
  }
}

function warnOfLocale({ name, folds_all, folds_latin }: Found): string[] {
  const advice =
    'Lists that are filtered by text tell capital and small letters apart by it. A database whose locale knows ' +
    `all letters is made by: create database ${name} template template0 encoding 'UTF8' locale 'C.UTF-8'`;
  if (!folds_latin)
    return [`The database's locale does not take I and i for one letter, as Turkish ones do not. ${advice}`];
  return folds_all ? [] : [`The database's locale knows no capital letters beyond A to Z. ${advice}`];
}

function warnOfLimits({ name, role, of_role, of_database, of_server }: Found, needed: number): string[] {
  const limits = [
    { limit: of_role, whose: `the role ${role} (alter role ${role} connection limit …)` },
    { limit: of_database, whose: `the database ${name} (alter database ${name} connection limit …)` },
    { limit: of_server, whose: 'the server (max_connections)' },
  ];
  return limits
    .filter(({ limit }) => limit >= 0 && limit < needed)
    .map(
      ({ limit, whose }) =>
        `DATABASE_POOL_SIZE and the connection that listens are ${needed} connections, but ${whose} allows ${limit}. ` +
        'Raise that, or lower DATABASE_POOL_SIZE: what finds no connection is answered with 503.',
    );
}
