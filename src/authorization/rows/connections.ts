/** Connections and edges, by their shape. Source: Relay Cursor Connections. */
import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
} from 'graphql';
import type { RowPolicies } from './row-policy.ts';

/** The row types that a field of this type can return. */
export function rowTypesIn(schema: GraphQLSchema, type: GraphQLOutputType, policies: RowPolicies): string[] {
  return possibleTypes(schema, type).filter((name) => policies.has(name));
}

/** The names of the types that an object in a field of this type can have. */
export function possibleTypes(schema: GraphQLSchema, type: GraphQLOutputType): string[] {
  const named: GraphQLNamedType = getNamedType(type);
  const possible = isAbstractType(named) ? schema.getPossibleTypes(named) : [named];
  return possible.map(({ name }) => name);
}

/** The names of types that hold one row, `node`, and its `cursor`. */
export function edgeTypes(schema: GraphQLSchema, policies: RowPolicies): ReadonlySet<string> {
  const edges = objectTypes(schema).filter((type) => {
    const { node, cursor } = type.getFields();
    return Boolean(cursor && node && rowTypesIn(schema, node.type, policies).length > 0);
  });
  return new Set(edges.map(({ name }) => name));
}

/** By the name of a type with edges, or nodes, of rows and a `pageInfo`: the types of its rows. */
export function connectionTypes(schema: GraphQLSchema, policies: RowPolicies): ReadonlyMap<string, readonly string[]> {
  const edgeNames = edgeTypes(schema, policies);
  const connections = new Map<string, readonly string[]>();
  for (const type of objectTypes(schema)) {
    const { edges, nodes, pageInfo } = type.getFields();
    const edge = edges && getNamedType(edges.type);
    const node = isObjectType(edge) && edgeNames.has(edge.name) ? edge.getFields().node : undefined;
    const rows = [nodes, node].flatMap((field) => (field ? rowTypesIn(schema, field.type, policies) : []));
    if (pageInfo && rows.length > 0) connections.set(type.name, [...new Set(rows)]);
  }
  return connections;
}

/**
 * The names of types whose `nodes`, or `node`, hold what a connection was made with: connections of one type of rows, and edges
 * that only they hold. Their rows were proved with the connection, unless a field has a resolver of its own.
 */
export function typesOfPages(schema: GraphQLSchema, policies: RowPolicies): ReadonlySet<string> {
  const pages = new Set<string>();
  for (const [name, rows] of connectionTypes(schema, policies)) if (rows.length === 1) pages.add(name);
  const elsewhere = new Set<string>();
  for (const type of objectTypes(schema)) {
    for (const field of Object.values(type.getFields())) {
      if (pages.has(type.name) && readsProperty(field)) continue;
      for (const name of possibleTypes(schema, field.type)) elsewhere.add(name);
    }
  }
  return pages.union(edgeTypes(schema, policies).difference(elsewhere));
}

/** Whether the field has no resolver of its own. */
export function readsProperty({ resolve = defaultFieldResolver }: GraphQLField<unknown, unknown>): boolean {
  return resolve === defaultFieldResolver;
}

function objectTypes(schema: GraphQLSchema): GraphQLObjectType[] {
  return Object.values(schema.getTypeMap()).filter(isObjectType);
}
