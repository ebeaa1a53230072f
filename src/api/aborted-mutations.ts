/** What happens to a mutation whose request was aborted, because it took too long or its client has gone. */
import type { GraphQLSchema } from 'graphql';
import { CodedError } from '../errors.ts';
import type { GraphQLContext } from '../graphql/context.ts';

/**
 * Stops further root fields of an aborted mutation; a field that has begun runs to its end. Call it before the schema
 * is guarded, because every executor calls these resolvers.
 */
export function beginNothingAborted(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const { resolve } = field;
    if (!resolve) continue;
    field.resolve = (parent, args, context: Pick<GraphQLContext, 'signal'>, info) => {
      if (context.signal.aborted) {
        throw new CodedError('SERVICE_UNAVAILABLE', 'The request was aborted, and this was not begun.');
      }
      return resolve(parent, args, context, info);
    };
  }
  return schema;
}
