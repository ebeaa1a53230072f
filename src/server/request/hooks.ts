/** What every request reports, on every way of answering it. Logs, counters, metrics and traces use these hooks. */
import type { GraphQLResponse } from '@apollo/server';
import type { DocumentNode, GraphQLFormattedError, OperationDefinitionNode } from 'graphql';
import type { DenialEvent } from '../../authorization/guard.ts';
import type { GraphQLContext } from '../../graphql/context.ts';
import type { RequestScope } from './request-scope.ts';

/** What the pipeline's context has beyond the resolvers' context. */
export interface RequestContext extends GraphQLContext {
  readonly scope: RequestScope;
}

export interface AskedOperation {
  readonly document: DocumentNode;
  /** Missing if the document has no such operation. */
  readonly operation?: OperationDefinitionNode | undefined;
}

export interface RequestErrors {
  /** As the client sees them. */
  readonly errors: readonly GraphQLFormattedError[];
  /** As the guard decides them. The client sees them in `errors`, or never with AUTHORIZATION_DENIAL=report. */
  readonly denials: readonly DenialEvent<RequestContext>[];
}

export interface RequestHooks {
  /** Called when the operation is known. */
  operationResolved?(scope: RequestScope, asked: AskedOperation): void;
  /** Called whenever there is something to report: first denials, then the errors that the client sees. */
  errors?(scope: RequestScope, told: RequestErrors): void;
  /** Called before the response is written. If the response turns out too long, called again with its replacement. */
  response?(scope: RequestScope, response: GraphQLResponse): void;
}

/** What the ways of answering call. */
export interface Tell {
  operation(scope: RequestScope, asked: AskedOperation): void;
  denial(event: DenialEvent<RequestContext>): void;
  /** Reports the errors of the response, and the response itself. */
  response(scope: RequestScope, response: GraphQLResponse): void;
}

/** Logs a hook that throws. The client's answer does not change. */
export function tellAll(all: readonly RequestHooks[]): Tell {
  function each(scope: RequestScope, call: (hooks: RequestHooks) => void): void {
    for (const hooks of all) {
      try {
        call(hooks);
      } catch (error) {
        scope.log.error({ err: error }, 'a hook failed');
      }
    }
  }
  return {
    operation: (scope, asked) => each(scope, (hooks) => hooks.operationResolved?.(scope, asked)),
    denial: (event) => {
      const { scope } = event.context;
      each(scope, (hooks) => hooks.errors?.(scope, { errors: [], denials: [event] }));
    },
    response: (scope, response) => {
      scope.hasResponse = true;
      const errors = response.body.kind === 'single' ? response.body.singleResult.errors : undefined;
      if (errors) each(scope, (hooks) => hooks.errors?.(scope, { errors, denials: [] }));
      each(scope, (hooks) => hooks.response?.(scope, response));
    },
  };
}
