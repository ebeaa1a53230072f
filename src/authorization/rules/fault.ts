import { GraphQLError } from 'graphql';

/** An error whose cause is for the log alone, because a rule or a resolver threw it. */
export function maskedFault(error: unknown): GraphQLError {
  return new GraphQLError('Internal server error', {
    originalError:
      error instanceof Error ? error : new Error('A rule threw something that is no Error.', { cause: error }),
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
  });
}
