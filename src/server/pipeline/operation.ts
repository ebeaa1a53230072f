/** The way of an operation after parsing and validation: its limits, its execution by the guard, its response. */
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

/** @throws CodedError for an operation that is not executed. */
export function checkOperation(
  schema: GraphQLSchema,
  { document, operation, variables = {} }: Omit<OperationRequest, 'operationName'>,
): void {
  // Valid by the rules of graphql-js, but execution would fail.
  if (!schema.getRootType(operation.operation)) {
    throw new CodedError('BAD_USER_INPUT', `This server has no ${operation.operation}s.`, {}, errorHttp(400));
  }
  checkLimits(schema, document, operation, variables);
}

/**
 * For a checked operation.
 * @returns the answer. Its errors are those that the client sees, with the thrown error as `originalError`.
 */
export async function executeOperation(
  guard: Guard,
  request: OperationRequest,
  contextValue: RequestContext,
): Promise<ExecutionResult> {
  const { document, operation, operationName, variables: variableValues } = request;
  const { scope } = contextValue;
  try {
    // No client sees suggestions, and comparing a long name takes long.
    const args = { document, contextValue, variableValues, operationName, hideSuggestions: true };
    const result = settle(await guard.execute(args), operation, scope);
    return isTooMuch(result, request) ? tooLong(operation.operation) : result;
  } catch (error) {
    return { errors: [toClientError(error, scope)] };
  }
}

/** A response without parts that come later. */
export type SingleResponse = GraphQLResponse & { body: { kind: 'single' } };

/** The response, with errors as the client sees them. */
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
 * Masks faults. A response with data has status 200, whatever status its errors set. Source: GraphQL over HTTP, section
 * 6.4.2.
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

/** If a mutation has several fields, those before the failed one are done. A retry would do them again. */
function withoutRetry(error: GraphQLError): GraphQLError {
  const http = error.extensions.http as Partial<HTTPGraphQLHead> | undefined;
  if (!http?.headers?.has('retry-after')) return error;
  const headers = new Map([...http.headers].filter(([name]) => name !== 'retry-after'));
  const extensions = Object.assign({}, error.extensions, { http: { ...http, headers } });
  const message = `${error.message} Other fields may be done: look before you send the mutation again.`;
  return retold(error, { message, extensions });
}

/**
 * Whether graphql-js refused the operation before any of it ran, mostly because of variables. It gives no code then,
 * and nothing of this server has failed. A scalar may have given a code to an error of a variable.
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

/** Errors of well-formed requests, which `application/json` answers with 200. */
const refusals: ReadonlySet<unknown> = new Set([
  ...['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'OPERATION_RESOLUTION_FAILURE'],
  ...['BAD_USER_INPUT', 'OPERATION_TOO_COMPLEX'],
]);

/** Marks well-formed requests that were refused. Source: GraphQL over HTTP, section 6.4.1. */
export const wellFormedHooks: RequestHooks = {
  response: (scope, { http, body }) => {
    if (http.status !== 400 || body.kind !== 'single') return;
    const { errors = [] } = body.singleResult;
    scope.refusedWellFormed = errors.every(({ extensions }) => refusals.has(extensions?.code));
  },
};

/** @returns the body to send: the given one, unless it is too long. */
export function refuseLong(reply: FastifyReply, body: unknown, tell: Tell): unknown {
  const { scope } = reply.request;
  if (!scope || !isLongerThan(limits.answer, body)) return body;
  const response = respond(tooLong(scope.operationType));
  tell.response(scope, response);
  reply.code(response.http.status ?? 200);
  const { errors, data } = response.body.singleResult;
  return `${JSON.stringify({ errors, data })}\n`;
}
