/** What the engine refuses by itself, beside denials. */
import { GraphQLError, type GraphQLErrorExtensions } from 'graphql';

/**
 * The HTTP status and headers that go with an error, for `extensions.http`. Apollo Server reads the headers as a Map,
 * GraphQL Yoga as a record: they are both.
 */
export function errorHttp(status: number, headers: Record<string, string> = {}): GraphQLErrorExtensions['http'] {
  return { status, headers: Object.assign(new Map(Object.entries(headers)), headers) as unknown as typeof headers };
}

/** An error whose message is written for the client. */
export function refusal(
  code: 'UNAUTHENTICATED' | 'BAD_USER_INPUT',
  message: string,
  http?: GraphQLErrorExtensions['http'],
): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...(http && { http }) } });
}
