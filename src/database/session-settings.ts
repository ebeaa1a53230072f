/**
 * What statements here rely on, in each session: a role, a database or a server may have been set otherwise. Left as they
 * are: `search_path`, which says where the tables lie, and `default_transaction_read_only`, which an operator sets to keep
 * writes away. Source: PostgreSQL, "Client Connection Defaults", "Version and Platform Compatibility".
 */
import type { ClientBase } from 'pg';

const settings: Readonly<Record<string, string>> = {
  client_encoding: 'UTF8',
  // As timestamps.ts reads moments. In other zones old ones are printed with seconds in their offset.
  timezone: 'UTC',
  datestyle: 'ISO, YMD',
  intervalstyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  standard_conforming_strings: 'on',
  array_nulls: 'on',
  transform_null_equals: 'off',
  // What has waited for a lock goes on with the row as it is by then.
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  // A violated constraint ends the statement, not the session.
  exit_on_error: 'off',
  // All rows that an index finds, not some of them.
  gin_fuzzy_search_limit: '0',
  // One plan for all values, unless plans for them look cheaper: see rows.ts.
  plan_cache_mode: 'auto',
  // The pool ends what is idle, and the listener is meant to be.
  idle_session_timeout: '0',
  transaction_timeout: '0',
};

/**
 * Sets a new session up.
 *
 * @param timeout seconds that a statement may take; without end if left out. Locks are waited for half as long: the
 * error then tells who holds one.
 * @returns whether the session takes no writes: a standby's, or one that an operator keeps from writing.
 */
export async function setUpSession(client: ClientBase, timeout = 0): Promise<{ isReadOnly: boolean }> {
  const all = {
    ...settings,
    statement_timeout: String(timeout * 1000),
    lock_timeout: String(timeout * 500),
    idle_in_transaction_session_timeout: String(timeout * 2000),
  };
  await liftStatementTimeout(client);
  // Servers know some since a version of theirs.
  const { rows } = await client.query<{ read_only: string }>(
    `select set_config(name, value, false), current_setting('transaction_read_only') as read_only
     from unnest($1::text[], $2::text[]) as wanted (name, value) where current_setting(name, true) is not null`,
    [Object.keys(all), Object.values(all)],
  );
  return { isReadOnly: rows[0]?.read_only === 'on' };
}

const attempts = 5;

/**
 * A `statement_timeout` of the role or the database would end the statement that sets the session up. This one is over
 * sooner, and asked again where it is not. (Poolers refuse it as a parameter of the start.)
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
