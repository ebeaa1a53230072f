/**
 * Answers requests of a kind that Apollo Server has answered before, without asking it again. Two of its decisions
 * matter for each request: whether the document is valid, and the media type of the answer. Both are remembered as
 * Apollo Server made them. Every other request goes to Apollo Server. FAST_PATHS=off or a plugin turns this off.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type GraphQLError, getOperationAST } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Guard } from '../../authorization/guard.ts';
import { signsIn } from '../overload/password-operations.ts';
import type { Documents } from '../pipeline/documents.ts';
import { limits } from '../pipeline/limits.ts';
import { checkOperation, executeOperation, respond, type SingleResponse } from '../pipeline/operation.ts';
import type { OperationRequest } from '../pipeline/operation-request.ts';
import type { RequestContext, Tell } from '../request/hooks.ts';
import type { RequestScope } from '../request/request-scope.ts';

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

export interface KnownRequestsDependencies {
  readonly guard: Guard;
  readonly documents: Documents;
  /** @throws GraphQLError that is the answer. */
  readonly context: (request: FastifyRequest) => Promise<RequestContext>;
  /** The error if no client can sign in just now; null if clients can. */
  readonly signInRefusal: () => GraphQLError | null;
  /** Apollo Server's handler. */
  readonly handler: Handler;
  readonly tell: Tell;
}

export interface KnownRequests {
  readonly handler: Handler;
  /** Refuses a sign-in while none is possible. The request then takes no place, and delays no other. */
  readonly refuseSignIn: (request: FastifyRequest, reply: FastifyReply) => Buffer | string | null;
  /** How many requests were answered without Apollo Server. */
  readonly answered: number;
}

interface KnownRequest extends OperationRequest {
  readonly mediaType: string;
}

interface Answer {
  readonly mediaType: string;
  readonly response: SingleResponse;
}

/** Longer headers are not remembered. */
const maxAccept = 200;

const contentTypes: ReadonlySet<unknown> = new Set(['application/json', 'application/json; charset=utf-8']);

export function knownRequests(dependencies: KnownRequestsDependencies): KnownRequests {
  const { guard, documents, context, signInRefusal, handler, tell } = dependencies;
  /** The media type of executed answers, by Accept header. */
  const mediaTypes = new LRUCache<string, string>({ max: 100 });
  let answered = 0;

  function recognize({ method, headers, body }: FastifyRequest): KnownRequest | null {
    if (method !== 'POST' || !contentTypes.has(headers['content-type']) || !isRecord(body)) return null;
    const { query, operationName = null, variables = null, extensions = null } = body;
    if (typeof query !== 'string' || !(operationName === null || typeof operationName === 'string')) return null;
    if (!(variables === null || isRecord(variables))) return null;
    // Apollo Server looks up and stores persisted queries.
    if (!(extensions === null || (isRecord(extensions) && !extensions.persistedQuery))) return null;
    const mediaType = mediaTypes.get(headers.accept ?? '');
    const document = documents.of(query);
    const operation = document && getOperationAST(document, operationName);
    if (!mediaType || !operation) return null;
    const request = {
      document,
      operation,
      operationName: operationName ?? undefined,
      variables: variables ?? undefined,
    };
    try {
      checkOperation(guard.schema, request);
    } catch {
      return null;
    }
    return { ...request, mediaType };
  }

  async function answer(known: KnownRequest, request: FastifyRequest): Promise<SingleResponse> {
    let contextValue: RequestContext;
    try {
      contextValue = await context(request);
    } catch (error) {
      const response = respond({ errors: [error as GraphQLError] });
      response.http.status ??= 500;
      return response;
    }
    tell.operation(contextValue.scope, known);
    return respond(await executeOperation(guard, known, contextValue));
  }

  function write({ scope }: FastifyRequest, reply: FastifyReply, { mediaType, response }: Answer): Buffer | string {
    answered++;
    tell.response(scope as RequestScope, response);
    const { http, body } = response;
    for (const [name, value] of http.headers) reply.header(name, value);
    reply.code(http.status ?? 200).header('content-type', mediaType);
    const { errors, data, extensions } = body.singleResult;
    return line(JSON.stringify({ errors, data, extensions }));
  }

  return {
    get answered() {
      return answered;
    },
    refuseSignIn: (request, reply) => {
      const refusal = signInRefusal();
      const known = refusal && recognize(request);
      if (!known || !signsIn(known.operation)) return null;
      tell.operation(request.scope as RequestScope, known);
      return write(request, reply, { mediaType: known.mediaType, response: respond({ errors: [refusal] }) });
    },
    handler: async (request, reply) => {
      const known = recognize(request);
      if (known) return write(request, reply, { mediaType: known.mediaType, response: await answer(known, request) });
      const text = await handler(request, reply);
      const { accept = '' } = request.headers;
      // A refusal before execution may have another media type.
      if (reply.statusCode === 200 && accept.length <= maxAccept) {
        mediaTypes.set(accept, String(reply.getHeader('content-type')));
      }
      return text;
    },
  };
}

/** As bytes, with a line end. A text would be copied twice before it is sent, and both copies collected. */
function line(text: string): Buffer | string {
  const length = Buffer.byteLength(text);
  // It will be refused (see long-answers.ts), so it is not copied.
  if (length >= limits.answer) return `${text}\n`;
  const bytes = Buffer.allocUnsafe(length + 1);
  bytes.write(text);
  bytes[length] = 0x0a;
  return bytes;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
