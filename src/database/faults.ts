/** What errors say of the database. Source for its codes: PostgreSQL, appendix A. */

/** True if the connection to the database could not be made, or broke. */
export function isDatabaseLost(error: unknown): boolean {
  for (const link of chainOf(error)) {
    const { code, name, message } = link as { code?: unknown; name?: unknown; message?: unknown };
    if (typeof code === 'string' && (lostCodes.has(code) || /^08/.test(code))) return true;
    if (name === 'ConnectionException' || (typeof message === 'string' && lostMessages.test(message))) return true;
  }
  return false;
}

/** True if a statement, a lock or a connection was waited for as long as DATABASE_TIMEOUT allows. */
export function isDatabaseSlow(error: unknown): boolean {
  for (const link of chainOf(error)) {
    const { code, message } = link as { code?: unknown; message?: unknown };
    // query_canceled, lock_not_available, idle_in_transaction_session_timeout
    if (code === '57014' || code === '55P03' || code === '25P03') return true;
    if (typeof message === 'string' && message === 'timeout exceeded when trying to connect') return true;
  }
  return false;
}

const lostCodes: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
  // admin_shutdown, crash_shutdown, cannot_connect_now, database_dropped, too_many_connections, invalid_catalog_name,
  // object_not_in_prerequisite_state (a database that does not accept connections)
  ...['57P01', '57P02', '57P03', '57P04', '53300', '3D000', '55000'],
]);

const lostMessages = /^Connection terminated|timeout exceeded when trying to connect|not queryable|PGlite is clos/;

function* chainOf(error: unknown): Generator<object> {
  const seen = new Set<unknown>();
  const queue = [error];
  while (queue.length > 0 && seen.size < 20) {
    const link = queue.shift();
    if (typeof link !== 'object' || link === null || seen.has(link)) continue;
    seen.add(link);
    yield link;
    const { cause, originalError, errors } = link as { cause?: unknown; originalError?: unknown; errors?: unknown };
    queue.push(cause, originalError, ...(Array.isArray(errors) ? errors : []));
  }
}
