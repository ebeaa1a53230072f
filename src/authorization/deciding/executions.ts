/**
 * Finds the operation that a resolver's call belongs to. graphql-js makes one object of variable values for each
 * execution, and for each event of a subscription. That object identifies the operation, and holds it. (A WeakMap
 * would keep all that an operation has read alive until the next full collection.)
 *
 * The caller of `guard.execute` knows more, such as the variables as the client sent them. The first root field finds
 * that through an AsyncLocalStorage. From then on the operation holds it. A later call may come in any asynchronous
 * context, because a resolver's thenable chooses where it calls back.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { ExecutionArgs, GraphQLFieldResolver, GraphQLResolveInfo, OperationDefinitionNode } from 'graphql';
import type { Denial } from '../contract/denial.ts';
import { askedOperation } from '../request/asked-operation.ts';
import type { VariableValues } from '../request/variables.ts';
import { readProperty } from '../rules/foreign-rows.ts';
import type { Rules } from './condition-rules.ts';
import { Operation } from './operation.ts';
import { RightsStore } from './rights.ts';
import type { OperationInfo } from './verdict.ts';
import { Verdicts } from './verdicts.ts';

/** One call of `guard.execute` or `guard.subscribe`. */
export interface Execution {
  readonly args: ExecutionArgs;
  /** The operation that is executed. Null: graphql-js refuses to choose. */
  readonly asked: OperationDefinitionNode | null;
  /** Its variables, coerced beforehand. Null: they can be read only once, and graphql-js is to read them. */
  coerced: VariableValues | null;
  /** Denials beyond the one that a resolver can throw. */
  readonly furtherDenials: Denial[];
  /** All decisions of one operation share these. Null where each event is decided afresh. */
  readonly verdicts: Verdicts | null;
  /** As graphql-js coerced them, once they are known. */
  variableValues: object | null;
}

export class Executions {
  readonly #rules: Rules;
  readonly #rights: RightsStore;
  readonly #current = new AsyncLocalStorage<Execution>();
  readonly #operation = Symbol('the operation that these variables are of');
  /** By variable values that can hold no property: their operation. */
  readonly #operations = new WeakMap<object, Operation>();
  /** Whether any caller has brought its own default resolver. */
  #customResolvers = false;

  constructor(rules: Rules) {
    this.#rules = rules;
    this.#rights = new RightsStore(rules);
  }

  run<Result>(
    { args, ...rest }: Pick<Execution, 'args' | 'verdicts'>,
    callback: (execution: Execution) => Result,
  ): Result {
    this.#customResolvers ||= Boolean(args.fieldResolver ?? args.subscribeFieldResolver);
    const asked = askedOperation(args);
    const execution: Execution = { args, asked, ...rest, coerced: null, furtherDenials: [], variableValues: null };
    return this.#current.run(execution, callback, execution);
  }

  /** The verdicts of the operation that runs in this context; new ones if there is none. */
  verdictsNow(context: unknown): Verdicts {
    const current = this.#current.getStore();
    const isCurrent = current !== undefined && current.args.contextValue === context;
    return (isCurrent ? current.verdicts : null) ?? this.verdicts(context);
  }

  verdicts(context: unknown): Verdicts {
    return new Verdicts(this.#rules, this.#rights, context);
  }

  operation(context: unknown, info: GraphQLResolveInfo | OperationInfo): Operation {
    const found = this.#operationOf(info.variableValues);
    if (found && found.context === context && found.info.operation === info.operation) return found;
    return this.begin(context, info, this.#executionOf(context, info));
  }

  /** @param execution null under an executor of another library. */
  begin(context: unknown, info: GraphQLResolveInfo | OperationInfo, execution: Execution | null): Operation {
    if (execution) execution.variableValues = info.variableValues;
    const operation = new Operation(context, info, this.#rules, {
      args: execution?.args ?? null,
      furtherDenials: execution?.furtherDenials ?? null,
      verdicts: execution?.verdicts ?? this.verdicts(context),
    });
    if (Object.isExtensible(info.variableValues)) {
      Object.defineProperty(info.variableValues, this.#operation, { value: operation, configurable: true });
    } else {
      this.#operations.set(info.variableValues, operation);
    }
    return operation;
  }

  #operationOf(variableValues: object): Operation | undefined {
    return (variableValues as Record<symbol, Operation>)[this.#operation] ?? this.#operations.get(variableValues);
  }

  /**
   * Resolves a field without a resolver as graphql-js does: by the caller's default resolver, or else by the property,
   * which it calls if it is a function.
   */
  defaultResolver(
    kind: 'fieldResolver' | 'subscribeFieldResolver',
    fieldName: string,
  ): GraphQLFieldResolver<unknown, unknown> {
    return (parent, args, context, info) => {
      const custom = this.#customResolvers ? this.operation(context, info).args?.[kind] : null;
      if (custom) return custom(parent, args, context, info);
      const property = readProperty(parent, fieldName, info);
      return typeof property === 'function' ? property.call(parent, args, context, info) : property;
    };
  }

  /**
   * Null under an executor of another library, even within one of the guard's resolvers. The facts of one execution
   * must not be taken for another's.
   */
  #executionOf(context: unknown, info: GraphQLResolveInfo | OperationInfo): Execution | null {
    const current = this.#current.getStore();
    if (!current || current.args.contextValue !== context || current.asked !== info.operation) return null;
    current.variableValues ??= info.variableValues;
    return current.variableValues === info.variableValues ? current : null;
  }
}
