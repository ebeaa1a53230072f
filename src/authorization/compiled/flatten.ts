/**
 * Writes an operation out: the fields selected at each place in the response, for each object type possible there. It
 * spreads fragments, applies `@skip` and `@include`, and merges nodes of one response key. graphql-js does the same
 * while it executes. Source: GraphQL specification, section 6.3.2.
 */
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { meetsConditions } from '../request/selections.ts';

/** A selected field on one object type. */
export interface FlatField {
  readonly key: string;
  readonly type: GraphQLObjectType;
  /** Null: `__typename`. */
  readonly field: GraphQLField<unknown, unknown> | null;
  readonly nodes: readonly FieldNode[];
  /** By type of the returned object: the fields selected on it. Null for a leaf. */
  readonly branches: ReadonlyMap<GraphQLObjectType, readonly FlatField[]> | null;
}

export interface FlattenScope {
  readonly schema: GraphQLSchema;
  /** Types whose rows another service keyed by the client's aliases. */
  readonly foreignRows: readonly string[];
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** Null: every selection is included, whatever its conditions say. */
  readonly variableValues: Readonly<Record<string, unknown>> | null;
  /**
   * The most fields that an operation may have, written out: fragments multiply them. The reading is bounded as well.
   */
  readonly maxFields: number;
}

/** Says why an operation is not written out. It can still be executed. */
export class NotFlat extends Error {}

/** @throws NotFlat for an operation that is too large, or selects what graphql-js resolves in ways of its own. */
export function flatten(
  selectionSet: SelectionSetNode,
  type: GraphQLObjectType,
  scope: FlattenScope,
): readonly FlatField[] {
  let fields = 0;
  let selections = 0;
  return fieldsOf([selectionSet], type);

  function fieldsOf(sets: readonly SelectionSetNode[], parent: GraphQLObjectType): FlatField[] {
    const nodesByKey = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    for (const set of sets) collect(set, parent, nodesByKey, spread);
    return [...nodesByKey].map(([key, nodes]) => flatField(key, nodes, parent));
  }

  function flatField(key: string, nodes: readonly FieldNode[], parent: GraphQLObjectType): FlatField {
    if (++fields > scope.maxFields) throw new NotFlat('It selects too many fields.');
    const name = (nodes[0] as FieldNode).name.value;
    if (name === '__typename') return { key, type: parent, field: null, nodes, branches: null };
    const field = Object.hasOwn(parent.getFields(), name) ? parent.getFields()[name] : undefined;
    if (!field) throw new NotFlat(`${parent.name} has no field ${name} of its own.`);
    const returned = getNamedType(field.type);
    const possible = isAbstractType(returned)
      ? scope.schema.getPossibleTypes(returned)
      : isObjectType(returned)
        ? [returned]
        : null;
    if (possible?.some((each) => scope.foreignRows.includes(each.name))) throw new NotFlat('Its rows are foreign.');
    const sets = nodes.flatMap(({ selectionSet: set }) => set ?? []);
    const branches = possible && new Map(possible.map((each) => [each, fieldsOf(sets, each)]));
    return { key, type: parent, field, nodes, branches };
  }

  function collect(
    set: SelectionSetNode,
    parent: GraphQLObjectType,
    nodesByKey: Map<string, FieldNode[]>,
    spread: Set<string>,
  ): void {
    for (const selection of set.selections) {
      // Where many types are possible, each of them reads the same selections.
      if (++selections > scope.maxFields * 10) throw new NotFlat('It takes too long to read.');
      if (scope.variableValues && !meetsConditions(selection, scope.variableValues)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        if (!isKey(key)) throw new NotFlat('Compiled code cannot write this key.');
        const nodes = nodesByKey.get(key);
        if (nodes) nodes.push(selection);
        else nodesByKey.set(key, [selection]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value;
        if (applies(condition, parent)) collect(selection.selectionSet, parent, nodesByKey, spread);
      } else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        const fragment = scope.fragments[selection.name.value];
        if (fragment && applies(fragment.typeCondition.name.value, parent)) {
          collect(fragment.selectionSet, parent, nodesByKey, spread);
        }
      }
    }
  }

  function applies(condition: string | undefined, parent: GraphQLObjectType): boolean {
    const named = condition === undefined ? parent : scope.schema.getType(condition);
    return named === parent || (isAbstractType(named) && scope.schema.isSubType(named, parent));
  }
}

/**
 * Compiled code writes a key into the code of every field beneath it, and trusts it. A document that was not parsed
 * from text can hold any string as a key. Source: GraphQL specification, section 2.1.9.
 */
function isKey(key: string): boolean {
  return key.length <= 100 && key !== '__proto__' && /^[_A-Za-z][_0-9A-Za-z]*$/.test(key);
}
