/** How many requests are answered at once. What comes beyond is refused at once, before anything of it is read. */
import type { FastifyReply, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a request that has a place: whether it is being worked on. */
    isWorking: boolean;
  }
}

export interface Admission {
  /** A hook for `onRequest`: gives a place, or refuses. */
  readonly admit: (request: FastifyRequest, reply: FastifyReply, next: () => void) => void;
  /** The place is held until the work is done, also where the client has gone: it is not work's end. */
  readonly hold: <Result>(request: FastifyRequest, reply: FastifyReply, work: () => Promise<Result>) => Promise<Result>;
  readonly inFlight: number;
}

/** @param refuse answers a request that has no place. */
export function admission(places: number, refuse: (reply: FastifyReply) => void): Admission {
  let inFlight = 0;
  return {
    admit: (request, reply, next) => {
      if (inFlight >= places) return refuse(reply);
      inFlight++;
      request.isWorking = false;
      reply.raw.once('close', () => {
        if (!request.isWorking) inFlight--;
      });
      next();
    },
    hold: async (request, reply, work) => {
      request.isWorking = true;
      try {
        return await work();
      } finally {
        request.isWorking = false;
        if (reply.raw.closed) inFlight--;
      }
    },
    get inFlight() {
      return inFlight;
    },
  };
}
