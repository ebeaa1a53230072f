/** What fails before GraphQL begins: the path, the method, the body. Answered in GraphQL's own shape. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isDatabaseLost } from './format-error.ts';
import { limits } from './limits.ts';

export const graphqlPath = '/graphql';

const messages: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'Send the request as application/json, in UTF-8.',
  FST_ERR_CTP_BODY_TOO_LARGE: `The body has more than ${limits.body} bytes, the limit.`,
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is missing.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body is not as long as Content-Length says.',
};

export function handleHttpErrors(fastify: FastifyInstance): void {
  fastify.setNotFoundHandler((request, reply) => answer(request, reply, 404, 'NOT_FOUND', 'There is nothing here.'));

  fastify.setErrorHandler((error: { code?: string; statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 400 && status < 500) {
      const message = messages[error.code ?? ''] ?? 'The body is not valid JSON.';
      return answer(request, reply, status, 'BAD_REQUEST', message);
    }
    if (isDatabaseLost(error)) {
      request.log.error({ err: error }, 'the database is out of reach');
      reply.header('retry-after', '2');
      return answer(request, reply, 503, 'SERVICE_UNAVAILABLE', 'The server cannot reach its database. Try again.');
    }
    request.log.error({ err: error }, 'a fault was masked');
    return answer(request, reply, 500, 'INTERNAL_SERVER_ERROR', 'Internal server error');
  });
}

/** Methods that GraphQL over HTTP does not use, section 4.1. */
export function refuseOtherMethods(fastify: FastifyInstance): void {
  fastify.route({
    method: ['PUT', 'PATCH', 'DELETE'],
    url: graphqlPath,
    handler: (request, reply) => {
      reply.header('allow', 'GET, POST');
      return answer(request, reply, 405, 'BAD_REQUEST', 'Send a POST, or a GET for queries.');
    },
  });
}

/** A hook: refuses what Apollo's integration cannot take apart, and bodies that are not plain UTF-8. */
export async function refuseOddRequest(
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  if (!URL.canParse(request.url, `http://${request.host}/`)) {
    return answer(request, reply, 400, 'BAD_REQUEST', 'The Host header or the path is not valid.');
  }
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(request.headers['content-type'] ?? '')?.[1];
  const isEncoded = (request.headers['content-encoding'] ?? 'identity') !== 'identity';
  if (isEncoded || (charset && charset.toLowerCase() !== 'utf-8')) {
    return answer(request, reply, 415, 'BAD_REQUEST', 'Send the request as application/json, in UTF-8.');
  }
  return undefined;
}

/** For Fastify's `frameworkErrors`: what it cannot route. Hooks do not run for these. */
export function refuseBadUrl(_error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-request-id', request.id);
  answer(request, reply, 400, 'BAD_REQUEST', 'The path is not valid.');
}

export function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  code: string,
  message: string,
): FastifyReply {
  const extensions = status >= 500 ? { code, requestId: request.id } : { code };
  return reply
    .code(status)
    .type(acceptsGraphQLResponse(request) ? 'application/graphql-response+json' : 'application/json')
    .send(`${JSON.stringify({ errors: [{ message, extensions }] })}\n`);
}

function acceptsGraphQLResponse(request: FastifyRequest): boolean {
  return request.headers.accept?.includes('application/graphql-response+json') ?? false;
}
