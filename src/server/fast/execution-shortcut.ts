/**
 * Executes in place of Apollo Server. Apollo Server's own executor receives each request with accessors, which keep all
 * of it alive until the next full collection. No other plugin sees the execution.
 */
import type { ApolloServerPlugin } from '@apollo/server';
import type { Guard } from '../../authorization/guard.ts';
import { executeOperation, respond } from '../pipeline/operation.ts';
import type { RequestContext } from '../request/hooks.ts';

export function executionShortcut(guard: Guard): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      responseForOperation: async ({ document, operation, contextValue, request: { variables, operationName } }) => {
        // Apollo Server refuses an operation that is not in the document.
        if (!operation) return null;
        return respond(await executeOperation(guard, { document, operation, variables, operationName }, contextValue));
      },
    }),
  };
}
