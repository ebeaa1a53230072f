/** Apollo Server, executing through the guard. */
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import type { Guard } from '../../authorization/guard.ts';
import type { Config } from '../../config/config.ts';
import type { GraphQLContext } from '../../graphql/context.ts';
import { type Documents, storeOfDocuments } from './documents.ts';
import { formatError } from './format-error.ts';
import { limits } from './limits.ts';
import { checkOperation, executeOperation, noteOperation, noteResponse } from './operation.ts';

type ApolloConfig = Pick<Config, 'production' | 'introspection'>;

/** Not started yet. */
export function createApollo(
  config: ApolloConfig,
  guard: Guard,
  log: Logger,
): { apollo: ApolloServer<GraphQLContext>; documents: Documents } {
  const { documentStore, documents } = storeOfDocuments();
  const apollo = new ApolloServer<GraphQLContext>({
    schema: guard.schema,
    introspection: config.introspection !== 'off',
    // Suggestions name what is close, whoever asks.
    hideSchemaDetailsFromClientErrors: config.production || config.introspection === 'visible',
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    // Persisted queries share this cache; it is bounded, so a flood of them only makes clients send theirs again.
    cache: 'bounded',
    documentStore,
    parseOptions: { maxTokens: limits.tokens },
    validationOptions: { maxErrors: limits.validationErrors },
    stopOnTerminationSignals: false,
    formatError: (formatted, error) => explain(formatError(formatted, error), config),
    logger: log.child({ part: 'apollo' }),
    nodeEnv: config.production ? 'production' : 'development',
    plugins: [
      guardPlugin(guard),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
  return { apollo, documents };
}

/**
 * Executes, in the place of Apollo Server, which takes no executor. (It does take a gateway; but what that is handed for
 * each request has accessors of its own, which keep the whole request alive until the next full collection.)
 */
function guardPlugin(guard: Guard): ApolloServerPlugin<GraphQLContext> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, document, operation, request: { variables } }) => {
        noteOperation({ document, operation });
        if (operation) checkOperation(schema, { document, operation, variables });
      },
      responseForOperation: async ({ document, operation, contextValue, request: { variables, operationName } }) => {
        // An operation that is not in the document is Apollo's to refuse.
        if (!operation) return null;
        return await executeOperation(guard, { document, operation, variables, operationName }, contextValue);
      },
      willSendResponse: async ({ response }) => noteResponse(response),
    }),
  };
}

/** Apollo's own message names its options, which are not ours. */
function explain(formatted: GraphQLFormattedError, { production }: ApolloConfig): GraphQLFormattedError {
  if (formatted.extensions?.validationErrorCode !== 'INTROSPECTION_DISABLED') return formatted;
  const message = production
    ? 'Introspection is off.'
    : 'Introspection is off. Set INTROSPECTION=visible or full to allow it.';
  return { ...formatted, message };
}
