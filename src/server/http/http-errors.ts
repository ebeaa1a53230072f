/** Answers what fails before GraphQL begins (path, method, body), in the form of GraphQL errors. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { limits } from '../pipeline/limits.ts';
import { unavailabilityOf } from '../pipeline/unavailable.ts';
import { isUtf8Url, notUtf8 } from './utf8.ts';

export const graphqlPath = '/graphql';

const messages: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'Send the request as application/json, in UTF-8.',
  FST_ERR_CTP_BODY_TOO_LARGE: `The body has more than ${limits.body} bytes, the limit.`,
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is missing.',
  [notUtf8]: 'The body is not UTF-8. Encode it as UTF-8.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body is not as long as Content-Length says.',
};

export function handleHttpErrors(fastify: FastifyInstance): void {
  fastify.setNotFoundHandler((_request, reply) => answer(reply, 404, 'NOT_FOUND', 'There is nothing here.'));

  fastify.setErrorHandler((error: { code?: string; statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 400 && status < 500) {
      const message = messages[error.code ?? ''] ?? 'The body is not valid JSON.';
      return answer(reply, status, 'BAD_REQUEST', message);
    }
    const unavailable = unavailabilityOf(error);
    if (unavailable) {
      request.log.error({ err: error }, unavailable.logged);
      reply.header('retry-after', '2');
      return answer(reply, 503, 'SERVICE_UNAVAILABLE', unavailable.message);
    }
    request.log.error({ err: error }, 'a fault was masked');
    return answer(reply, 500, 'INTERNAL_SERVER_ERROR', 'Internal server error');
  });
}

/** Refuses methods that GraphQL over HTTP does not use, section 4.1. */
export function refuseOtherMethods(fastify: FastifyInstance): void {
  fastify.route({
    method: ['PUT', 'PATCH', 'DELETE'],
    url: graphqlPath,
    handler: (_request, reply) => {
      reply.header('allow', 'GET, POST');
      return answer(reply, 405, 'BAD_REQUEST', 'Send a POST, or a GET for queries.');
    },
  });
}

/** A hook: RFC 9112, section 3.2. */
export function refuseOddHost({ raw }: FastifyRequest, reply: FastifyReply, next: () => void): void {
  const message = hostFault(raw);
  if (message) answer(reply, 400, 'BAD_REQUEST', message);
  else next();
}

/** A hook: refuses bodies that are not plain UTF-8, and requests that Apollo's integration cannot read. */
export function refuseOddRequest(request: FastifyRequest, reply: FastifyReply, next: () => void): void {
  if (!canBeParsed(request)) {
    answer(reply, 400, 'BAD_REQUEST', 'The Host header or the path is not valid.');
    return;
  }
  if (!isUtf8Url(request.url)) {
    answer(reply, 400, 'BAD_REQUEST', 'The query string is not UTF-8. Encode it as UTF-8.');
    return;
  }
  const { 'content-type': type = '', 'content-encoding': encoding = '' } = request.headers;
  const charset = type === 'application/json' ? undefined : /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(type)?.[1];
  // Names of codings and charsets ignore case: RFC 9110, sections 8.3.2 and 8.4.1.
  if (!/^(?:identity)?$/i.test(encoding) || (charset && !/^utf-?8$/i.test(charset))) {
    answer(reply, 415, 'BAD_REQUEST', 'Send the request as application/json, in UTF-8.');
    return;
  }
  next();
}

/** The fault in the Host header; null if there is none. HTTP/1.0 clients need not send one. */
function hostFault({ rawHeaders, httpVersion }: IncomingMessage): string | null {
  let host: string | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue;
    // Node shows the first and hides the others, but a proxy may have used another.
    if (host !== undefined) return 'Send one Host header.';
    host = rawHeaders[i + 1];
  }
  if (host === undefined) return httpVersion === '1.0' ? null : 'The Host header is missing.';
  return isHost(host) ? null : 'The Host header is not valid.';
}

