/** Which pages of other origins may call this server (CORS). Logs those that may not. */
import cors from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { originFault } from '../../config/addresses.ts';
import type { Config } from '../../config/config.ts';
import { isLocalOrigin } from '../../config/origins.ts';

type CrossOriginConfig = Pick<Config, 'production' | 'corsOrigins' | 'publicUrl'>;

/** The most origins that are remembered, so that each is logged once; and the most characters of one. */
const [maxOrigins, maxLength] = [1000, 200];

export async function crossOrigin(fastify: FastifyInstance, config: CrossOriginConfig): Promise<void> {
  const listed = new Set(config.corsOrigins);
  const mayCall = (origin: string) => listed.has(origin) || (!config.production && isLocalOrigin(origin));
  const tellOnce = teller();
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { origin } = request.headers;
    if (origin && !mayCall(origin) && !isOwn(origin, request, config)) tellOnce(origin, request);
    done();
  });
  await fastify.register(cors, {
    origin: (origin, decide) => decide(null, origin !== undefined && mayCall(origin)),
    methods: ['GET', 'POST'],
    allowedHeaders: [
      ...['authorization', 'content-type', 'apollo-require-preflight', 'x-apollo-operation-name'],
      ...['apollographql-client-name', 'apollographql-client-version'],
    ],
    exposedHeaders: ['x-request-id', 'www-authenticate', 'retry-after'],
    maxAge: 7200,
    strictPreflight: false,
  });
}

/** Browsers also send an Origin with requests of the server's own pages. Those may read the answers. */
function isOwn(origin: string, { host }: FastifyRequest, { publicUrl }: CrossOriginConfig): boolean {
  const url = URL.parse(origin);
  return url !== null && (url.host === host || url.origin === new URL(publicUrl).origin);
}

function teller(): (origin: string, request: FastifyRequest) => void {
  const told = new LRUCache<string, true>({ max: maxOrigins });
  return (origin, { log }) => {
    const shown = origin.slice(0, maxLength);
    if (told.has(shown)) return;
    told.set(shown, true);
    const advice =
      originFault(origin) === null ? 'To allow it, add it to CORS_ORIGINS.' : 'It is none that can be allowed.';
    log.warn({ origin: shown }, `A page of another origin called, and its browser hides the answer. ${advice}`);
  };
}
