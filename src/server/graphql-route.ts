/** The GraphQL route: passes a request to the pipeline, and its answer to the client. */
import { type ApolloServer, HeaderMap } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import { graphqlPath, mediaType, refuseOddRequest, refuseSlow } from './http/http-errors.ts';
import type { Admission } from './overload/admission.ts';
import type { UnreadAnswers } from './overload/unread-answers.ts';
import { checkSource } from './pipeline/limits.ts';
import { refuseLong, respond, type SingleResponse } from './pipeline/operation.ts';
import type { RequestContext, Tell } from './request/hooks.ts';
import { RequestScope } from './request/request-scope.ts';

export type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

export interface RouteParts {
  readonly handler: Handler;
  /** Answers before the request has a place, or returns null. */
  readonly refuseEarly: (request: FastifyRequest, reply: FastifyReply) => Buffer | string | null;
  readonly places: Admission;
  readonly unread: UnreadAnswers;
  /** Seconds. */
  readonly requestTimeout: number;
  readonly tell: Tell;
}

export function graphqlRoute(fastify: FastifyInstance, parts: RouteParts): void {
  const { handler, refuseEarly, places, unread, requestTimeout, tell } = parts;
  fastify.decorateRequest('place', null);
  fastify.route({
    method: ['GET', 'POST'],
    url: graphqlPath,
    onRequest: [places.turnAway, refuseOddRequest],
    async handler(request, reply) {
      const scope = new RequestScope(request.id, request.log as Logger);
      scope.leavePlace = () => places.leave(request);
      request.scope = scope;
      const work = async () => {
        const slow = setTimeout(() => refuseSlow(request, reply), requestTimeout * 1000);
        return await handler(request, reply).finally(() => clearTimeout(slow));
      };
      const made = refuseEarly(request, reply) ?? (await places.hold(request, reply, work));
      if (reply.sent) return reply;
      const body = refuseLong(reply, made, tell);
      // GraphQL over HTTP, section 6.4.1: application/json says 200 to every well-formed request.
      const isJson = String(reply.getHeader('content-type')).startsWith('application/json');
      if (isJson && scope.refusedWellFormed) reply.code(200);
      return unread.handOver(request, reply, body);
    },
  });
}

export interface ApolloHandlerParts {
  readonly apollo: ApolloServer<RequestContext>;
  readonly context: (request: FastifyRequest) => Promise<RequestContext>;
  readonly tell: Tell;
}

/** Asks Apollo Server. Also tells hooks of requests that are refused before plugins run. */
export function apolloHandler(fastify: FastifyInstance, { apollo, context, tell }: ApolloHandlerParts): Handler {
  const ask = fastifyApolloHandler(apollo, { context });
  return async (request, reply) => {
    const scope = request.scope as RequestScope;
    const refusal = refusalOf(request.body);
    if (refusal) {
      tell.response(scope, refusal);
      reply.code(refusal.http.status ?? 400).header('content-type', `${mediaType(request)}; charset=utf-8`);
      return `${JSON.stringify(refusal.body.singleResult)}\n`;
    }
    const text: unknown = await ask.call(fastify, request, reply);
    const isJson = /json/.test(String(reply.getHeader('content-type')));
    if (!scope.hasResponse && isJson) tell.response(scope, responseIn(String(text), reply.statusCode));
    return text;
  };
}

/** The answer to a document that must not be parsed. (A GET is short anyway.) */
function refusalOf(body: unknown): SingleResponse | null {
  const { query } = (body ?? {}) as { query?: unknown };
  if (typeof query !== 'string') return null;
  try {
    checkSource(query);
    return null;
  } catch (error) {
    return respond({ errors: [error as GraphQLError] });
  }
}

function responseIn(text: string, status: number): SingleResponse {
  return { http: { status, headers: new HeaderMap() }, body: { kind: 'single', singleResult: JSON.parse(text) } };
}
