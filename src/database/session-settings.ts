/**
 * The settings that statements here need in each session, because a role, a database or a server may set others. Two
 * settings stay as they are. `search_path` says where the tables lie. `default_transaction_read_only` is how an
 * operator prevents writes. Source: PostgreSQL, "Client Connection Defaults", "Version and Platform Compatibility".
 */
import type { ClientBase } from 'pg';

const settings: Readonly<Record<string, string>> = {
  client_encoding: 'UTF8',
  // timestamps.ts reads moments in UTC. In other zones old moments have seconds in their offset.
  timezone: 'UTC',
  datestyle: 'ISO, YMD',
  intervalstyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  standard_conforming_strings: 'on',
  array_nulls: 'on',
  transform_null_equals: 'off',
  // A statement that waited for a lock goes on with the row as it is then.
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  // A violated constraint ends the statement, not the session.
  exit_on_error: 'off',
  // An index returns all the rows that it finds, not some of them.
  gin_fuzzy_search_limit: '0',
  // One plan serves all values, unless plans for single values look cheaper: see rows.ts.
  plan_cache_mode: 'auto',
  // The pool ends idle connections itself, and the listener is meant to be idle.
  idle_session_timeout: '0',
  transaction_timeout: '0',
};

/**
 * Sets a new session up.
 *
 * @param timeout seconds that a statement may take; no limit if left out. A lock is waited for half as long, so that
 * the error names its holder.
 * @returns whether the session takes no writes: a standby does not, or an operator prevents them.
 */
export async function setUpSession(client: ClientBase, timeout = 0): Promise<{ isReadOnly: boolean }> {
  const all = {
    ...settings,
    statement_timeout: String(timeout * 1000),
    lock_timeout: String(timeout * 500),
    idle_in_transaction_session_timeout: String(timeout * 2000),
  };
  await liftStatementTimeout(client);
  // Older servers lack some of these settings.
  const { rows } = await client.query<{ read_only: string }>(
    `select set_config(name, value, false), current_setting('transaction_read_only') as read_only
     from unnest($1::text[], $2::text[]) as wanted (name, value) where current_setting(name, true) is not null`,
    [Object.keys(all), Object.values(all)],
  );
  return { isReadOnly: rows[0]?.read_only === 'on' };
}

const attempts = 5;

/**
 * A `statement_timeout` of the role or the database could end the statement that sets the session up. This statement
 * is faster, and is repeated if it was ended. (Poolers refuse the setting as a parameter of the start.)
 */
async function liftStatementTimeout(client: ClientBase): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query('set statement_timeout = 0');
      return;
    } catch (error) {
      if (attempt === attempts || (error as { code?: unknown }).code !== queryCanceled) throw error;
    }
  }
}

const queryCanceled = '57014';
