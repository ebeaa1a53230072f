/**
 * Apollo Server, which executes through the guard. Each plugin that is given sees each request as Apollo Server tells
 * it.
 */
import { ApolloServer, type ApolloServerOptionsWithGateway, type ApolloServerPlugin } from '@apollo/server';
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
import type { RequestContext, Tell } from '../request/hooks.ts';
import { type Documents, storeOfDocuments } from './documents.ts';
import { formatError, noteErrors } from './format-error.ts';
import { limits } from './limits.ts';
import { checkOperation, executeOperation } from './operation.ts';

export interface ApolloParts {
  readonly config: Pick<Config, 'production' | 'introspection'>;
  /** For plugins with `willResolveField`, give a guard that compiles nothing, because compiled code calls no hooks. */
  readonly guard: Guard;
  readonly log: Logger;
  readonly tell: Tell;
  /** Plugins of the caller that starts the server: see docs/plugins.md. */
  readonly plugins?: readonly ApolloServerPlugin<RequestContext>[];
  /** The project's own plugin that executes in place of Apollo Server. */
  readonly shortcut?: ApolloServerPlugin<RequestContext> | null;
}

/** Returns a server that is not started yet. */
export function createApollo({ config, guard, log, tell, plugins = [], shortcut = null }: ApolloParts): {
  apollo: ApolloServer<RequestContext>;
  documents: Documents;
} {
  const { documentStore, documents } = storeOfDocuments();
  const apollo = new ApolloServer<RequestContext>({
    gateway: guarded(guard),
    introspection: config.introspection !== 'off',
    // Suggestions reveal similar names to every client.
    hideSchemaDetailsFromClientErrors: config.production || config.introspection === 'visible',
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    // Also the cache of persisted queries. It is bounded, so a flood of them only makes clients send theirs again.
    cache: 'bounded',
    documentStore,
    parseOptions: { maxTokens: limits.tokens },
    validationOptions: { maxErrors: limits.validationErrors },
    stopOnTerminationSignals: false,
    formatError: (formatted, error) => explain(formatError(formatted, error), config),
    logger: log.child({ part: 'apollo' }),
    nodeEnv: config.production ? 'production' : 'development',
    plugins: [
      pipelinePlugin(tell),
      ...plugins,
      ...(shortcut ? [shortcut] : []),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      // A caller may give these plugins itself. Apollo Server refuses a plugin together with its opposite.
      ...(plugins.length > 0
        ? []
        : [ApolloServerPluginSchemaReportingDisabled(), ApolloServerPluginUsageReportingDisabled()]),
    ],
  });
  return { apollo, documents };
}

/** Executes for Apollo Server, which runs its hooks around it. */
function guarded(guard: Guard): NonNullable<ApolloServerOptionsWithGateway<RequestContext>['gateway']> {
  return {
    onSchemaLoadOrUpdate: (callback) => {
      callback({ apiSchema: guard.schema, coreSupergraphSdl: '' });
      return () => {};
    },
    load: async () => ({
      executor: async ({ document, operation, context, request: { variables, operationName } }) => {
        // Apollo Server refuses an operation that is not in the document.
        if (!operation) return await guard.execute({ document, contextValue: context, operationName });
        const request = { document, operation, variables, operationName };
        return await executeOperation(guard, request, context as RequestContext);
      },
    }),
    stop: async () => {},
  };
}

/** Refuses operations beyond the limits, and tells the hooks. */
function pipelinePlugin(tell: Tell): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async ({ contextValue: { scope } }) => ({
      didResolveOperation: async ({ schema, document, operation, request: { variables } }) => {
        tell.operation(scope, { document, operation });
        if (operation) checkOperation(schema, { document, operation, variables });
      },
      didEncounterErrors: async ({ errors }) => noteErrors(errors, scope),
      willSendResponse: async ({ response }) => tell.response(scope, response),
    }),
  };
}

/** Apollo's own message names its options, which are not those of this server. */
function explain(formatted: GraphQLFormattedError, { production }: ApolloParts['config']): GraphQLFormattedError {
  if (formatted.extensions?.validationErrorCode !== 'INTROSPECTION_DISABLED') return formatted;
  const message = production
    ? 'Introspection is off.'
    : 'Introspection is off. Set INTROSPECTION=visible or full to allow it.';
  return { ...formatted, message };
}
