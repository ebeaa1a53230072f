/** The guard under Apollo Server 4 and 5. */
import type { DocumentNode, ExecutionResult, GraphQLFormattedError } from 'graphql';
import type { Guard } from '../guard.ts';

/** What of a request the plugin reads. */
interface ApolloRequest<Context> {
  readonly document: DocumentNode;
  /** Missing where the document has none of the name that the client gave: Apollo Server refuses that. */
  readonly operation?: unknown;
  readonly contextValue: Context;
  readonly request: {
    readonly operationName?: string | undefined;
    readonly variables?: Record<string, unknown> | undefined;
  };
  readonly response: { readonly http: { status?: number | undefined; readonly headers: Map<string, string> } };
}

interface ApolloResponse {
  // biome-ignore lint/suspicious/noExplicitAny: a HeaderMap of Apollo Server's own, which the engine does not import
  http: { status?: number; headers: any };
  body: { kind: 'single'; singleResult: { data?: Record<string, unknown> | null; errors?: GraphQLFormattedError[] } };
}

/** Structural: the engine depends on no version of Apollo Server. */
export interface GuardPlugin<Context> {
  requestDidStart(): Promise<{
    responseForOperation(asked: ApolloRequest<Context>): Promise<ApolloResponse | null>;
  }>;
}

export interface GuardPluginOptions {
  /**
   * What the client is told of an error: Apollo Server's own `formatError` is not called. A fault of a resolver has its
   * `originalError`; if left out, the client is told of it as graphql-js would.
   */
  readonly formatError?: (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;
}

/**
 * Executes through the guard: mode `reject`, visible introspection and compiled execution work then.
 *
 * ```js
 * new ApolloServer({ schema: guard.schema, plugins: [guardPlugin(guard)] });
 * ```
 *
 * Plugins of yours see the request and the response, and not the execution: `executionDidStart` and `willResolveField`
 * do not run. Leave this plugin out where you need them; `guard.schema` is guarded by itself.
 */
export function guardPlugin<Context>(guard: Guard, { formatError }: GuardPluginOptions = {}): GuardPlugin<Context> {
  return {
    requestDidStart: async () => ({
      responseForOperation: async ({ document, operation, contextValue, request, response }) => {
        if (!operation) return null;
        const { operationName, variables: variableValues } = request;
        const result = await guard.execute({ document, contextValue, operationName, variableValues });
        return responseOf(result, response.http.headers, formatError);
      },
    }),
  };
}

function responseOf(
  { data, errors, extensions }: ExecutionResult,
  headersSoFar: Map<string, string>,
  formatError: GuardPluginOptions['formatError'],
): ApolloResponse {
  // A map of Apollo Server's own class, which the engine does not import.
  const headers = new (headersSoFar.constructor as new () => Map<string, string>)();
  const http: ApolloResponse['http'] = { headers };
  const told = errors?.map((error) => {
    const { http: asked, ...rest } = error.extensions as { http?: { status?: number; headers?: Map<string, string> } };
    if (asked?.status && data === undefined) http.status = asked.status;
    for (const [name, value] of asked?.headers ?? []) headers.set(name, value);
    const formatted = { ...error.toJSON(), extensions: rest };
    return formatError ? formatError(formatted, error) : formatted;
  });
  const singleResult = {
    ...(told && { errors: told }),
    ...(data !== undefined && { data }),
    ...(extensions && { extensions }),
  };
  return { http, body: { kind: 'single', singleResult } };
}
