/** Connections, and all of a request that is not GraphQL: refusals, also under load, headers and the log. */
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
  /** The most requests that hash passwords at once, beside those that have places. */
  readonly mostHashing: number;
}

/** Makes the server without routes. It does not listen yet. */
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
 * Cuts off a client that sends its request too slowly, but not one that keeps its connection. A connection without any
 * movement during its answer is cut after `setTimeout`, or up to twice as long. Node checks at that interval whether
 * anything moved since. Large answers have their own time limit: see unread-answers.ts.
 */
function httpServer(listener: RequestListener, { requestTimeout, keepAliveTimeout }: Config): HttpServer {
  const server = createHttpServer(
    {
      requestTimeout: 30_000,
      // The other times count from the first byte of a request, so they do not cut an idle connection.
      keepAliveTimeout: keepAliveTimeout * 1000,
      headersTimeout: 15_000,
      connectionsCheckingInterval: 5_000,
      // `refuseOddHost` answers a missing Host, because Node's own answer would have no body.
      requireHostHeader: false,
    },
    listener,
  );
  return server.setTimeout((requestTimeout + 60) * 1000);
}
