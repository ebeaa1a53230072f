/** For monitoring of the process. */
import type { FastifyInstance } from 'fastify';

export interface HealthChecks {
  isDraining(): boolean;
  /** Resolves if the database answers. */
  pingDatabase(): Promise<void>;
}

const pingLimit = 2000;

/** `/healthz`: the process is alive. `/readyz`: it can serve; 503 while it drains or the database is lost. */
export function healthRoutes(fastify: FastifyInstance, checks: HealthChecks): void {
  fastify.get('/healthz', async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'alive' }),
  );

  fastify.get('/readyz', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    if (checks.isDraining()) return reply.code(503).send({ status: 'draining' });
    try {
      await within(pingLimit, checks.pingDatabase());
      return reply.send({ status: 'ready' });
    } catch (error) {
      request.log.warn({ err: error }, 'the database does not answer');
      return reply.code(503).send({ status: 'database unavailable' });
    }
  });
}

async function within(milliseconds: number, promise: Promise<void>): Promise<void> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new Error(`no answer in ${milliseconds} ms`)), milliseconds);
  try {
    await Promise.race([promise, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
