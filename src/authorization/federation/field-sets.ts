/**
 * Field sets, as `@key` and `@requires` of a federated schema write them. They name parts of a value. Source: Apollo
 * Federation, subgraph specification.
 */
import {
  type ASTNode,
  type ConstDirectiveNode,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionNode,
  valueFromASTUntyped,
} from 'graphql';

/** What a field set selects of one object. */
export interface FieldSet {
  /** The types that the object can have. */
  readonly types: readonly GraphQLObjectType[];
  /** By field: what is selected of it. Null: a leaf, whose value is taken as it is. */
  readonly fields: Map<string, FieldSet | null>;
}

/** A field set as text, and the type whose fields it names. */
export interface Written {
  readonly text: string;
  readonly holder: GraphQLObjectType | GraphQLInterfaceType;
}

/** All that the texts select together on an object of `type`. Names that the schema lacks are left out. */
export function readFieldSets(schema: GraphQLSchema, type: GraphQLNamedType, texts: readonly Written[]): FieldSet {
  const set = emptySet(schema, type);
  for (const { text, holder } of texts) add(set, { selections: selectionsOf(text), holder, schema });
  return set;
}

function emptySet(schema: GraphQLSchema, type: GraphQLNamedType): FieldSet {
  if (isAbstractType(type)) return { types: schema.getPossibleTypes(type), fields: new Map([['__typename', null]]) };
  return { types: isObjectType(type) ? [type] : [], fields: new Map() };
}

interface Adding {
  readonly selections: readonly SelectionNode[];
  readonly holder: GraphQLNamedType;
  readonly schema: GraphQLSchema;
}

function add(set: FieldSet, { selections, holder, schema }: Adding): void {
  for (const selection of selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const narrowed = schema.getType(selection.typeCondition?.name.value ?? holder.name) ?? holder;
      add(set, { selections: selection.selectionSet.selections, holder: narrowed, schema });
    }
    if (selection.kind !== Kind.FIELD || !(isObjectType(holder) || isInterfaceType(holder))) continue;
    const name = selection.name.value;
    const field = holder.getFields()[name];
    if (!field) continue;
    const type = getNamedType(field.type);
    if (isLeafType(type)) {
      if (!set.fields.has(name)) set.fields.set(name, null);
      continue;
    }
    const inner = set.fields.get(name) ?? emptySet(schema, type);
    set.fields.set(name, inner);
    add(inner, { selections: selection.selectionSet?.selections ?? [], holder: type, schema });
  }
}

function selectionsOf(text: string): readonly SelectionNode[] {
  try {
    return (parse(`{ ${text} }`).definitions[0] as OperationDefinitionNode).selectionSet.selections;
  } catch {
    return [];
  }
}

/** The part of a value that the set selects, as new objects. */
export function cut(value: unknown, set: FieldSet | null): unknown {
  if (set === null) return value;
  if (Array.isArray(value)) return value.map((each) => cut(each, set));
  if (typeof value !== 'object' || value === null) return null;
  const kept = [...set.fields].flatMap(([name, inner]) =>
    Object.hasOwn(value, name) ? [[name, cut((value as Record<string, unknown>)[name], inner)] as const] : [],
  );
  return Object.fromEntries(kept);
}

/** The paths to all leaves. */
export function leavesOf(set: FieldSet): string[][] {
  return [...set.fields].flatMap(([name, inner]) => {
    if (inner) return leavesOf(inner).map((path) => [name, ...path]);
    return name === '__typename' ? [] : [[name]];
  });
}

/** Whether the set selects the path, or something above or beneath it. */
export function holds(set: FieldSet, path: readonly string[]): boolean {
  return leavesOf(set).some((leaf) => leaf.every((name, at) => at >= path.length || name === path[at]));
}

/** The sets of all objects within the set. */
export function setsWithin(set: FieldSet): FieldSet[] {
  return [...set.fields.values()].flatMap((inner) => (inner ? [inner, ...setsWithin(inner)] : []));
}

/** The field sets of a federation directive on these nodes. */
export function fieldSetTexts(
  schema: GraphQLSchema,
  name: 'key' | 'requires',
  nodes: readonly (ASTNode | null | undefined)[],
): string[] {
  return argumentsOf(schema, name, nodes)
    .flatMap((given) => given.get('fields') ?? [])
    .filter((text) => typeof text === 'string');
}

/** Whether a gateway may ask for such an entity here. Each `@key` can say otherwise. */
export function isResolvable(schema: GraphQLSchema, nodes: readonly (ASTNode | null | undefined)[]): boolean {
  return argumentsOf(schema, 'key', nodes).some((given) => given.get('resolvable') !== false);
}

/** The arguments of a federation directive, for each time that it stands on these nodes. */
function argumentsOf(
  schema: GraphQLSchema,
  name: string,
  nodes: readonly (ASTNode | null | undefined)[],
): ReadonlyMap<string, unknown>[] {
  const names = namesOf(schema, name);
  return directivesOf(nodes)
    .filter((directive) => names.has(directive.name.value))
    .map(
      (directive) => new Map(directive.arguments?.map((each) => [each.name.value, valueFromASTUntyped(each.value)])),
    );
}

/** The names of a federation directive. `@link` may import it under another name, or leave it out. */
function namesOf(schema: GraphQLSchema, directive: string): Set<string> {
  const imports = directivesOf([schema.astNode, ...schema.extensionASTNodes])
    .flatMap((link) => link.arguments ?? [])
    .filter(({ name }) => name.value === 'import')
    .flatMap(({ value }) => valueFromASTUntyped(value) as unknown);
  const renamed = imports.flat().flatMap((each) => {
    const { name, as: alias } = (each ?? {}) as { name?: unknown; as?: unknown };
    return name === `@${directive}` && typeof alias === 'string' ? alias.replace('@', '') : [];
  });
  return new Set([directive, `federation__${directive}`, ...renamed]);
}

function directivesOf(nodes: readonly (ASTNode | null | undefined)[]): ConstDirectiveNode[] {
  return nodes.flatMap((node) =>
    node && 'directives' in node ? ((node.directives ?? []) as ConstDirectiveNode[]) : [],
  );
}
