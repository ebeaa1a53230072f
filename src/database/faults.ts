/** Classifies errors of the database. Source for its codes: PostgreSQL, appendix A. */

interface Fault {
  code?: unknown;
  name?: unknown;
  message?: unknown;
  isUnconnected?: boolean;
}

/** True if no connection could be made, if one broke, or if the server cannot do its work just now. */
export function isDatabaseLost(error: unknown): boolean {
  for (const link of chainOf(error)) {
    const { code, name, message, isUnconnected } = link as Fault;
    if (isUnconnected || (typeof code === 'string' && (lostCodes.has(code) || lostClasses.test(code)))) return true;
    if (name === 'ConnectionException' || (typeof message === 'string' && lostMessages.test(message))) return true;
  }
  return false;
}

/** True if a statement, a lock or a connection took longer than DATABASE_TIMEOUT allows, or too many attempts. */
export function isDatabaseSlow(error: unknown): boolean {
  for (const link of chainOf(error)) {
    const { code, message } = link as { code?: unknown; message?: unknown };
    if (slowCodes.has(code) || undoneCodes.has(code)) return true;
    if (typeof message === 'string' && message === 'timeout exceeded when trying to connect') return true;
  }
  return false;
}

/** True if the database refuses a write, as a standby does or one that an operator made read-only. */
export function takesNoWrites(error: unknown): boolean {
  return hasCode(error, /^25006$/);
}

/** True if a statement found no room on a disk, in memory or within a server's limit. True also if a disk fails. */
export function isShortOfRoom(error: unknown): boolean {
  // This is insufficient_resources, except too_many_connections, which open sessions can bear; and system_error.
  return hasCode(error, /^(53(?!300)|58)[0-9A-Z]+$/);
}

/** True if the same work can succeed when it begins again. PostgreSQL undid it, and nothing of it remains. */
export function mayBeRepeated(error: unknown): boolean {
  for (const link of chainOf(error)) {
    const { code } = link as { code?: unknown };
    if (undoneCodes.has(code) || signsOfChange.has(code) || signsOfPooler.has(code)) return true;
  }
  return false;
}

/** `invalid_sql_statement_name` and `duplicate_prepared_statement`: a pooler mixes connections up. */
export const signsOfPooler: ReadonlySet<unknown> = new Set(['26000', '42P05']);

/** `feature_not_supported`: a column that a prepared statement returns has changed its type. */
export const signsOfChange: ReadonlySet<unknown> = new Set(['0A000']);

/** True if the server refuses new sessions of this role or database. Open sessions may still work. */
export function isRefusedSession(error: unknown): boolean {
  return hasCode(error, /^28|^3D|^55000$/);
}

/**
 * Marks an error that kept a connection from being opened, whatever its code. Examples are a certificate that is not
 * trusted, and a privilege that is gone. The mark is a property, which MikroORM copies into the error that it throws
 * instead.
 */
export function unconnectedBy(error: unknown): void {
  if (typeof error === 'object' && error !== null) Object.assign(error, { isUnconnected: true });
}

/** serialization_failure, deadlock_detected */
const undoneCodes: ReadonlySet<unknown> = new Set(['40001', '40P01']);

/** query_canceled, lock_not_available, idle_in_transaction_session_timeout, transaction_timeout */
const slowCodes: ReadonlySet<unknown> = new Set(['57014', '55P03', '25P03', '25P04']);

/**
 * connection_exception, invalid_authorization, invalid_catalog_name, insufficient_resources (a full disk, no memory, no
 * connection), operator_intervention (a shutdown, a start, a dropped database), system_error (a disk that fails).
 */
const lostClasses = /^(08|28|3D|53|57P|58)[0-9A-Z]+$/;

const lostCodes: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
  // read_only_sql_transaction, object_not_in_prerequisite_state (a database that does not accept connections)
  // statement_too_complex: no stack is left, see renewal.ts
  ...['25006', '55000', '54001'],
]);

const lostMessages = /^Connection terminated|timeout exceeded when trying to connect|not queryable|PGlite is clos/;

function hasCode(error: unknown, codes: RegExp): boolean {
  for (const link of chainOf(error)) {
    const { code } = link as { code?: unknown };
    if (typeof code === 'string' && codes.test(code)) return true;
  }
  return false;
}

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
