/** Composes the server. It does not listen yet, and does not read the environment: main.ts does. */
import type { ApolloServer, ApolloServerPlugin } from '@apollo/server';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { guardSchema } from '../api/schema.ts';
import type { Authentication } from '../authentication/authentication.ts';
import type { CompiledStatistics, DenialEvent, Guard } from '../authorization/guard.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { GraphQLContext } from '../graphql/context.ts';
import { contextFactory } from './context.ts';
import { explorerRoute } from './explorer/explorer.ts';
import { executionShortcut } from './fast/execution-shortcut.ts';
import { knownRequests } from './fast/known-requests.ts';
import { apolloHandler, graphqlRoute } from './graphql-route.ts';
import { crossOrigin } from './http/cross-origin.ts';
import { healthRoutes } from './http/health.ts';
import { refuseOtherMethods } from './http/http-errors.ts';
import { jwksRoute } from './http/jwks.ts';
import { createHttp, type Http } from './http-server.ts';
import { passwordHooks } from './overload/password-operations.ts';
import { createApollo } from './pipeline/apollo.ts';
import { type DenialCounter, denialCounter } from './pipeline/denials.ts';
import { auditKeeper } from './pipeline/denied-administration.ts';
import type { Documents } from './pipeline/documents.ts';
import { wellFormedHooks } from './pipeline/operation.ts';
import { type RequestContext, type RequestHooks, type Tell, tellAll } from './request/hooks.ts';
import { requestLogHooks } from './request/request-log.ts';

/** Extensions of the pipeline: see docs/plugins.md. */
export interface PipelineExtensions {
  /** Plugins of Apollo Server. With one, Apollo Server answers every request, and nothing is compiled. */
  plugins?: readonly ApolloServerPlugin<GraphQLContext>[];
  /** Hooks run on every path, and keep the fast paths on. */
  hooks?: readonly RequestHooks[];
}

export interface ServerDependencies extends PipelineExtensions {
  database: Database;
  authentication: Authentication;
  log: Logger;
  /** The clock; the system's if left out. */
  now?: () => Date;
}

export interface Server {
  readonly fastify: FastifyInstance;
  /** Counts by coordinate what the guard has denied, or would have denied in `report` mode. */
  readonly denials: DenialCounter;
  /** What was compiled of the operations that came again, and how often it answered. */
  compiled(): CompiledStatistics | null;
  /** How many requests were answered without Apollo Server: see known-requests.ts. */
  answeredAsKnown(): number;
  /** @returns the address, such as `http://127.0.0.1:4000`. */
  listen(): Promise<string>;
  /** Answers the requests in progress, then ends. The database stays open. */
  stop(): Promise<void>;
}

/** Connections that wait to be accepted. The system drops more, and clients try again after 1, 3 and 7 seconds. */
const backlog = 4096;

/** @throws GuardError if a guard is missing or cannot hold. */
export async function createServer(config: Config, dependencies: ServerDependencies): Promise<Server> {
  const { database, authentication, log, now = () => new Date() } = dependencies;
  const denials = denialCounter(config.authorizationDenial);
  const audit = auditKeeper(config, { database, log, now });
  const ours = [requestLogHooks, wellFormedHooks, passwordHooks, denials.hooks, audit.hooks];
  const tell = tellAll([...ours, ...(dependencies.hooks ?? [])]);
  const pipeline = await startPipeline(config, { log, tell, plugins: dependencies.plugins ?? [] });
  const http = createHttp(config, { log, mostHashing: authentication.passwords.capacity });
  const { fastify, connections, entrance } = http;
  const answeredAsKnown = await addRoutes(http, config, { ...dependencies, now, tell, pipeline });
  return {
    fastify,
    denials,
    compiled: () => pipeline.guard.compiled,
    answeredAsKnown,
    listen: () => listen(fastify, config),
    stop: async () => {
      if (fastify.server.listening) await connections.drain();
      entrance.close();
      await pipeline.apollo.stop();
      await fastify.close();
      // This is Node's own `close`, because Fastify does not close a server that it has not made.
      fastify.server.close();
      await audit.stop();
    },
  };
}

interface Pipeline {
  readonly guard: Guard;
  readonly apollo: ApolloServer<RequestContext>;
  readonly documents: Documents;
  /** Whether requests may be answered or compiled without Apollo Server. */
  readonly isFast: boolean;
}

interface PipelineParts {
  readonly log: Logger;
  readonly tell: Tell;
  readonly plugins: readonly ApolloServerPlugin<RequestContext>[];
}

async function startPipeline(config: Config, { log, tell, plugins }: PipelineParts): Promise<Pipeline> {
  const isFast = config.fastPaths && plugins.length === 0;
  const guard = guardSchema({
    denial: config.authorizationDenial,
    denialErrors: config.denialErrors,
    federation: config.federation,
    introspection: config.introspection === 'visible' ? 'visible' : 'full',
    // The pipeline made the context of every event.
    onDenial: (event) => tell.denial(event as DenialEvent<RequestContext>),
    unproved: config.production ? 'hide' : 'strict',
    ...(!isFast && { compile: false }),
  });
  const shortcut = isFast ? executionShortcut(guard) : null;
  const { apollo, documents } = createApollo({ config, guard, log, tell, plugins, shortcut });
  await apollo.start();
  return { guard, apollo, documents, isFast };
}

interface RouteParts extends ServerDependencies {
  readonly now: () => Date;
  readonly tell: Tell;
  readonly pipeline: Pipeline;
}

/** @returns a function that counts the requests answered without Apollo Server. */
async function addRoutes(http: Http, config: Config, parts: RouteParts): Promise<() => number> {
  const { fastify, connections, places, unread } = http;
  const { database, authentication, log, now, tell, pipeline } = parts;
  await crossOrigin(fastify, config);
  refuseOtherMethods(fastify);
  healthRoutes(fastify, { isDraining: () => connections.isDraining, pingDatabase: database.ping });
  if (config.explorer) explorerRoute(fastify, config);
  jwksRoute(fastify, { signingKeys: authentication.signingKeys, now });

  const { apollo, guard, documents, isFast } = pipeline;
  const context = contextFactory({ database, authentication, guard, now, log });
  const asked = apolloHandler(fastify, { apollo, context, tell });
  const signInRefusal = () => authentication.passwords.refusal;
  const known = isFast ? knownRequests({ guard, documents, context, tell, handler: asked, signInRefusal }) : null;
  graphqlRoute(fastify, {
    handler: known?.handler ?? asked,
    refuseEarly: known?.refuseSignIn ?? (() => null),
    ...{ places, unread, requestTimeout: config.requestTimeout, tell },
  });
  await fastify.ready();
  return () => known?.answered ?? 0;
}

async function listen(fastify: FastifyInstance, { host, port }: Config): Promise<string> {
  // Fastify's own `listen` would open a second server for `localhost`, which would not be drained.
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  fastify.server.once('error', reject).listen({ host, port, backlog }, resolve);
  await promise;
  fastify.server.off('error', reject);
  return addressOf(fastify, host);
}

function addressOf(fastify: FastifyInstance, host: string): string {
  const address = fastify.server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
