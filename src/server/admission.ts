/** How many requests are answered at once. What comes beyond is refused at once, before anything of it is read. */
import type { FastifyReply, FastifyRequest } from 'fastify';

export interface Admission {
  /** A hook for `onRequest`: takes a place until the response has ended, or refuses. */
  readonly admit: (request: FastifyRequest, reply: FastifyReply, next: () => void) => void;
  readonly inFlight: number;
}

/** @param refuse answers a request that has no place. */
export function admission(places: number, refuse: (reply: FastifyReply) => void): Admission {
  let inFlight = 0;
  const release = (): void => {
    inFlight--;
  };
  return {
    admit: (_request, reply, next) => {
      if (inFlight >= places) return refuse(reply);
      inFlight++;
      // Also when the client goes away.
      reply.raw.once('close', release);
      next();
    },
    get inFlight() {
      return inFlight;
    },
  };
}
