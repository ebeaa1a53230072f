/** Makes the context of one request: the viewer, and a database session of its own. */
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { tidyUserAgent } from '../audit/request-info.ts';
import type { Authentication } from '../authentication/authentication.ts';
import { viewerOf } from '../authentication/tokens/bearer.ts';
import type { Guard, ViewerRows } from '../authorization/guard.ts';
import type { Database, EntityManager } from '../database/database.ts';
import type { GraphQLContext } from '../graphql/context.ts';
import { toClientError } from './pipeline/format-error.ts';
import type { RequestContext } from './request/hooks.ts';
import { RequestScope } from './request/request-scope.ts';

export interface ContextDependencies {
  database: Pick<Database, 'fork'>;
  authentication: Authentication;
  guard: Pick<Guard, 'rows'>;
  now: () => Date;
  log: Logger;
}

/** @throws InvalidTokenError if a token is present and bad, or if there is more than one. */
export function contextFactory(dependencies: ContextDependencies) {
  const { database, authentication, guard, now, log } = dependencies;
  return async (request: FastifyRequest): Promise<RequestContext> => {
    const scope = request.scope ?? new RequestScope(request.id, log);
    try {
      const viewer = await viewerOf(authorizationOf(request.raw.rawHeaders), authentication, now());
      scope.viewerId = viewer?.id ?? null;
      return new ViewerContext(viewer, request, { database, authentication, guard, now, scope });
    } catch (error) {
      throw toClientError(error, scope);
    }
  };
}

/**
 * Makes only the parts that a resolver asks for. Apollo Server copies the context's own properties, so it has no
 * private ones.
 */
class ViewerContext implements RequestContext {
  readonly viewer: GraphQLContext['viewer'];
  readonly authentication: Authentication;
  readonly now: () => Date;
  readonly scope: RequestScope;
  readonly log: Logger;
  readonly requestId: string;
  readonly request: GraphQLContext['request'];
  readonly database: ContextDependencies['database'];
  readonly guard: ContextDependencies['guard'];
  forked: EntityManager | null = null;

  constructor(
    viewer: GraphQLContext['viewer'],
    { clientAddress, headers, id }: FastifyRequest,
    { database, authentication, guard, now, scope }: Omit<ContextDependencies, 'log'> & { scope: RequestScope },
  ) {
    this.viewer = viewer;
    this.authentication = authentication;
    this.now = now;
    this.scope = scope;
    this.log = scope.log;
    this.requestId = id;
    this.request = () => ({
      address: clientAddress,
      userAgent: tidyUserAgent(headers['user-agent']),
      requestId: id,
      now: now(),
    });
    this.database = database;
    this.guard = guard;
  }

  get signal(): AbortSignal {
    return this.scope.signal;
  }

  rows(type: string): ViewerRows {
    return this.guard.rows(type, this);
  }

  get em(): EntityManager {
    this.forked ??= this.database.fork();
    return this.forked;
  }
}

/** All Authorization headers. If there are several, Node shows the first and hides the others. */
function authorizationOf(rawHeaders: readonly string[]): string[] | undefined {
  let values: string[] | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (!isAuthorization(rawHeaders[i] as string)) continue;
    values ??= [];
    values.push(rawHeaders[i + 1] as string);
  }
  return values;
}

function isAuthorization(name: string): boolean {
  return name.length === 13 && name.toLowerCase() === 'authorization';
}
