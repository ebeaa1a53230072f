/** A selected field as compiled code meets it. */

import type { FieldNode, GraphQLField, GraphQLFieldResolver, GraphQLObjectType, GraphQLResolveInfo } from 'graphql';
import type { GuardedField } from '../deciding/guarded-field.ts';
import type { ShieldRule } from '../rules/shield.ts';

export type Resolver = GraphQLFieldResolver<unknown, unknown>;

export interface Place {
  readonly type: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
  readonly nodes: readonly FieldNode[];
  /** The resolver without its guard. Undefined: the field is a property of its parent. */
  readonly resolve: Resolver | undefined;
  readonly link: Link;
  /** In response keys, with "@" for each list level. The field's own key is last. */
  readonly path: readonly string[];
  /** The guard to ask before each call. Null: the viewers of this code may see the field. */
  readonly guarded: GuardedField | null;
  /** The rules that the field's row was asked. If there are any, the row may be a stand-in. */
  readonly askedOfParent: ReadonlyMap<unknown, RowRule> | null;
}

/** A response key and those above it, without list levels. */
export interface Link {
  readonly key: string;
  readonly typename: string;
  readonly prev: Link | undefined;
}

/** Fields that are read straight from a row, and the rule that each row is asked first. */
export interface RowRule {
  readonly rule: ShieldRule;
  /** By property of the row: what a denied row shows there. */
  readonly marks: Map<string, RowDenial>;
}

/** Stands in a row where a field is denied. One serves all rows, because compiled code adds the path. */
export class RowDenial extends Error {
  /** By response key, because several keys may select one property. */
  readonly fields = new Map<string, { readonly guarded: GuardedField; readonly nodes: readonly FieldNode[] }>();
}

export type ResponsePath = GraphQLResolveInfo['path'];

/** The path as graphql-js has it. graphql-jit leaves out the names of types. */
export function responsePath({ key, prev }: ResponsePath, link: Link | undefined): ResponsePath {
  const isIndex = typeof key === 'number';
  return {
    prev: prev && responsePath(prev, isIndex ? link : link?.prev),
    key,
    typename: isIndex ? undefined : link?.typename,
  };
}

/** The `info` that graphql-js gives a resolver. */
export function infoOf(
  { field, type, nodes, link }: Place,
  path: ResponsePath,
  { schema, fragments, rootValue, operation, variableValues }: SharedInfo,
): GraphQLResolveInfo {
  return {
    fieldName: field.name,
    fieldNodes: nodes,
    returnType: field.type,
    parentType: type,
    path: responsePath(path, link),
    schema,
    fragments,
    rootValue,
    operation,
    variableValues,
  };
}

export type SharedInfo = Pick<
  GraphQLResolveInfo,
  'schema' | 'fragments' | 'rootValue' | 'operation' | 'variableValues'
>;
