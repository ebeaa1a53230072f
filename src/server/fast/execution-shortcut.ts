/**
 * Executes in the place of Apollo Server, whose own way hands each request to its executor with accessors that keep all of
 * it alive until the next full collection. No plugin but this sees the execution.
 */
import type { ApolloServerPlugin } from '@apollo/server';
import type { Guard } from '../../authorization/guard.ts';
import { executeOperation, respond } from '../pipeline/operation.ts';
import type { RequestContext } from '../request/hooks.ts';

export function executionShortcut(guard: Guard): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      responseForOperation: async ({ document, operation, contextValue, request: { variables, operationName } }) => {
        // An operation that is not in the document is Apollo Server's to refuse.
        if (!operation) return null;
        return respond(await executeOperation(guard, { document, operation, variables, operationName }, contextValue));
      },
    }),
  };
}
