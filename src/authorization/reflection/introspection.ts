/**
 * Answers `__schema` and `__type` with what the viewer could reach, and executes the rest of the operation as usual.
 * graphql-js answers them with the schema that it executes, so they are executed apart.
 */
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  executeSync,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type TypeNode,
  visit,
} from 'graphql';
import type { IntrospectionMode } from '../contract/options.ts';
import { errorHttp, refusal } from '../contract/refusal.ts';
import { askedOperation } from '../request/asked-operation.ts';
import { after, isPromise, type MaybePromise } from '../rules/evaluate.ts';
import { maskedFault } from '../rules/fault.ts';
import type { VisibleSchemas } from './visible-schemas.ts';

type Run = (args: ExecutionArgs) => MaybePromise<ExecutionResult>;

interface Split {
  /** Has `__typename` in the place of `__schema` and `__type`, which keeps their places in the response. */
  readonly others: DocumentNode;
  /** Has `__schema` and `__type` alone, under the same conditions. */
  readonly introspection: DocumentNode;
}

export class Introspection {
  readonly #visible: VisibleSchemas;
  readonly #isFull: boolean;
  /** By operation. Null: it does not introspect. `refused`: it does so where the answer cannot be made apart. */
  readonly #known = new WeakMap<DocumentNode, Map<OperationDefinitionNode, Split | null | 'refused'>>();

  constructor(visible: VisibleSchemas, mode: IntrospectionMode = 'full') {
    this.#visible = visible;
    this.#isFull = mode === 'full';
  }

  execute(args: ExecutionArgs, run: Run): MaybePromise<ExecutionResult> {
    const split = this.#splitOf(args);
    if (!split) return run(args);
    if (split === 'refused') return refuseBeneath();
    return after(run({ ...args, document: split.others }), (result) => {
      if (!result.data) return result;
      return unlessItFails(result, () =>
        after(this.#visible.of(args.contextValue), (schema) => {
          const { variableValues } = args;
          return join(result, executeSync({ schema, document: split.introspection, variableValues }));
        }),
      );
    });
  }

  /** The answer to a subscription that introspects; null for any other operation. */
  refuse(args: ExecutionArgs): Promise<ExecutionResult> | null {
    return this.#splitOf(args) ? Promise.resolve(refuseBeneath()) : null;
  }

  #splitOf(args: ExecutionArgs): Split | null | 'refused' {
    const { document, schema } = args;
    const operation = this.#isFull ? null : askedOperation(args);
    if (!operation) return null;
    const known = this.#known.get(document) ?? new Map<OperationDefinitionNode, Split | null | 'refused'>();
    this.#known.set(document, known);
    let found = known.get(operation);
    if (found === undefined) {
      found = splitOf(document, operation, schema.getQueryType()?.name ?? '');
      known.set(operation, found);
    }
    return found;
  }
}

function splitOf(document: DocumentNode, operation: OperationDefinitionNode, query: string): Split | null | 'refused' {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const spread = { atTop: new Set<string>(), beneath: new Set<string>() };
  const asks = { atTop: false, beneath: false };
  read(operation.selectionSet, operation.operation === 'query' ? 'atTop' : 'beneath');
  if (asks.beneath) return 'refused';
  if (!asks.atTop) return null;

  const condition = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: query } } as const;
  const isOfTop = (name: string) => spread.atTop.has(name);
  return {
    others: visit(document, { Field: (node) => (isIntrospection(node) ? placeholder(node) : undefined) }),
    introspection: {
      kind: Kind.DOCUMENT,
      definitions: [
        introspectionAlone(operation),
        // At the top each type condition holds, and may name a type that the viewer is not shown.
        ...[...fragments.values()].map((fragment) =>
          isOfTop(fragment.name.value) ? { ...introspectionAlone(fragment), typeCondition: condition } : fragment,
        ),
      ],
    },
  };

  function read({ selections }: SelectionSetNode, where: 'atTop' | 'beneath'): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value);
        if (!fragment || spread[where].has(fragment.name.value)) continue;
        spread[where].add(fragment.name.value);
        read(fragment.selectionSet, where);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        read(selection.selectionSet, where);
      } else if (isIntrospection(selection)) {
        asks[where] = true;
      } else if (selection.selectionSet) {
        read(selection.selectionSet, 'beneath');
      }
    }
  }
}

/** Drops the other fields, and the variables that only they can take. */
function introspectionAlone<Definition extends OperationDefinitionNode | FragmentDefinitionNode>(
  definition: Definition,
): Definition {
  return visit(definition, {
    Field: (node) => (isIntrospection(node) ? false : null),
    InlineFragment: ({ typeCondition, ...node }) => node,
    VariableDefinition: ({ type }) => (/^(String|Boolean)$/.test(nameOf(type)) ? false : null),
  }) as Definition;
}

function isIntrospection({ name }: FieldNode): boolean {
  return name.value === '__schema' || name.value === '__type';
}

function placeholder({ arguments: _, selectionSet, ...node }: FieldNode): FieldNode {
  return { ...node, alias: node.alias ?? node.name, name: { kind: Kind.NAME, value: '__typename' } };
}

function nameOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type);
}

function join(result: ExecutionResult, introspected: ExecutionResult): ExecutionResult {
  const errors = [...(result.errors ?? []), ...(introspected.errors ?? [])];
  // The keys keep the order of the first result. The second fills the places of its own.
  const data = introspected.data ? { ...result.data, ...introspected.data } : null;
  return { ...result, ...(errors.length > 0 && { errors }), data };
}

/** A policy that throws is a fault, and shows nothing. */
function unlessItFails(
  result: ExecutionResult,
  answer: () => MaybePromise<ExecutionResult>,
): MaybePromise<ExecutionResult> {
  const fault = (error: unknown): ExecutionResult => join(result, { errors: [maskedFault(error)] });
  try {
    const answered = answer();
    return isPromise(answered) ? answered.catch(fault) : answered;
  } catch (error) {
    return fault(error);
  }
}

function refuseBeneath(): ExecutionResult {
  const message =
    '`__schema` and `__type` can only be asked for at the top of a query: the schema is shown as far as the viewer could reach it.';
  return { errors: [refusal('BAD_USER_INPUT', message, errorHttp(400))] };
}
