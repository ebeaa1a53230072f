/** The fields that an operation selects beneath a field, with every type that they may be selected on. */
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

export interface Selected {
  readonly type: GraphQLObjectType;
  readonly node: FieldNode;
  /** In response keys, with "@" for each list level. */
  readonly path: readonly (string | number)[];
}

export interface SelectionScope {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly variableValues: Readonly<Record<string, unknown>>;
}

/**
 * All fields beneath, once for each object type that is possible there. What a selection set selects on a type is read
 * once, at the first place where it stands. So the document bounds the work, not its expansion.
 *
 * @param nodes the selections of one field, merged as in execution.
 */
export function selectedBeneath(
  nodes: readonly FieldNode[],
  type: GraphQLOutputType,
  path: readonly (string | number)[],
  scope: SelectionScope,
): Selected[] {
  const selected: Selected[] = [];
  const seen = new Map<SelectionSetNode, Set<GraphQLObjectType>>();
  for (const { selectionSet } of nodes) if (selectionSet) readField(selectionSet, type, path);
  return selected;

  function readField(set: SelectionSetNode, returned: GraphQLOutputType, at: readonly (string | number)[]): void {
    const named = getNamedType(returned);
    if (isCompositeType(named)) readSet(set, possibleTypes(named), [...at, ...listLevels(returned)]);
  }

  function readSet(set: SelectionSetNode, all: readonly GraphQLObjectType[], at: readonly (string | number)[]): void {
    const read = seen.get(set) ?? new Set();
    seen.set(set, read);
    const types = all.filter((type) => !read.has(type) && read.add(type));
    if (types.length === 0) return;
    for (const selection of set.selections) {
      if (!isIncluded(selection, scope.variableValues)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        for (const parent of types) {
          const field = parent.getFields()[selection.name.value];
          if (!field) continue;
          selected.push({ type: parent, node: selection, path: [...at, key] });
          if (selection.selectionSet) readField(selection.selectionSet, field.type, [...at, key]);
        }
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        readSet(selection.selectionSet, narrowed(types, selection.typeCondition?.name.value), at);
      } else {
        const fragment = scope.fragments[selection.name.value];
        if (fragment) readSet(fragment.selectionSet, narrowed(types, fragment.typeCondition.name.value), at);
      }
    }
  }

  function possibleTypes(named: GraphQLCompositeType): readonly GraphQLObjectType[] {
    return isAbstractType(named) ? scope.schema.getPossibleTypes(named) : [named];
  }

  function narrowed(types: readonly GraphQLObjectType[], condition: string | undefined): readonly GraphQLObjectType[] {
    const named = condition === undefined ? undefined : scope.schema.getType(condition);
    if (condition === undefined) return types;
    if (isObjectType(named)) return types.filter((type) => type === named);
    return isAbstractType(named) ? types.filter((type) => scope.schema.isSubType(named, type)) : [];
  }
}

/** One `"@"` for each list level of a type. */
export function listLevels(type: GraphQLOutputType): '@'[] {
  const nullable = getNullableType(type);
  return isListType(nullable) ? ['@', ...listLevels(nullable.ofType as GraphQLOutputType)] : [];
}

/**
 * Evaluates `@skip` and `@include`. If a condition is null, the selection counts as included. The guard decides it,
 * and graphql-js tells the client of its mistake.
 */
export function isIncluded(node: SelectionNode, variables: Readonly<Record<string, unknown>>): boolean {
  try {
    return meetsConditions(node, variables);
  } catch {
    return true;
  }
}

/** Does the same. @throws where graphql-js refuses the operation for a condition. */
export function meetsConditions(node: SelectionNode, variables: Readonly<Record<string, unknown>>): boolean {
  if (!node.directives?.length) return true;
  const skip = getDirectiveValues(GraphQLSkipDirective, node, variables as Record<string, unknown>);
  if (skip?.if === true) return false;
  const include = getDirectiveValues(GraphQLIncludeDirective, node, variables as Record<string, unknown>);
  return include?.if !== false;
}
