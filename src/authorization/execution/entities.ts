/**
 * `Query._entities` of a federated subgraph. A client names a type and some of its fields: a representation. The
 * guards of its type decide each representation, before its reference resolver is asked. Source: Apollo Federation,
 * subgraph specification.
 */

import {
  GraphQLError,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isListType,
} from 'graphql';
import type { Denial } from '../contract/denial.ts';
import { isNothing, type Requirement } from '../contract/requirement.ts';
import type { Decider } from '../deciding/decider.ts';
import type { FieldCall } from '../deciding/guarded-field.ts';
import { type Claims, claimed, entitiesField } from '../federation/claims.ts';
import { after, type MaybePromise } from '../rules/evaluate.ts';
import { markRepresentation } from '../rules/reference-resolvers.ts';

type Field = GraphQLField<unknown, unknown>;
type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** What the library is handed. `__typename` is the name of an entity. */
interface Representation {
  readonly __typename: string;
}

export interface EntityParts {
  readonly schema: GraphQLSchema;
  /** By type: what a viewer must meet to be handed an object of it. */
  readonly handed: ReadonlyMap<string, Requirement>;
  /** By each type that a representation may name: what the representation may tell. */
  readonly claims: ReadonlyMap<string, Claims>;
  readonly decider: Decider;
}

export class Entities {
  readonly #parts: EntityParts;
  readonly #field: Field | undefined;
  readonly #resolver: Resolver | undefined;

  constructor(parts: EntityParts) {
    this.#parts = parts;
    this.#field = entitiesField(parts.schema);
    this.#resolver = this.#field?.resolve && this.#byType(this.#field.resolve);
  }

  /** The resolver of a field of the unguarded schema. The one of `_entities` decides each representation first. */
  resolverOf(field: Field): Resolver | undefined {
    return field === this.#field ? this.#resolver : field.resolve;
  }

  #byType(resolve: Resolver): Resolver {
    return (parent, args, context, info) => {
      const representations = (args.representations as readonly unknown[]).map((each) => this.#read(each));
      const names = new Set(representations.map((each) => each.__typename));
      return after(this.#deniedOf([...names], { context, info }), (denied) => {
        const allowed = representations.filter((each) => !denied.has(each.__typename));
        const found = allowed.length > 0 ? resolve(parent, { ...args, representations: allowed }, context, info) : [];
        if (denied.size === 0) return found;
        return after(found as MaybePromise<Iterable<unknown>>, (rows) => {
          const left = [...rows];
          if (left.length !== allowed.length)
            throw new Error('`_entities` must answer each representation with a row, or null.');
          let next = 0;
          return representations.map((each, at) => {
            const denial = denied.get(each.__typename);
            return denial ? this.#reported(denial, at, { context, info }) : left[next++];
          });
        });
      });
    };
  }

  /** By type that the viewer's rights alone deny: the denial. */
  #deniedOf(names: readonly string[], call: Pick<FieldCall, 'context' | 'info'>): MaybePromise<Map<string, Denial>> {
    const denied = new Map<string, Denial>();
    let decided: MaybePromise<unknown>;
    for (const name of names) {
      const requirement = this.#parts.handed.get(name);
      if (!requirement || isNothing(requirement)) continue;
      decided = after(decided, () =>
        after(this.#parts.decider.decideHanded({ coordinate: name, requirement }, call), (denials) => {
          if (denials?.[0]) denied.set(name, denials[0]);
        }),
      );
    }
    return after(decided, () => denied);
  }

  /** The denial as it is reported at this position, instead of the row. */
  #reported(denial: Denial, at: number, { context, info }: Pick<FieldCall, 'context' | 'info'>): unknown {
    const path = { prev: info.path, key: at, typename: undefined };
    const type = itemTypeOf(info.returnType);
    try {
      return this.#parts.decider.report([denial], { field: { type } }, { context, info: { ...info, path } });
    } catch (error) {
      return error;
    }
  }

  /** Reads each property once. A library would take `["User"]` for the name of a type. */
  #read(representation: unknown): Representation {
    const told: Record<string, unknown> = { ...(representation as object | null) };
    const { __typename: name } = told;
    const claims = typeof name === 'string' ? this.#parts.claims.get(name) : undefined;
    if (typeof name === 'string' && claims) return markRepresentation({ ...claimed(told, claims), __typename: name });
    const message = 'A representation is an object whose `__typename` is the name of an entity of this schema.';
    throw new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
  }
}

function itemTypeOf(type: GraphQLOutputType): GraphQLOutputType {
  const list = getNullableType(type);
  return isListType(list) ? list.ofType : list;
}
