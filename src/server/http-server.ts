/** Connections, and everything about a request that is not GraphQL: what is refused, under load too, headers, the log. */
import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http';
import createFastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { networkOf } from '../network.ts';
import { type Drain, drainable } from './http/drain.ts';
import { answerMalformed, handleHttpErrors, refuseBadUrl, refuseBusy, refuseOddHost } from './http/http-errors.ts';
import { securityHeaders } from './http/security-headers.ts';
import { parseJsonOfUtf8 } from './http/utf8.ts';
import { type Admission, admission } from './overload/admission.ts';
import { limitConnections } from './overload/connections.ts';
import { type Door, door } from './overload/door.ts';
import { type UnreadAnswers, unreadAnswers } from './overload/unread-answers.ts';
import { limits } from './pipeline/limits.ts';
import { clientAddressBy, clientAddresses } from './request/client-address.ts';
import { logRequests } from './request/request-log.ts';

export interface Http {
  readonly fastify: FastifyInstance;
  readonly connections: Drain;
  readonly entrance: Door;
  readonly places: Admission;
  readonly unread: UnreadAnswers;
}

export interface HttpParts {
  readonly log: Logger;
  /** Requests beside those that have places: they hash passwords. */
  readonly mostHashing: number;
}

/** Without routes. Nothing listens yet. */
export function createHttp(config: Config, { log, mostHashing }: HttpParts): Http {
  const unread = unreadAnswers({ budget: 67_108_864, seconds: config.requestTimeout + 5, rate: 65_536, stalled: 20 });
  const isDraining = () => connections.isDraining;
  const addressOfClient = clientAddressBy(config.trustedProxies);
  const places = admission({
    places: config.maxRequestsInFlight,
    maxBeside: mostHashing,
    refuse: (reply, retryAfter) => {
      if (isDraining()) reply.header('connection', 'close');
      refuseBusy(reply, retryAfter);
    },
    isOver: unread.isOver,
  });
  const entrance = door({
    ...{ isFull: places.isFull, retryAfter: places.retryAfter, log, isDraining },
    networkOf: (request) => networkOf(addressOfClient(request)),
  });
  const fastify = fastifyBehind(entrance, config, log);
  const connections = drainable(fastify.server);
  clientAddresses(fastify, addressOfClient);
  securityHeaders(fastify);
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    if (isDraining()) reply.header('connection', 'close');
    done();
  });
  logRequests(fastify);
  handleHttpErrors(fastify);
  fastify.addHook('onRequest', refuseOddHost);
  return { fastify, connections, entrance, places, unread };
}

function fastifyBehind(entrance: Door, config: Config, log: Logger): FastifyInstance {
  const fastify = createFastify({
    serverFactory: (listener) => httpServer(entrance.guard(listener), config),
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    bodyLimit: limits.body,
    frameworkErrors: refuseBadUrl,
    clientErrorHandler: answerMalformed,
  });
  limitConnections(fastify.server, { connections: 10_000, byProxies: config.trustedProxies.length > 0 });
  fastify.removeContentTypeParser('text/plain');
  parseJsonOfUtf8(fastify);
  return fastify;
}

/**
 * A client that dribbles its request is cut off; one that keeps its connection is not. Where nothing moves while it is
 * answered it is cut after `setTimeout`, or up to twice as long: Node looks each time that has passed whether anything
 * moved since. Large answers have a time of their own: see unread-answers.ts.
 */
function httpServer(listener: RequestListener, { requestTimeout, keepAliveTimeout }: Config): HttpServer {
  const server = createHttpServer(
    {
      requestTimeout: 30_000,
      // The other times count from the first byte of a request on: they do not cut a connection that is kept.
      keepAliveTimeout: keepAliveTimeout * 1000,
      headersTimeout: 15_000,
      connectionsCheckingInterval: 5_000,
      // A missing Host is answered by `refuseOddHost`: Node's own answer would have no body.
      requireHostHeader: false,
    },
    listener,
  );
  return server.setTimeout((requestTimeout + 60) * 1000);
}
