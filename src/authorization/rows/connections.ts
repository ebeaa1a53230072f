/** Connections and edges, by their shape. Source: Relay Cursor Connections. */
import {
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
  const named = getNamedType(type);
  const possible = isAbstractType(named) ? schema.getPossibleTypes(named) : [named];
  return possible.map(({ name }) => name).filter((name) => policies.has(name));
}

/** The names of types that hold one row, `node`, and its `cursor`. */
export function edgeTypes(schema: GraphQLSchema, policies: RowPolicies): ReadonlySet<string> {
  return namesOf(schema, (type) => {
    const { node, cursor } = type.getFields();
    return Boolean(cursor && node && rowTypesIn(schema, node.type, policies).length > 0);
  });
}

/** The names of types with edges, or nodes, of rows and a `pageInfo`. */
export function connectionTypes(schema: GraphQLSchema, policies: RowPolicies): ReadonlySet<string> {
  const edgeNames = edgeTypes(schema, policies);
  return namesOf(schema, (type) => {
    const { edges, nodes, pageInfo } = type.getFields();
    const hasRows =
      (edges && edgeNames.has(getNamedType(edges.type).name)) ||
      (nodes && rowTypesIn(schema, nodes.type, policies).length > 0);
    return Boolean(pageInfo && hasRows);
  });
}

/**
 * The names of types whose fields hold what a connection was made with: connections, and edges that only they return. Their
 * rows were proved with the connection, unless a field has a resolver of its own.
 */
export function typesOfPages(schema: GraphQLSchema, policies: RowPolicies): ReadonlySet<string> {
  const connections = connectionTypes(schema, policies);
  const elsewhere = new Set<string>();
  for (const type of Object.values(schema.getTypeMap()).filter(isObjectType)) {
    if (connections.has(type.name)) continue;
    for (const field of Object.values(type.getFields())) elsewhere.add(getNamedType(field.type).name);
  }
  return connections.union(edgeTypes(schema, policies).difference(elsewhere));
}

function namesOf(schema: GraphQLSchema, isOne: (type: GraphQLObjectType) => boolean): ReadonlySet<string> {
  const types = Object.values(schema.getTypeMap()).filter(isObjectType);
  return new Set(types.filter(isOne).map(({ name }) => name));
}
