/** One line a request. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RequestHooks } from './hooks.ts';
import type { RequestScope } from './request-scope.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for requests to GraphQL. */
    scope?: RequestScope;
  }
}

/** Notes what the line says about the operation. */
export const requestLogHooks: RequestHooks = {
  operationResolved: (scope, { operation }) => {
    scope.operationName = operation?.name?.value.slice(0, 100) ?? null;
    scope.operationType = operation?.operation ?? null;
  },
  errors: (scope, { errors }) => {
    for (const { extensions } of errors) scope.codes.push(String(extensions?.code));
  },
};

export function logRequests(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    write(request, reply.statusCode, Math.round(reply.elapsedTime * 10) / 10, 'request');
    done();
  });
  fastify.addHook('onRequestAbort', (request, done) => {
    request.scope?.abort();
    write(request, null, null, 'request aborted by the client');
    done();
  });
}

function write(request: FastifyRequest, status: number | null, ms: number | null, message: string): void {
  const { method, url, clientAddress, scope } = request;
  const facts = {
    method,
    // Without the query string, which may hold a token or a query.
    path: url.split('?', 1)[0]?.slice(0, 200),
    status,
    ms,
    ip: clientAddress,
    ...(scope && {
      operationName: scope.operationName,
      operationType: scope.operationType,
      viewerId: scope.viewerId,
      ...(scope.codes.length > 0 && { codes: [...new Set(scope.codes)].slice(0, 10) }),
    }),
  };
  const isProbe = url === '/healthz' || url === '/readyz';
  request.log[isProbe ? 'debug' : 'info'](facts, message);
}
