/** What becomes of an operation, once its document is parsed and valid: its limits, its execution by the guard, its response. */
import { type GraphQLResponse, HeaderMap, type HTTPGraphQLHead } from '@apollo/server';
import type { FastifyReply } from 'fastify';
import { type ExecutionResult, GraphQLError, type GraphQLSchema, Kind, type OperationDefinitionNode } from 'graphql';
import type { Guard } from '../../authorization/guard.ts';
import { CodedError, errorHttp } from '../../errors.ts';
import { isLongerThan } from '../request/answer-size.ts';
import type { RequestContext, RequestHooks, Tell } from '../request/hooks.ts';
import { formatError, retold, toClientError } from './format-error.ts';
import { checkLimits, limits } from './limits.ts';
import { isTooMuch, tooLong } from './long-answers.ts';
import type { OperationRequest } from './operation-request.ts';

/** @throws CodedError for what is not executed at all. */
export function checkOperation(
  schema: GraphQLSchema,
  { document, operation, variables = {} }: Omit<OperationRequest, 'operationName'>,
): void {
  // Valid by graphql-js's rules, and then a fault of the execution.
  if (!schema.getRootType(operation.operation)) {
    throw new CodedError('BAD_USER_INPUT', `This server has no ${operation.operation}s.`, {}, errorHttp(400));
  }
  checkLimits(schema, document, operation, variables);
}

/** One that was checked. @returns what is answered: errors are as the client is told them, with what was thrown as `originalError`. */
export async function executeOperation(
  guard: Guard,
  request: OperationRequest,
  contextValue: RequestContext,
): Promise<ExecutionResult> {
  const { document, operation, operationName, variables: variableValues } = request;
  const { scope } = contextValue;
  try {
    // Nobody is told the suggestions, and a long name takes long to compare.
    const args = { document, contextValue, variableValues, operationName, hideSuggestions: true };
    const result = settle(await guard.execute(args), operation, scope);
    return isTooMuch(result, request) ? tooLong(operation.operation) : result;
  } catch (error) {
    return { errors: [toClientError(error, scope)] };
  }
}

/** A response without parts that come later. */
export type SingleResponse = GraphQLResponse & { body: { kind: 'single' } };

/** The response whose errors are what the client is told. */
export function respond({ errors, ...result }: ExecutionResult): SingleResponse {
  const http: HTTPGraphQLHead = { headers: new HeaderMap() };
  if (!errors) return { http, body: { kind: 'single', singleResult: result } };
  const formatted = errors.map((error) => {
    const { status, headers } = (error.extensions.http ?? {}) as Partial<HTTPGraphQLHead>;
    if (status) http.status = status;
    for (const [name, value] of headers ?? []) http.headers.set(name, value);
    return formatError(error.toJSON(), error);
  });
  if (result.data === undefined) http.status ??= 400;
  return { http, body: { kind: 'single', singleResult: { ...result, errors: formatted } } };
}

/**
 * Masks what must be masked. A response that holds data is a 200, whatever its errors would have set.
 * Source: GraphQL over HTTP, section 6.4.2.
 */
function settle(
  result: ExecutionResult,
  operation: OperationDefinitionNode,
  scope: RequestContext['scope'],
): ExecutionResult {
  if (!result.errors) return result;
  const hasData = result.data !== null && result.data !== undefined;
  const maySendAgain = operation.operation !== 'mutation' || isOfOneField(operation);
  const errors = result.errors.map((error) => {
    const client = isMistake(result, error) ? badInput(error) : toClientError(error, scope);
    const told = maySendAgain ? client : withoutRetry(client);
    return hasData ? withoutStatus(told) : told;
  });
  return { ...result, errors };
}

function isOfOneField({ selectionSet: { selections } }: OperationDefinitionNode): boolean {
  return selections.length === 1 && selections[0]?.kind === Kind.FIELD;
}

/** Where a mutation has several fields, those before the one that failed are done, and would be done again. */
function withoutRetry(error: GraphQLError): GraphQLError {
  const http = error.extensions.http as Partial<HTTPGraphQLHead> | undefined;
  if (!http?.headers?.has('retry-after')) return error;
  const headers = new Map([...http.headers].filter(([name]) => name !== 'retry-after'));
  const extensions = Object.assign({}, error.extensions, { http: { ...http, headers } });
  const message = `${error.message} Other fields may be done: look before you send the mutation again.`;
  return retold(error, { message, extensions });
}

/**
 * Whether graphql-js refused the operation before any of it ran: variables above all. It gives no code then, and nothing of
 * ours has failed. An error of a variable may have a code that its scalar gave it.
 */
function isMistake(result: ExecutionResult, error: GraphQLError): boolean {
  if (result.data !== undefined || !(error instanceof GraphQLError) || error.path) return false;
  const { code } = error.extensions;
  return code === undefined || error.nodes?.[0]?.kind === Kind.VARIABLE_DEFINITION;
}

function badInput({ message, nodes, originalError }: GraphQLError): GraphQLError {
  return new GraphQLError(message, { nodes, originalError, extensions: { code: 'BAD_USER_INPUT' } });
}

function withoutStatus(error: GraphQLError): GraphQLError {
  const http = error.extensions.http as { headers?: Map<string, string> } | undefined;
  if (!http) return error;
  const extensions = Object.assign({}, error.extensions, { http: { headers: http.headers ?? new Map() } });
  return retold(error, { extensions });
}

/** Errors whose request is well-formed, which `application/json` answers with 200. */
const refusals: ReadonlySet<unknown> = new Set([
  ...['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'OPERATION_RESOLUTION_FAILURE'],
  ...['BAD_USER_INPUT', 'OPERATION_TOO_COMPLEX'],
]);

/** Notes which requests were well-formed. Source: GraphQL over HTTP, section 6.4.1. */
export const wellFormedHooks: RequestHooks = {
  response: (scope, { http, body }) => {
    if (http.status !== 400 || body.kind !== 'single') return;
    const { errors = [] } = body.singleResult;
    scope.refusedWellFormed = errors.every(({ extensions }) => refusals.has(extensions?.code));
  },
};

/** @returns what is to be sent in the place of the answer: itself, unless it is too long. */
export function refuseLong(reply: FastifyReply, body: unknown, tell: Tell): unknown {
  const { scope } = reply.request;
  if (!scope || !isLongerThan(limits.answer, body)) return body;
  const response = respond(tooLong(scope.operationType));
  tell.response(scope, response);
  reply.code(response.http.status ?? 200);
  const { errors, data } = response.body.singleResult;
  return `${JSON.stringify({ errors, data })}\n`;
}
