/** Apollo Server, executing through the guard. */
import { ApolloServer, type ApolloServerOptions, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { type DocumentNode, type GraphQLFormattedError, Location } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { Guard } from '../../authorization/guard.ts';
import type { Config } from '../../config/config.ts';
import type { GraphQLContext } from '../../graphql/context.ts';
import { formatError } from './format-error.ts';
import { limits } from './limits.ts';
import { checkOperation, executeOperation, noteOperation, noteResponse } from './operation.ts';

type ApolloConfig = Pick<Config, 'production' | 'introspection'>;

/** Documents that were parsed and found valid. */
export interface Documents {
  /** By its source. */
  of(source: string): DocumentNode | undefined;
}

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

/** How many documents are kept, and how many characters of source all of them, and one, have: parsed, each takes some 50 bytes. */
const keptDocuments = { max: 1000, maxSize: 100_000, maxEntrySize: 20_000 };

/**
 * Parsed and validated documents by their hash, or their source: those used last. Apollo Server's own store
 * counts 30 MiB of JSON, which is five times as much in memory, all of it for whoever sends queries that never come again.
 */
function storeOfDocuments() {
  const isAgain = doorkeeper();
  /** The hash of each that is kept, by its source. */
  const hashes = new Map<string, string>();
  const kept = new LRUCache<string, DocumentNode>({
    ...keptDocuments,
    sizeCalculation: sizeOf,
    dispose: ({ loc }) => loc && hashes.delete(loc.source.body),
  });
  const documentStore: NonNullable<ApolloServerOptions<GraphQLContext>['documentStore']> = {
    get: async (key) => kept.get(key),
    set: async (key, document) => {
      if (sizeOf(document) > keptDocuments.maxEntrySize || !isAgain(key)) return;
      dropTokens(document);
      kept.set(key, document);
      if (document.loc) hashes.set(document.loc.source.body, key);
    },
    delete: async (key) => kept.delete(key),
  };
  const documents: Documents = {
    of: (source) => {
      const hash = hashes.get(source);
      return hash === undefined ? undefined : kept.get(hash);
    },
  };
  return { documentStore, documents };
}

function sizeOf({ loc }: DocumentNode): number {
  return loc ? loc.end - loc.start : keptDocuments.maxSize;
}

/**
 * Keep a document only when it arrives a second time. One-off queries then never leave the young generation. A key has a
 * slot in each of two tables. A slot knows the last key that fell on it, so two keys hardly ever share both. A document
 * whose bits equal another's is kept at once. Source: the doorkeeper of TinyLFU (Einziger et al., 2017).
 */
function doorkeeper(): (hash: string) => boolean {
  const tables = [new Uint32Array(4096), new Uint32Array(4096)];
  return (hash) => {
    const known = tables.map((seen, i) => {
      const bits = Number.parseInt(hash.slice(-8 * (i + 1), hash.length - 8 * i), 16);
      const slot = bits % seen.length;
      const isKnown = seen[slot] === bits;
      seen[slot] = bits;
      return isKnown;
    });
    return known.includes(true);
  };
}

/** Of what the parser noted beside the nodes, errors need where each begins; its tokens are a quarter of what a document takes. */
function dropTokens(node: object): void {
  for (const value of Object.values(node)) {
    if (typeof value !== 'object' || value === null) continue;
    if (value instanceof Location) Object.assign(value, { startToken: undefined, endToken: undefined });
    else dropTokens(value);
  }
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
