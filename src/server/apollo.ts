/** Apollo Server, executing through the guard. */
import {
  ApolloServer,
  type ApolloServerOptions,
  type ApolloServerPlugin,
  type GraphQLResponse,
  HeaderMap,
  type HTTPGraphQLHead,
} from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { Guard } from '../authorization/guard.ts';
import type { Config } from '../config.ts';
import { CodedError, errorHttp } from '../errors.ts';
import type { GraphQLContext } from '../graphql/context.ts';
import { formatError, toClientError } from './format-error.ts';
import { checkLimits, limits } from './limits.ts';
import { requestScope } from './request-scope.ts';

type ApolloConfig = Pick<Config, 'production' | 'introspection'>;

/** Not started yet. */
export function createApollo(config: ApolloConfig, guard: Guard, log: Logger): ApolloServer<GraphQLContext> {
  return new ApolloServer<GraphQLContext>({
    schema: guard.schema,
    introspection: config.introspection !== 'off',
    // Suggestions name what is close, whoever asks.
    hideSchemaDetailsFromClientErrors: config.production || config.introspection === 'visible',
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    // Persisted queries share this cache; it is bounded, so a flood of them only makes clients send theirs again.
    cache: 'bounded',
    documentStore: documentStore(),
    parseOptions: { maxTokens: limits.tokens },
    stopOnTerminationSignals: false,
    formatError: (formatted, error) => explain(formatError(formatted, error), config),
    logger: log.child({ part: 'apollo' }),
    nodeEnv: config.production ? 'production' : 'development',
    plugins: [
      requestPlugin,
      guardPlugin(config, guard),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
}

/** How many documents are kept, and how many characters of source all of them have: parsed, each takes some 100 bytes. */
const keptDocuments = { max: 1000, maxSize: 150_000 };

/**
 * Parsed and validated documents by their hash: those used last. Apollo Server's own store counts 30 MiB of JSON, which is
 * five times as much in memory, all of it for whoever sends queries that never come again.
 */
function documentStore(): NonNullable<ApolloServerOptions<GraphQLContext>['documentStore']> {
  const documents = new LRUCache<string, DocumentNode>({
    ...keptDocuments,
    sizeCalculation: ({ loc }) => (loc ? loc.end - loc.start : keptDocuments.maxSize),
  });
  return {
    get: async (key) => documents.get(key),
    set: async (key, document) => void documents.set(key, document),
    delete: async (key) => documents.delete(key),
  };
}

/**
 * Executes, in the place of Apollo Server, which takes no executor. (It does take a gateway; but what that is handed for
 * each request has accessors of its own, which keep the whole request alive until the next full collection.)
 */
function guardPlugin(config: ApolloConfig, guard: Guard): ApolloServerPlugin<GraphQLContext> {
  return {
    requestDidStart: async () => ({
      responseForOperation: async ({ document, request, contextValue, operation }) => {
        // An operation that is not in the document is Apollo's to refuse.
        if (!operation) return null;
        const { variables: variableValues, operationName } = request;
        return respond(await execute(guard, { document, contextValue, variableValues, operationName }), config);
      },
    }),
  };
}

async function execute(guard: Guard, args: Parameters<Guard['execute']>[0]): Promise<ExecutionResult> {
  try {
    return settle(await guard.execute(args));
  } catch (error) {
    return { errors: [toClientError(error)] };
  }
}

function respond({ errors, ...result }: ExecutionResult, config: ApolloConfig): GraphQLResponse {
  const http: HTTPGraphQLHead = { headers: new HeaderMap() };
  if (!errors) return { http, body: { kind: 'single', singleResult: result } };
  const formatted = errors.map((error) => {
    const { status, headers } = (error.extensions.http ?? {}) as Partial<HTTPGraphQLHead>;
    if (status) http.status = status;
    for (const [name, value] of headers ?? []) http.headers.set(name, value);
    return explain(formatError(error.toJSON(), error), config);
  });
  if (result.data === undefined) http.status ??= 400;
  return { http, body: { kind: 'single', singleResult: { ...result, errors: formatted } } };
}

/**
 * Masks what must be masked. A response that holds data is a 200, whatever its errors would have set.
 * Source: GraphQL over HTTP, section 6.4.2.
 */
function settle(result: ExecutionResult): ExecutionResult {
  if (!result.errors) return result;
  const hasData = result.data !== null && result.data !== undefined;
  const errors = result.errors.map((error) => {
    const client = isOfVariables(result, error) ? badInput(error) : toClientError(error);
    return hasData ? withoutStatus(client) : client;
  });
  return { ...result, errors };
}

/** Variables that do not coerce. */
function isOfVariables(result: ExecutionResult, error: GraphQLError): boolean {
  if (result.data !== undefined || error.path || error.extensions.code || !error.nodes?.length) return false;
  return error.nodes.every(({ kind }) => kind === Kind.VARIABLE_DEFINITION);
}

function badInput({ message, nodes, originalError, extensions }: GraphQLError): GraphQLError {
  return new GraphQLError(message, { nodes, originalError, extensions: { ...extensions, code: 'BAD_USER_INPUT' } });
}

function withoutStatus(error: GraphQLError): GraphQLError {
  const http = error.extensions.http as { headers?: Map<string, string> } | undefined;
  if (!http) return error;
  const { nodes, path, originalError } = error;
  const extensions = Object.assign({}, error.extensions, { http: { headers: http.headers ?? new Map() } });
  return new GraphQLError(error.message, { nodes, path, originalError, extensions });
}

/** Errors whose request is well-formed, which `application/json` answers with 200. */
const refusals: ReadonlySet<unknown> = new Set([
  ...['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'OPERATION_RESOLUTION_FAILURE'],
  ...['BAD_USER_INPUT', 'OPERATION_TOO_COMPLEX'],
]);

const requestPlugin: ApolloServerPlugin<GraphQLContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ schema, document, operation, operationName, request }) => {
      const scope = requestScope.getStore();
      if (scope) {
        scope.operationName = operationName?.slice(0, 100) ?? null;
        scope.operationType = operation?.operation ?? null;
      }
      if (!operation) return;
      refuseAbsentRoot(schema, operation);
      checkLimits(schema, document, operation, request.variables ?? {});
    },
    willSendResponse: async ({ response }) => {
      const scope = requestScope.getStore();
      if (!scope || response.http.status !== 400 || response.body.kind !== 'single') return;
      const { errors = [] } = response.body.singleResult;
      scope.refusedWellFormed = errors.every(({ extensions }) => refusals.has(extensions?.code));
    },
  }),
};

/** Apollo's own message names its options, which are not ours. */
function explain(formatted: GraphQLFormattedError, { production }: ApolloConfig): GraphQLFormattedError {
  if (formatted.extensions?.validationErrorCode !== 'INTROSPECTION_DISABLED') return formatted;
  const message = production
    ? 'Introspection is off.'
    : 'Introspection is off. Set INTROSPECTION=visible or full to allow it.';
  return { ...formatted, message };
}

/** Valid by graphql-js's rules, and then a fault of the execution. */
function refuseAbsentRoot(schema: GraphQLSchema, { operation }: OperationDefinitionNode): void {
  if (schema.getRootType(operation)) return;
  throw new CodedError('BAD_USER_INPUT', `This server has no ${operation}s.`, {}, errorHttp(400));
}
