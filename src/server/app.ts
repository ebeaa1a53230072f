/** Composes the server. Nothing listens yet, and the environment is not read: that is main.ts. */
import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http';
import type { ApolloServerPlugin } from '@apollo/server';
import createFastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, LogController } from 'fastify';
import type { Logger } from 'pino';
import { guardSchema } from '../api/schema.ts';
import type { Authentication } from '../authentication/authentication.ts';
import type { CompiledStatistics, DenialEvent } from '../authorization/guard.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { GraphQLContext } from '../graphql/context.ts';
import { networkOf } from '../network.ts';
import { contextFactory } from './context.ts';
import { explorerRoute } from './explorer/explorer.ts';
import { executionShortcut } from './fast/execution-shortcut.ts';
import { knownRequests } from './fast/known-requests.ts';
import { apolloHandler, graphqlRoute } from './graphql-route.ts';
import { crossOrigin } from './http/cross-origin.ts';
import { type Drain, drainable } from './http/drain.ts';
import { healthRoutes } from './http/health.ts';
import {
  answerMalformed,
  handleHttpErrors,
  refuseBadUrl,
  refuseBusy,
  refuseOddHost,
  refuseOtherMethods,
} from './http/http-errors.ts';
import { jwksRoute } from './http/jwks.ts';
import { securityHeaders } from './http/security-headers.ts';
import { parseJsonOfUtf8 } from './http/utf8.ts';
import { admission } from './overload/admission.ts';
import { limitConnections } from './overload/connections.ts';
import { door } from './overload/door.ts';
import { passwordHooks } from './overload/password-operations.ts';
import { unreadAnswers } from './overload/unread-answers.ts';
import { createApollo } from './pipeline/apollo.ts';
import { type DenialCounter, denialCounter } from './pipeline/denials.ts';
import { limits } from './pipeline/limits.ts';
import { wellFormedHooks } from './pipeline/operation.ts';
import { auditKeeper } from './pipeline/security-log.ts';
import { clientAddressBy, clientAddresses } from './request/client-address.ts';
import { type RequestContext, type RequestHooks, tellAll } from './request/hooks.ts';
import { logRequests, requestLogHooks } from './request/request-log.ts';

/** What may be hung into the pipeline: see docs/plugins.md. */
export interface PipelineExtensions {
  /** Plugins of Apollo Server. With one, every request takes Apollo Server's own way, and nothing is compiled. */
  plugins?: readonly ApolloServerPlugin<GraphQLContext>[];
  /** They are called on every way, and keep the fast paths on. */
  hooks?: readonly RequestHooks[];
}

export interface ServerDependencies extends PipelineExtensions {
  database: Database;
  authentication: Authentication;
  log: Logger;
  /** The clock; the system's, if left out. */
  now?: () => Date;
}

export interface Server {
  readonly fastify: FastifyInstance;
  /** What the guard has denied, or would have in `report` mode, by coordinate. */
  readonly denials: DenialCounter;
  /** What was compiled of the operations that came again, and how often it answered. */
  compiled(): CompiledStatistics | null;
  /** How many requests were answered without Apollo Server: see known-requests.ts. */
  answeredAsKnown(): number;
  /** @returns the address, such as `http://127.0.0.1:4000`. */
  listen(): Promise<string>;
  /** Answers what is under way, then ends. Leaves the database open. */
  stop(): Promise<void>;
}

/** Connections that wait to be accepted. Beyond, the system drops them, and clients try again after 1, 3 and 7 seconds. */
const backlog = 4096;

/** @throws GuardError if a guard is missing or cannot hold. */
export async function createServer(config: Config, dependencies: ServerDependencies): Promise<Server> {
  const { database, authentication, log, now = () => new Date(), plugins = [], hooks = [] } = dependencies;
  const isFast = config.fastPaths && plugins.length === 0;
  const denials = denialCounter(config.authorizationDenial);
  const audit = auditKeeper(config, { database, log, now });
  const tell = tellAll([requestLogHooks, wellFormedHooks, passwordHooks, denials.hooks, audit.hooks, ...hooks]);
  const guard = guardSchema({
    denial: config.authorizationDenial,
    denialErrors: config.denialErrors,
    federation: config.federation,
    introspection: config.introspection === 'visible' ? 'visible' : 'full',
    // Every event has the context that the pipeline made.
    onDenial: (event) => tell.denial(event as DenialEvent<RequestContext>),
    ...(!isFast && { compile: false }),
  });
  const { apollo, documents } = createApollo({
    ...{ config, guard, log, tell, plugins },
    shortcut: isFast ? executionShortcut(guard) : null,
  });
  await apollo.start();

  const unread = unreadAnswers({ budget: 67_108_864, seconds: config.requestTimeout + 5, rate: 65_536, stalled: 20 });
  const refuse = (reply: FastifyReply, retryAfter: number) => {
    if (connections.isDraining) reply.header('connection', 'close');
    refuseBusy(reply, retryAfter);
  };
  const addressOfClient = clientAddressBy(config.trustedProxies);
  const places = admission({
    places: config.maxRequestsInFlight,
    maxBeside: authentication.passwords.capacity,
    refuse,
    isOver: unread.isOver,
  });
  let connections: Drain;
  const entrance = door({
    ...{ isFull: places.isFull, retryAfter: places.retryAfter, log, isDraining: () => connections.isDraining },
    networkOf: (request) => networkOf(addressOfClient(request)),
  });
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
  connections = drainable(fastify.server);

  clientAddresses(fastify, addressOfClient);
  securityHeaders(fastify);
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    if (connections.isDraining) reply.header('connection', 'close');
    done();
  });
  logRequests(fastify);
  handleHttpErrors(fastify);
  fastify.addHook('onRequest', refuseOddHost);
  await crossOrigin(fastify, config);
  refuseOtherMethods(fastify);
  healthRoutes(fastify, { isDraining: () => connections.isDraining, pingDatabase: database.ping });
  if (config.explorer) explorerRoute(fastify, config);
  jwksRoute(fastify, { signingKeys: authentication.signingKeys, now });

  const context = contextFactory({ database, authentication, now, log });
  const asked = apolloHandler(fastify, { apollo, context, tell });
  const known = isFast
    ? knownRequests({
        ...{ guard, documents, context, tell, handler: asked },
        signInRefusal: () => authentication.passwords.refusal,
      })
    : null;
  graphqlRoute(fastify, {
    handler: known?.handler ?? asked,
    refuseEarly: known?.refuseSignIn ?? (() => null),
    ...{ places, unread, requestTimeout: config.requestTimeout, tell },
  });
  await fastify.ready();

  return {
    fastify,
    denials,
    compiled: () => guard.compiled,
    answeredAsKnown: () => known?.answered ?? 0,
    listen: async () => {
      // Not Fastify's own `listen`, which would open a second server, that is not drained, for `localhost`.
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      fastify.server.once('error', reject).listen({ host: config.host, port: config.port, backlog }, resolve);
      await promise;
      fastify.server.off('error', reject);
      return addressOf(fastify, config.host);
    },
    stop: async () => {
      if (fastify.server.listening) await connections.drain();
      entrance.close();
      await apollo.stop();
      await fastify.close();
      // Node's own, which Fastify leaves alone where it has not made the server.
      fastify.server.close();
      await audit.stop();
    },
  };
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

function addressOf(fastify: FastifyInstance, host: string): string {
  const address = fastify.server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
