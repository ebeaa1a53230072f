/** The only way out for errors: known codes pass, and all others are masked and logged. */
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { CodedError, errorCodes, ServiceUnavailableError } from '../../errors.ts';
import type { RequestScope } from '../request/request-scope.ts';
import { unavailabilityOf } from './unavailable.ts';
import { withoutValues } from './without-values.ts';

/** The codes of this server, and those of Apollo Server's own refusals. */
const knownCodes: ReadonlySet<unknown> = new Set([
  ...errorCodes.filter((code) => code !== 'INTERNAL_SERVER_ERROR'),
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_REQUEST',
]);

/**
 * Apollo Server's messages without a code about persisted queries that are the client's mistake; and the ones sent
 * instead.
 */
const ofPersistedQueries: ReadonlyMap<string, string> = new Map([
  ['provided sha does not match query', 'The sha256Hash in extensions.persistedQuery is not that of the query.'],
  ['Unsupported persisted query version', 'The version in extensions.persistedQuery is not 1, the only one.'],
]);

/** A fault, as the client sees it. */
class MaskedError extends CodedError {
  constructor(requestId: string | undefined) {
    super('INTERNAL_SERVER_ERROR', 'Internal server error', requestId ? { requestId } : {}, { status: 500 });
  }
}

/**
 * The error that the client sees. Logs what the client does not see.
 *
 * @param scope the request's scope. Default: nothing is logged.
 * @returns the error itself if its code is known, else the error that replaces it in the response.
 */
export function toClientError(error: unknown, scope?: Pick<RequestScope, 'requestId' | 'log'>): GraphQLError {
  if (isMasked(error)) return error;
  if (error instanceof GraphQLError && knownCodes.has(error.extensions.code)) return clarify(error);
  const mistake = mistakeOf(error);
  if (mistake) return mistake;

  const cause = rootOf(error);
  const unavailable = unavailabilityOf(cause);
  if (unavailable) {
    scope?.log.error({ err: cause, path: pathOf(error) }, unavailable.logged);
    return placed(new ServiceUnavailableError(unavailable.message, 2), error);
  }
  scope?.log.error({ err: cause, path: pathOf(error) }, 'a fault was masked');
  return placed(new MaskedError(scope?.requestId), error);
}

/** Errors that Apollo Server formats later, without saying for which request. */
const clientErrors = new WeakMap<object, GraphQLError>();

/** For Apollo Server's `didEncounterErrors`, which comes before `formatError`. */
export function noteErrors(errors: readonly GraphQLError[], scope: RequestScope): void {
  for (const error of errors) clientErrors.set(error, toClientError(error, scope));
}

/** For Apollo Server: `formatted` has the code that it chose for an error of its own. */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const client = (error instanceof Error && clientErrors.get(error)) || toClientError(error);
  if (client !== error) formatted = client.toJSON();
  const { http, stacktrace, exception, ...extensions } = formatted.extensions ?? {};
  return { ...formatted, extensions };
}

/**
 * The replacement for an error about a persisted query. An error with a path comes from a resolver, whatever its
 * message.
 */
function mistakeOf(error: unknown): GraphQLError | null {
  if (!(error instanceof GraphQLError) || error.path || error.extensions.code !== undefined) return null;
  const message = ofPersistedQueries.get(error.message);
  return message ? new GraphQLError(message, { extensions: { ...error.extensions, code: 'BAD_REQUEST' } }) : null;
}

/**
 * Apollo reports a document that is too long, or nested too deeply for the parser, as a parse error. It also repeats
 * the client's values.
 */
function clarify(error: GraphQLError): GraphQLError {
  if (error.extensions.code === 'GRAPHQL_PARSE_FAILED' && error.message.includes('Maximum call stack size exceeded')) {
    return new CodedError(
      'OPERATION_TOO_COMPLEX',
      'The document is nested too deeply. Ask for less, or use variables.',
    );
  }
  const limit = /Document contains more tha[nt] (\d+) tokens/.exec(error.message)?.[1];
  if (!limit) return withoutValues(error);
  return new CodedError(
    'OPERATION_TOO_COMPLEX',
    `The document has more than ${limit} tokens, the limit. Ask for less, or in several requests.`,
  );
}

/** `client` with the position that `error` names, and with the thrown error. Plugins see that; clients do not. */
function placed(client: CodedError, error: unknown): GraphQLError {
  if (!(error instanceof GraphQLError)) return client;
  const { message, extensions } = client;
  const cause = rootOf(error);
  const originalError = cause instanceof Error ? cause : undefined;
  const placedError = new GraphQLError(message, { nodes: error.nodes, path: error.path, originalError, extensions });
  if (client instanceof MaskedError) masked.add(placedError);
  return placedError;
}

/** The same error with another message. A masked error stays masked. */
export function retold(
  error: GraphQLError,
  { message = error.message, extensions }: Pick<GraphQLError, 'extensions'> & { message?: string },
): GraphQLError {
  const { nodes, path, originalError } = error;
  const retoldError = new GraphQLError(message, { nodes, path, originalError, extensions });
  if (isMasked(error)) masked.add(retoldError);
  return retoldError;
}

const masked = new WeakSet<object>();

function isMasked(error: unknown): error is GraphQLError {
  return error instanceof MaskedError || (error instanceof GraphQLError && masked.has(error));
}

function pathOf(error: unknown): string | undefined {
  return error instanceof GraphQLError ? error.path?.join('.') : undefined;
}

function rootOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? rootOf(error.originalError) : error;
}
