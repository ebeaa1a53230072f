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
  /** In response keys, each list level written "@". */
  readonly path: readonly (string | number)[];
}

export interface SelectionScope {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly variableValues: Readonly<Record<string, unknown>>;
}

/**
 * All of them, once for each object type that may stand there. A fragment that is spread many times on one type
 * is read once, so that the work is bounded by the document, not by its expansion.
 */
export function selectedBeneath(
  node: FieldNode,
  type: GraphQLOutputType,
  path: readonly (string | number)[],
  scope: SelectionScope,
): Selected[] {
  const selected: Selected[] = [];
  const seen = new Set<string>();
  if (node.selectionSet) readField(node.selectionSet, type, path);
  return selected;

  function readField(set: SelectionSetNode, returned: GraphQLOutputType, at: readonly (string | number)[]): void {
    const named = getNamedType(returned);
    if (isCompositeType(named)) readSet(set, possibleTypes(named), [...at, ...listLevels(returned)]);
  }

  function readSet(set: SelectionSetNode, types: readonly GraphQLObjectType[], at: readonly (string | number)[]): void {
    for (const selection of set.selections) {
      if (!isIncluded(selection, scope.variableValues)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        const returned = new Map<string, GraphQLOutputType>();
        for (const parent of types) {
          const field = parent.getFields()[selection.name.value];
          if (!field) continue;
          selected.push({ type: parent, node: selection, path: [...at, key] });
          returned.set(String(field.type), field.type);
        }
        for (const type of selection.selectionSet ? returned.values() : []) {
          readField(selection.selectionSet as SelectionSetNode, type, [...at, key]);
        }
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        readSet(selection.selectionSet, narrowed(types, selection.typeCondition?.name.value), at);
      } else {
        const fragment = scope.fragments[selection.name.value];
        if (!fragment) continue;
        const on = narrowed(types, fragment.typeCondition.name.value).filter(({ name }) => {
          const key = `${selection.name.value} ${name}`;
          return !seen.has(key) && seen.add(key);
        });
        if (on.length > 0) readSet(fragment.selectionSet, on, at);
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

function listLevels(type: GraphQLOutputType): '@'[] {
  const nullable = getNullableType(type);
  return isListType(nullable) ? ['@', ...listLevels(nullable.ofType as GraphQLOutputType)] : [];
}

function isIncluded(node: SelectionNode, variables: Readonly<Record<string, unknown>>): boolean {
  const skip = getDirectiveValues(GraphQLSkipDirective, node, variables as Record<string, unknown>);
  if (skip?.if === true) return false;
  const include = getDirectiveValues(GraphQLIncludeDirective, node, variables as Record<string, unknown>);
  return include?.if !== false;
}
