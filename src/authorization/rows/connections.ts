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

function namesOf(schema: GraphQLSchema, isOne: (type: GraphQLObjectType) => boolean): ReadonlySet<string> {
  const types = Object.values(schema.getTypeMap()).filter(isObjectType);
  return new Set(types.filter(isOne).map(({ name }) => name));
}
