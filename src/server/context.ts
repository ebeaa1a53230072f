/** Makes the context of one request: who is asking, and a database session of its own. */
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Authentication } from '../authentication/authentication.ts';
import { viewerOf } from '../authentication/bearer.ts';
import type { Database } from '../database/connection.ts';
import type { GraphQLContext } from '../graphql/context.ts';
import { tidyUserAgent } from '../graphql/request-info.ts';
import { toClientError } from './format-error.ts';
import { requestScope } from './request-scope.ts';

export interface ContextDependencies {
  database: Pick<Database, 'fork'>;
  authentication: Authentication;
  now: () => Date;
  log: Logger;
}

/** @throws InvalidTokenError if a token is present and bad, or if there is more than one. */
export function contextFactory(dependencies: ContextDependencies) {
  const { database, authentication, now } = dependencies;
  return async (request: FastifyRequest): Promise<GraphQLContext> => {
    const scope = requestScope.getStore();
    try {
      const em = database.fork();
      const viewer = await viewerOf(authorizationOf(request.raw.rawHeaders), authentication, now());
      if (scope) scope.viewerId = viewer?.id ?? null;
      const origin = {
        // What a trusted proxy says may be anything.
        address: isIP(request.ip) ? request.ip : null,
        userAgent: tidyUserAgent(request.headers['user-agent']),
        requestId: request.id,
      };
      return {
        ...{ viewer, em, authentication, now, log: scope?.log ?? dependencies.log, requestId: request.id },
        request: () => ({ ...origin, now: now() }),
      };
    } catch (error) {
      throw toClientError(error);
    }
  };
}

/** All of them: of several Authorization headers, Node shows the first and hides the others. */
function authorizationOf(rawHeaders: readonly string[]): string[] | undefined {
  const values = rawHeaders.filter((_, i) => i % 2 === 1 && isAuthorization(rawHeaders[i - 1] as string));
  return values.length === 0 ? undefined : values;
}

function isAuthorization(name: string): boolean {
  return name.length === 13 && name.toLowerCase() === 'authorization';
}
