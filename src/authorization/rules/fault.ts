import { GraphQLError } from 'graphql';

/** What a rule threw is for the log, not for the client. */
export function maskedFault(error: unknown): GraphQLError {
  return new GraphQLError('Internal server error', {
    originalError:
      error instanceof Error ? error : new Error('A rule threw something that is no Error.', { cause: error }),
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
  });
}
