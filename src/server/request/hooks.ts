/** What every request tells, whichever way it is answered. Logs, counters, metrics and traces hang here. */
import type { GraphQLResponse } from '@apollo/server';
import type { DocumentNode, GraphQLFormattedError, OperationDefinitionNode } from 'graphql';
import type { DenialEvent } from '../../authorization/guard.ts';
import type { GraphQLContext } from '../../graphql/context.ts';
import type { RequestScope } from './request-scope.ts';

/** What the pipeline's context has beyond that of resolvers. */
export interface RequestContext extends GraphQLContext {
  readonly scope: RequestScope;
}

export interface AskedOperation {
  readonly document: DocumentNode;
  /** Missing where the document has no such operation. */
  readonly operation?: OperationDefinitionNode | undefined;
}

export interface RequestErrors {
  /** As the client is told them. */
  readonly errors: readonly GraphQLFormattedError[];
  /** As the guard decides them. The client is told of them in `errors`, or never with AUTHORIZATION_DENIAL=report. */
  readonly denials: readonly DenialEvent<RequestContext>[];
}

export interface RequestHooks {
  /** Which operation is asked for. */
  operationResolved?(scope: RequestScope, asked: AskedOperation): void;
  /** Comes as often as there is something to tell: denials first, then what the client is told. */
  errors?(scope: RequestScope, told: RequestErrors): void;
  /** Comes before the response is written. A second one takes its place, where the first turns out to be too long. */
  response?(scope: RequestScope, response: GraphQLResponse): void;
}

/** What the ways of answering call. */
export interface Tell {
  operation(scope: RequestScope, asked: AskedOperation): void;
  denial(event: DenialEvent<RequestContext>): void;
  /** Its errors, and the response itself. */
  response(scope: RequestScope, response: GraphQLResponse): void;
}

/** A hook that throws is logged, and nobody else is told: it is not the client's fault. */
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
