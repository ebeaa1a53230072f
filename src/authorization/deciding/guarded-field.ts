/** A field with its guards, and a call of it. */
import type { GraphQLField, GraphQLObjectType, GraphQLResolveInfo } from 'graphql';
import type { Requirement } from '../contract/requirement.ts';
import type { Call } from '../rules/evaluate.ts';

/** A field of an object type, with what its guards require. */
export interface GuardedField {
  readonly type: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
  readonly coordinate: string;
  readonly requirement: Requirement;
  readonly takesGuardedInputs: boolean;
  readonly isMutation: boolean;
}

export interface FieldCall extends Call {
  readonly info: GraphQLResolveInfo;
}
