/** What is known of the request that is being answered, for log lines and error bodies. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Logger } from 'pino';

export interface RequestScope {
  readonly requestId: string;
  readonly log: Logger;
  viewerId: string | null;
  /** As the document names it, cut to 100 characters. */
  operationName: string | null;
  operationType: string | null;
  /** The codes of the errors in the response. */
  codes: string[];
  /** Gives the request's place to others for good (see admission.ts). */
  leavePlace: () => void;
  /** It was refused because it takes too long (see given-up.ts). */
  isGivenUp: boolean;
  /** The request is well-formed by GraphQL over HTTP, and what it asks for was refused. */
  refusedWellFormed: boolean;
}

export const requestScope = new AsyncLocalStorage<RequestScope>();

export function newRequestScope(requestId: string, log: Logger): RequestScope {
  return {
    requestId,
    log,
    viewerId: null,
    operationName: null,
    operationType: null,
    codes: [],
    leavePlace: () => {},
    isGivenUp: false,
    refusedWellFormed: false,
  };
}