/** Source: RFC 3986, section 3.2.2. Here a name must not be empty. */
function isHost(host: string): boolean {
  return /^(?:[\w.~!$&'()*+,;=%-]+|\[[\da-f:.]+\])(?::\d*)?$/i.test(host) && URL.canParse(`http://${host}/`);
}

/** Hosts that passed the check. Most clients send one Host. */
const goodHosts = new LRUCache<string, true>({ max: 100 });

function canBeParsed({ url, host, protocol }: FastifyRequest): boolean {
  const base = `${protocol}://${host}/`;
  if (url === graphqlPath && goodHosts.has(base)) return true;
  const can = URL.canParse(url, base);
  if (can && url === graphqlPath && base.length < 300) goodHosts.set(base, true);
  return can;
}

/** For requests that find no place (see admission.ts). Bypasses Fastify to save time. */
export function refuseBusy(reply: FastifyReply, retryAfter: number): void {
  const { headers, body } = busyAnswer(reply.request, reply.request.id, retryAfter);
  reply.hijack();
  const all = reply.getHeaders() as OutgoingHttpHeaders;
  for (let i = 0; i < headers.length; i += 2) all[headers[i] as string] = headers[i + 1];
  reply.raw.writeHead(503, all);
  reply.raw.end(body);
}

/** @returns the text of a 503, and its headers as one list of names and values, which Node writes fastest. */
export function busyAnswer(request: Pick<IncomingMessage, 'headers'>, requestId: string, retryAfter: number) {
  // Neither the id nor the text needs escaping, and all of it is ASCII.
  const body = `{"errors":[{"message":"The server is busy. Try again.","extensions":{"code":"SERVICE_UNAVAILABLE","requestId":"${requestId}"}}]}\n`;
  const headers = [
    ...['content-type', `${mediaType(request)}; charset=utf-8`],
    ...['retry-after', String(retryAfter), 'cache-control', 'no-store', 'content-length', String(body.length)],
  ];
  return { headers, body };
}

/**
 * Answers 503 when the work outlasts REQUEST_TIMEOUT. Work that has begun goes on, so a client must not repeat a
 * mutation blindly. A request whose operation is not known yet will do nothing.
 */
export function refuseSlow(request: FastifyRequest, reply: FastifyReply): void {
  if (reply.sent) return;
  const { scope, log } = request;
  log.error('the request took too long');
  scope?.abort();
  if (scope?.operationType === 'mutation') {
    const message = 'This takes too long just now. Some of it may be done, or all: look before you send it again.';
    answer(reply, 503, 'SERVICE_UNAVAILABLE', message);
    return;
  }
  reply.header('retry-after', '2');
  answer(reply, 503, 'SERVICE_UNAVAILABLE', 'This takes too long just now. Try again, or ask for less.');
}

/** For Fastify's `frameworkErrors`: URLs that it cannot route. Hooks do not run for these. */
export function refuseBadUrl(_error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-request-id', request.id);
  answer(reply, 400, 'BAD_REQUEST', 'The path is not valid.');
}

/** For Fastify's `clientErrorHandler`: input that is not HTTP, or came too late. There is no request to log. */
export function answerMalformed({ code }: { code: string }, socket: Socket): void {
  if (code === 'ECONNRESET' || socket.destroyed) return;
  const [status, message] = malformed[code] ?? ['400 Bad Request', 'This is not a request of HTTP/1.1.'];
  const body = `${JSON.stringify({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] })}\n`;
  const head = [
    `HTTP/1.1 ${status}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${randomUUID()}`,
    'Connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}

const malformed: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time.'],
};

function answer(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  const extensions = status >= 500 ? { code, requestId: reply.request.id } : { code };
  return reply
    .code(status)
    .type(mediaType(reply.request))
    .send(`${JSON.stringify({ errors: [{ message, extensions }] })}\n`);
}

/** The media type of an answer that Apollo Server does not give. */
export function mediaType({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const accepts = /application\/graphql-response\+json/i.test(headers.accept ?? '');
  return accepts ? 'application/graphql-response+json' : 'application/json';
}
