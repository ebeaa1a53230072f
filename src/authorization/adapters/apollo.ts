/** The guard under Apollo Server 4 and 5. */
import { type DocumentNode, type ExecutionResult, type GraphQLError, type GraphQLFormattedError, Kind } from 'graphql';
import type { Guard } from '../guard.ts';

/** The parts of a request that the plugin reads. */
interface ApolloRequest<Context> {
  readonly document: DocumentNode;
  /** Missing where the document has no operation of the name that the client gave. Apollo Server refuses that. */
  readonly operation?: unknown;
  readonly contextValue: Context;
  readonly request: {
    readonly operationName?: string | undefined;
    readonly variables?: Record<string, unknown> | undefined;
  };
}

interface ApolloResponse {
  // biome-ignore lint/suspicious/noExplicitAny: Apollo Server types it by a class of its own, and reads it as any map
  http: { status?: number; headers: any };
  body: { kind: 'single'; singleResult: { data?: Record<string, unknown> | null; errors?: GraphQLFormattedError[] } };
}

/** The types are structural, so that the engine depends on no version of Apollo Server. */
export interface GuardPlugin<Context> {
  requestDidStart(): Promise<{
    responseForOperation(asked: ApolloRequest<Context>): Promise<ApolloResponse | null>;
  }>;
}

export interface GuardPluginOptions {
  /**
   * Formats errors for the client; Apollo Server's own `formatError` is not called. A fault of a resolver has an
   * `originalError`. If left out, the client reads the fault's message, as under Apollo Server.
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
 * Plugins of yours see the request and the response, and not the execution: `executionDidStart`, `willResolveField` and
 * `didEncounterErrors` do not run. Leave this plugin out where you need them; `guard.schema` is guarded by itself.
 */
export function guardPlugin<Context>(guard: Guard, { formatError }: GuardPluginOptions = {}): GuardPlugin<Context> {
  return {
    requestDidStart: async () => ({
      responseForOperation: async ({ document, operation, contextValue, request }) => {
        if (!operation) return null;
        const { operationName, variables: variableValues } = request;
        const result = await guard.execute({ document, contextValue, operationName, variableValues });
        return responseOf(result, formatError);
      },
    }),
  };
}

/** Gives the codes, status and headers that Apollo Server gives to what it executes itself. */
function responseOf(
  { data, errors, extensions }: ExecutionResult,
  formatError: GuardPluginOptions['formatError'],
): ApolloResponse {
  const http: ApolloResponse['http'] = { headers: new Map<string, string>() };
  const told = errors?.map((error) => {
    const { http: asked, ...rest } = error.extensions;
    const hasHead = isHead(asked);
    if (hasHead && asked.status) http.status = asked.status;
    if (hasHead) for (const [name, value] of asked.headers ?? []) http.headers.set(name, value);
    const code = rest.code ?? (data === undefined && isOfVariable(error) ? 'BAD_USER_INPUT' : 'INTERNAL_SERVER_ERROR');
    const shown = { ...rest, ...(!hasHead && asked !== undefined && { http: asked }), code };
    return formatted({ ...error.toJSON(), extensions: shown }, error, formatError);
  });
  // There is no `data` where nothing ran, because the operation could not.
  if (told?.length && data === undefined) http.status ??= 400;
  const singleResult = {
    ...(told && { errors: told }),
    ...(data !== undefined && { data }),
    ...(extensions && { extensions }),
  };
  return { http, body: { kind: 'single', singleResult } };
}

/** Whether this is what Apollo Server takes out of `extensions.http` and applies. Anything else stays there. */
function isHead(http: unknown): http is { readonly status?: number; readonly headers?: ReadonlyMap<string, string> } {
  if (typeof http !== 'object' || http === null) return false;
  const { status = 0, headers = new Map() } = http as Record<string, unknown>;
  return typeof status === 'number' && headers instanceof Map;
}

function isOfVariable({ nodes }: GraphQLError): boolean {
  return nodes?.length === 1 && nodes[0]?.kind === Kind.VARIABLE_DEFINITION;
}

function formatted(
  told: GraphQLFormattedError,
  error: GraphQLError,
  formatError: GuardPluginOptions['formatError'],
): GraphQLFormattedError {
  try {
    return formatError ? formatError(told, error) : told;
  } catch {
    return { message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } };
  }
}
