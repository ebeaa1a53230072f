/** What is known of the request that is being answered, for log lines and error bodies. */
import type { Logger } from 'pino';

export class RequestScope {
  readonly requestId: string;
  readonly log: Logger;
  viewerId: string | null = null;
  /** As the document names it, cut to 100 characters. */
  operationName: string | null = null;
  operationType: string | null = null;
  /** The codes of the errors in the response. */
  readonly codes: string[] = [];
  /** Gives the request's place to others for good (see admission.ts). */
  leavePlace: () => void = () => {};
  /** The request is well-formed by GraphQL over HTTP, and what it asks for was refused. */
  refusedWellFormed = false;
  /** The hooks were told of a response. */
  hasResponse = false;
  /** Made when it is asked for: few requests do. */
  #controller: AbortController | null = null;

  constructor(requestId: string, log: Logger) {
    this.requestId = requestId;
    this.log = log;
  }

  /** Aborts when nobody waits for the answer any more: the request took too long, or its client has gone. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(): void {
    this.#controller ??= new AbortController();
    this.#controller.abort();
  }
}
