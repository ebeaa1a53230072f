/** Errors of the engine's own, beside denials. */
import { GraphQLError } from 'graphql';

export interface ErrorHttp {
  readonly status: number;
  readonly headers: Record<string, string>;
}

/**
 * The HTTP status and headers of an error, for `extensions.http`. The headers are a Map for Apollo Server and a record
 * for GraphQL Yoga at once.
 */
export function errorHttp(status: number, headers: Record<string, string> = {}): ErrorHttp {
  return { status, headers: Object.assign(new Map(Object.entries(headers)), headers) as unknown as typeof headers };
}

/** An error whose message is written for the client. */
export function refusal(code: 'UNAUTHENTICATED' | 'BAD_USER_INPUT', message: string, http?: ErrorHttp): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...(http && { http }) } });
}
