/** What every guard directive is made of; one file a directive beside this one. */
import type { GraphQLField, GraphQLSchema } from 'graphql';
import type { RowsOf } from '../contract/relations.ts';
import type { Requirement } from '../contract/requirement.ts';

/** Where a directive stands, and what is known there. */
export interface Site {
  readonly schema: GraphQLSchema;
  /** The field that it stands on, if it stands on one. */
  readonly field: GraphQLField<unknown, unknown> | null;
  /** The name of the type that it stands on, or whose field or input it stands on. */
  readonly holder: string;
  /** On a field of Query, Mutation or Subscription, or on one of those types. */
  readonly isRoot: boolean;
  /** By directive, those that it takes; left out, any name will do. */
  readonly roles: ReadonlyMap<string, ReadonlySet<string>>;
  /** Null: any name will do. */
  readonly scopes: ReadonlySet<string> | null;
  /** Registered policies, and whether one verdict of theirs serves a whole operation. */
  readonly policies: ReadonlyMap<string, { viewerOnly: boolean }>;
  /** By type: how its rows stand to viewers. */
  readonly rows: ReadonlyMap<string, RowsOf>;
  /** The types whose owners can be looked up. */
  readonly owners: ReadonlySet<string>;
  /** Refuses: `reason` says what is wrong. */
  problem(reason: string): void;
}

export interface GuardDirective {
  /** Without the @. */
  readonly name: string;
  readonly locations: readonly Location[];
  /** `rows`: it says which rows of a type exist for a viewer, and asks nothing of a field. */
  readonly decides?: 'rows';
  /** Its definition, with its description. */
  readonly sdl: string;
  /** What it requires, given its arguments. */
  require(args: Readonly<Record<string, unknown>>, site: Site): Requirement;
}

export type Location =
  | 'FIELD_DEFINITION'
  | 'OBJECT'
  | 'INTERFACE'
  | 'SCALAR'
  | 'ENUM'
  | 'ARGUMENT_DEFINITION'
  | 'INPUT_FIELD_DEFINITION';

export const outputLocations = ['FIELD_DEFINITION', 'OBJECT', 'INTERFACE', 'SCALAR', 'ENUM'] as const;
