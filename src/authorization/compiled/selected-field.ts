/** A selected field as compiled code meets it. */

import type { FieldNode, GraphQLField, GraphQLFieldResolver, GraphQLObjectType, GraphQLResolveInfo } from 'graphql';
import type { GuardedField } from '../deciding/guarded-field.ts';
import type { ShieldRule } from '../rules/shield.ts';

export type Resolver = GraphQLFieldResolver<unknown, unknown>;

export interface Place {
  readonly type: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
  readonly nodes: readonly FieldNode[];
  /** Without its guard; undefined: the field is a property of its parent. */
  readonly resolve: Resolver | undefined;
  readonly link: Link;
  /** In response keys, each list level written "@", the field's own key last. */
  readonly path: readonly string[];
  /** Whom to ask before each call; null: whoever executes this may see it. */
  readonly guarded: GuardedField | null;
  /** What the row that it stands on was asked; if anything, the row may be a stand-in. */
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
  /** By property of the row: what a row that is denied shows there. */
  readonly marks: Map<string, RowDenial>;
}

/** Stands in a row where a field is denied. One for all rows: compiled code adds the path. */
export class RowDenial extends Error {
  /** By response key, since one property may be selected under several. */
  readonly fields = new Map<string, { readonly guarded: GuardedField; readonly nodes: readonly FieldNode[] }>();
}

export type ResponsePath = GraphQLResolveInfo['path'];

/** As graphql-js has it: graphql-jit leaves out the names of types. */
export function responsePath({ key, prev }: ResponsePath, link: Link | undefined): ResponsePath {
  const isIndex = typeof key === 'number';
  return {
    prev: prev && responsePath(prev, isIndex ? link : link?.prev),
    key,
    typename: isIndex ? undefined : link?.typename,
  };
}

/** What graphql-js tells a resolver. */
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
