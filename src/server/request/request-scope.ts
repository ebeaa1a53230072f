/** What is known about the request being answered, for log lines and error bodies. */
import type { Logger } from 'pino';

export class RequestScope {
  readonly requestId: string;
  readonly log: Logger;
  viewerId: string | null = null;
  /** The operation's name in the document, cut to 100 characters. */
  operationName: string | null = null;
  operationType: string | null = null;
  /** The codes of the errors in the response. */
  readonly codes: string[] = [];
  /** Gives up the request's place for good (see admission.ts). */
  leavePlace: () => void = () => {};
  /** The request is well-formed by GraphQL over HTTP, and its operation was refused. */
  refusedWellFormed = false;
  /** The hooks were told of a response. */
  hasResponse = false;
  /** Made on demand, because few requests need it. */
  #controller: AbortController | null = null;

  constructor(requestId: string, log: Logger) {
    this.requestId = requestId;
    this.log = log;
  }

  /** Aborts when no client waits for the answer any more: the request took too long, or its client has gone. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(): void {
    this.#controller ??= new AbortController();
    this.#controller.abort();
  }
}
