/**
 * What a client of `_entities` could claim about an owner. A library may take a representation for the row, so `@owner`
 * must not read in it what the client wrote.
 * Source: Apollo Federation, subgraph specification.
 */
import {
  type ASTNode,
  type ConstDirectiveNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  Kind,
  type OperationDefinitionNode,
  parse,
  valueFromASTUntyped,
} from 'graphql';
import { entitiesField } from './entities.ts';
import { nodesOf } from './read-schema.ts';
import type { Requirement } from './requirement.ts';
import type { SiteOf } from './site.ts';

/**
 * By type that a representation may name: the properties that tell of an owner, and are not of a key. A client could name
 * itself in them. A key may stay: the row is found by it.
 */
export function claimsOf(
  schema: GraphQLSchema,
  requirements: ReadonlyMap<string, Requirement>,
  siteOf: SiteOf,
): Map<string, ReadonlySet<string>> {
  const claims = new Map<string, Set<string>>();
  const field = entitiesField(schema);
  const returned = field && getNamedType(field.type);
  const entities = isAbstractType(returned) ? schema.getPossibleTypes(returned) : [];
  const keyNames = keyDirectivesOf(schema);
  for (const type of entities) {
    const keys = keysOf(type, keyNames);
    const properties = ownerProperties(type, requirements).filter((name) => !keys.has(name));
    for (const { name } of [type, ...type.getInterfaces()]) {
      claims.set(name, (claims.get(name) ?? new Set()).union(new Set(properties)));
    }
    for (const name of properties) refuseClaim(type, name, keys.size > 0, siteOf);
  }
  return claims;
}

/** A claim is taken out of representations: where it is needed, what needs it would not work. */
function refuseClaim(type: GraphQLObjectType, name: string, hasKey: boolean, siteOf: SiteOf): void {
  const nodes = [type.getFields()[name]?.astNode];
  const isExternal = directivesOf(nodes).some((directive) => /(^|__)external$/.test(directive.name.value));
  const reason = `an owner is read from \`${name}\`, which whoever asks \`_entities\` fills in: `;
  if (isExternal) siteOf(`${type.name}.${name}`, nodes).problem(`${reason}it is @external, and of no @key`);
  else if (!hasKey) siteOf(type.name, nodesOf(type)).problem(`${reason}the type has no @key in its SDL`);
}

function ownerProperties(type: GraphQLObjectType, requirements: ReadonlyMap<string, Requirement>): string[] {
  const conditions = Object.keys(type.getFields()).flatMap(
    (name) => requirements.get(`${type.name}.${name}`)?.flat() ?? [],
  );
  const properties = conditions.flatMap((condition) =>
    condition.kind === 'owner' ? (condition.field.split('.')[0] ?? []) : [],
  );
  return [...new Set(properties)];
}

/** The top-level fields of a type's keys. */
function keysOf(type: GraphQLObjectType, names: ReadonlySet<string>): Set<string> {
  const fields = directivesOf(nodesOf(type))
    .filter(({ name }) => names.has(name.value))
    .flatMap((node) => node.arguments ?? [])
    .filter(({ name }) => name.value === 'fields')
    .map(({ value }) => valueFromASTUntyped(value));
  return new Set(fields.flatMap((set) => (typeof set === 'string' ? topFieldsOf(set) : [])));
}

function topFieldsOf(fieldSet: string): string[] {
  try {
    const { selectionSet } = parse(`{ ${fieldSet} }`).definitions[0] as OperationDefinitionNode;
    return selectionSet.selections.flatMap((each) => (each.kind === Kind.FIELD ? each.name.value : []));
  } catch {
    return [];
  }
}

/** What `@key` is called: `@link` may import it under another name, or not at all. */
function keyDirectivesOf(schema: GraphQLSchema): Set<string> {
  const imports = directivesOf([schema.astNode, ...schema.extensionASTNodes])
    .flatMap((link) => link.arguments ?? [])
    .filter(({ name }) => name.value === 'import')
    .flatMap(({ value }) => valueFromASTUntyped(value) as unknown);
  const renamed = imports.flat().flatMap((each) => {
    const { name, as: alias } = (each ?? {}) as { name?: unknown; as?: unknown };
    return name === '@key' && typeof alias === 'string' ? alias.replace('@', '') : [];
  });
  return new Set(['key', 'federation__key', ...renamed]);
}

function directivesOf(nodes: readonly (ASTNode | null | undefined)[]): ConstDirectiveNode[] {
  return nodes.flatMap((node) =>
    node && 'directives' in node ? ((node.directives ?? []) as ConstDirectiveNode[]) : [],
  );
}
