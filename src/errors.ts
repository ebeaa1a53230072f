/**
 * The closed list of error codes that a client can meet, one class a code.
 *
 * Services throw these; authorization rules return denials (see authorization/denial.ts); anything else is
 * a fault, which `server/format-error.ts` masks as INTERNAL_SERVER_ERROR.
 */
import { GraphQLError } from 'graphql';

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

/** HTTP status and headers that go with an error, as Apollo Server reads them from `extensions.http`. */
interface ErrorHttp {
  status: number;
  headers?: Map<string, string>;
}

/** An error whose message is written for the client. */
export class CodedError extends GraphQLError {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, extensions: Record<string, unknown> = {}, http?: ErrorHttp) {
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
      {
        status: 401,
        headers: new Map([['www-authenticate', 'Bearer error="invalid_token"']]),
      },
    );
  }
}

/** The arguments cannot be served; the message says what to do. */
export class BadUserInputError extends CodedError {
  constructor(message: string) {
    super('BAD_USER_INPUT', message);
  }
}

/** The client asks too often. `retryAfter`: seconds. */
export class TooManyRequestsError extends CodedError {
  constructor(message: string, retryAfter: number) {
    super('TOO_MANY_REQUESTS', message, {}, { status: 429, headers: new Map([['retry-after', String(retryAfter)]]) });
  }
}

/** The operation would cost more than the server gives to one request. */
export class OperationTooComplexError extends CodedError {
  constructor(message: string) {
    super('OPERATION_TOO_COMPLEX', message, {}, { status: 400 });
  }
}

/** A dependency is out of reach. `retryAfter`: seconds. */
export class ServiceUnavailableError extends CodedError {
  constructor(message: string, retryAfter: number) {
    super('SERVICE_UNAVAILABLE', message, {}, { status: 503, headers: new Map([['retry-after', String(retryAfter)]]) });
  }
}
