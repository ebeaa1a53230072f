/** What becomes of a mutation whose client was told that it takes too long. */
import type { GraphQLSchema } from 'graphql';
import { CodedError } from '../../errors.ts';
import { requestScope } from '../request/request-scope.ts';

/**
 * Lets no further field of such a mutation begin; the one that has begun ends as it would. To be called before the
 * schema is guarded: whichever way an operation is executed, it ends in these resolvers.
 */
export function beginNothingGivenUp(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const { resolve } = field;
    if (!resolve) continue;
    field.resolve = (parent, args, context, info) => {
      if (requestScope.getStore()?.isGivenUp) {
        throw new CodedError('SERVICE_UNAVAILABLE', 'The request took too long, and this was not begun.');
      }
      return resolve(parent, args, context, info);
    };
  }
  return schema;
}
