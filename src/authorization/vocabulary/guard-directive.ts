/** What every guard directive consists of. Each directive has a file beside this one. */
import type { GraphQLField, GraphQLSchema } from 'graphql';
import type { RowsOf } from '../contract/relations.ts';
import type { Requirement } from '../contract/requirement.ts';

/** The place where a directive stands, and what is known there. */
export interface Site {
  readonly schema: GraphQLSchema;
  /** The field that the directive stands on, if any. */
  readonly field: GraphQLField<unknown, unknown> | null;
  /** The name of the type that it stands on, or whose field or input it stands on. */
  readonly holder: string;
  /** True on a field of Query, Mutation or Subscription, or on one of those types. */
  readonly isRoot: boolean;
  /** By directive: the role names that it accepts. A directive that is missing here accepts any name. */
  readonly roles: ReadonlyMap<string, ReadonlySet<string>>;
  /** The scopes that exist. Null: any name will do. */
  readonly scopes: ReadonlySet<string> | null;
  /** Registered policies. `viewerOnly`: one verdict serves a whole operation. */
  readonly policies: ReadonlyMap<string, { viewerOnly: boolean }>;
  /** By type: how its rows relate to viewers. */
  readonly rows: ReadonlyMap<string, RowsOf>;
  /** The types whose owners can be looked up. */
  readonly owners: ReadonlySet<string>;
  /** Refuses the directive. `reason` says what is wrong. */
  problem(reason: string): void;
}

export interface GuardDirective {
  /** Without the @. */
  readonly name: string;
  readonly locations: readonly Location[];
  /** `rows`: the directive says which rows of a type a viewer sees. It requires nothing of a field. */
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
