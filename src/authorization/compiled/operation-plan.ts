/** What is known of an operation before anybody executes it. */

import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import type { Requirement } from '../contract/requirement.ts';
import type { GuardedField } from '../deciding/guarded-field.ts';
import { fragmentsOf } from '../request/asked-operation.ts';
import { type FlatField, flatten, NotFlat } from './flatten.ts';

export interface Plan {
  /** Unique among plans. */
  readonly id: number;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly type: GraphQLObjectType;
  /** The variables that `@skip` and `@include` read. */
  readonly conditions: readonly string[];
  /** The requirements of its fields, each once. The operation depends on rights through these alone. */
  readonly requirements: readonly Requirement[];
  /** The memory that the plan takes, as a number of fields. */
  readonly weight: number;
}

export interface PlanScope {
  readonly schema: GraphQLSchema;
  readonly foreignRows: readonly string[];
  readonly guardedField: (field: FlatField) => GuardedField | null;
  readonly maxFields: number;
}

let plans = 0;

/** A compiled operation keeps its document, which takes about as much as the code of its fields. */
const charactersOfField = 500;

/**
 * Plans an operation. A mutation is not planned, because it could not be run again.
 *
 * @returns null for an operation that is not to be compiled.
 */
export function planOf(document: DocumentNode, operation: OperationDefinitionNode, scope: PlanScope): Plan | null {
  const type = scope.schema.getRootType(operation.operation);
  if (!type || operation.operation === 'mutation') return null;
  const fragments = fragmentsOf(document);
  try {
    const flat = flatten(operation.selectionSet, type, { ...scope, fragments, variableValues: null });
    const requirements = new Set<Requirement>();
    addRequirements(flat, scope, requirements);
    const conditions = conditionsOf(document);
    const weight = Math.ceil((operation.loc?.source.body.length ?? 0) / charactersOfField);
    return { id: plans++, operation, fragments, type, conditions, requirements: [...requirements], weight };
  } catch (error) {
    // It is too large, or compiled code is not made for its shape.
    if (error instanceof NotFlat) return null;
    throw error;
  }
}

function addRequirements(fields: readonly FlatField[], scope: PlanScope, requirements: Set<Requirement>): void {
  for (const field of fields) {
    const guarded = field.field && scope.guardedField(field);
    if (guarded) requirements.add(guarded.requirement);
    for (const branch of field.branches?.values() ?? []) addRequirements(branch, scope, requirements);
  }
}

function conditionsOf(document: DocumentNode): string[] {
  const conditions = new Set<string>();
  visit(document, {
    Directive: ({ name, arguments: given }) => {
      if (name.value !== 'skip' && name.value !== 'include') return;
      for (const { value } of given ?? []) if (value.kind === Kind.VARIABLE) conditions.add(value.name.value);
    },
  });
  return [...conditions];
}
