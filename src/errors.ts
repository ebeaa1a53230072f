/**
 * The closed list of error codes that a client can meet, and a class for each code that carries more than a message.
 *
 * Services throw these. Authorization rules return denials (see authorization/contract/denial.ts). Any other error is a
 * fault; server/pipeline/format-error.ts masks it as INTERNAL_SERVER_ERROR.
 */
import { GraphQLError, type GraphQLErrorExtensions } from 'graphql';

export const errorCodes = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_USER_INPUT',
  'NOT_FOUND',
  'CONFLICT',
  'TOO_MANY_REQUESTS',
  'OPERATION_TOO_COMPLEX',
  'SERVICE_UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/**
 * The HTTP status and headers of an error, for `extensions.http`. Apollo Server reads the headers as a Map, GraphQL
 * Yoga as a record; this object is both.
 */
export function errorHttp(status: number, headers: Record<string, string> = {}): GraphQLErrorExtensions['http'] {
  return { status, headers: Object.assign(new Map(Object.entries(headers)), headers) as unknown as typeof headers };
}

/** An error whose message is written for the client. */
export class CodedError extends GraphQLError {
  readonly code: ErrorCode;

  constructor(
    code: ErrorCode,
    message: string,
    extensions: Record<string, unknown> = {},
    http?: GraphQLErrorExtensions['http'],
  ) {
    super(message, { extensions: { ...extensions, code, ...(http && { http }) } });
    this.code = code;
  }
}

/** The bearer token is present and bad. One message for every cause. Source: RFC 6750, section 3.1. */
export class InvalidTokenError extends CodedError {
  constructor() {
    super(
      'UNAUTHENTICATED',
      'The access token is not valid. Refresh it, or sign in again.',
      {},
      errorHttp(401, { 'www-authenticate': 'Bearer error="invalid_token"' }),
    );
  }
}

/** The server cannot use the arguments; the message says what to do. */
export class BadUserInputError extends CodedError {
  constructor(message: string) {
    super('BAD_USER_INPUT', message);
  }
}

/** The client asks too often. `retryAfter`: seconds. */
export class TooManyRequestsError extends CodedError {
  constructor(message: string, retryAfter: number) {
    super('TOO_MANY_REQUESTS', message, {}, errorHttp(429, { 'retry-after': String(retryAfter) }));
  }
}

/** The operation would cost more than one request may use. */
export class OperationTooComplexError extends CodedError {
  constructor(message: string) {
    super('OPERATION_TOO_COMPLEX', message, {}, errorHttp(400));
  }
}

/** A dependency cannot be reached. `retryAfter`: seconds. */
export class ServiceUnavailableError extends CodedError {
  constructor(message: string, retryAfter: number) {
    super('SERVICE_UNAVAILABLE', message, {}, errorHttp(503, { 'retry-after': String(retryAfter) }));
  }
}
