/**
 * `Query._entities` of a federated subgraph: a client names a type and some of its fields, a representation.
 * Each is decided by the guards of its own type, before its reference resolver is asked.
 * Source: Apollo Federation, subgraph specification.
 */
import {
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isListType,
} from 'graphql';
import type { Decider, FieldCall } from './decider.ts';
import type { Denial } from './denial.ts';
import { after, type MaybePromise } from './evaluate.ts';
import { isNothing, type Requirement } from './requirement.ts';

type Field = GraphQLField<unknown, unknown>;
type Resolver = GraphQLFieldResolver<unknown, unknown>;
type Representation = Readonly<Record<string, unknown>>;

export interface EntityParts {
  readonly schema: GraphQLSchema;
  /** By type: what a viewer must meet to be given an object of it. */
  readonly handed: ReadonlyMap<string, Requirement>;
  /** By type: the properties of a representation that are not to be believed. */
  readonly claims: ReadonlyMap<string, ReadonlySet<string>>;
  readonly decider: Decider;
}

/** The field `_entities` of Query, if the schema has one. */
export function entitiesField(schema: GraphQLSchema): Field | undefined {
  const field = schema.getQueryType()?.getFields()._entities;
  return field?.args.some(({ name }) => name === 'representations') ? field : undefined;
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

  /** Of a field of the unguarded schema: its own, or, of `_entities`, the one that decides each representation. */
  resolverOf(field: Field): Resolver | undefined {
    return field === this.#field ? this.#resolver : field.resolve;
  }

  #byType(resolve: Resolver): Resolver {
    return (parent, args, context, info) => {
      const representations = args.representations as readonly Representation[];
      const names = new Set(representations.map((each) => each?.__typename));
      return after(this.#deniedOf([...names], { context, info }), (denied) => {
        const isAllowed = (each: Representation) => !denied.has(each?.__typename);
        const allowed = representations.filter(isAllowed).map((each) => this.#withoutClaims(each));
        const found = allowed.length > 0 ? resolve(parent, { ...args, representations: allowed }, context, info) : [];
        if (denied.size === 0) return found;
        return after(found as MaybePromise<Iterable<unknown>>, (rows) => {
          const left = [...rows];
          if (left.length !== allowed.length)
            throw new Error('`_entities` must answer each representation with a row, or null.');
          let next = 0;
          return representations.map((each, at) => {
            const denial = denied.get(each?.__typename);
            return denial ? this.#reported(denial, at, { context, info }) : left[next++];
          });
        });
      });
    };
  }

  /** The denial of each type that the viewer's rights alone deny. */
  #deniedOf(names: readonly unknown[], call: Pick<FieldCall, 'context' | 'info'>): MaybePromise<Map<unknown, Denial>> {
    const denied = new Map<unknown, Denial>();
    let decided: MaybePromise<unknown>;
    for (const name of names) {
      const requirement = this.#parts.handed.get(name as string);
      if (!requirement || isNothing(requirement)) continue;
      decided = after(decided, () =>
        after(this.#parts.decider.decideHanded({ coordinate: name as string, requirement }, call), (denials) => {
          if (denials?.[0]) denied.set(name, denials[0]);
        }),
      );
    }
    return after(decided, () => denied);
  }

  /** What stands in the place of a row that is denied. */
  #reported(denial: Denial, at: number, { context, info }: Pick<FieldCall, 'context' | 'info'>): unknown {
    const path = { prev: info.path, key: at, typename: undefined };
    const type = itemTypeOf(info.returnType);
    try {
      return this.#parts.decider.report([denial], { field: { type } }, { context, info: { ...info, path } });
    } catch (error) {
      return error;
    }
  }

  /** A library may take the representation for the row: what it says of an owner is not to be believed. */
  #withoutClaims(representation: Representation): Representation {
    const claims = this.#parts.claims.get(representation?.__typename as string);
    if (!claims || !Object.keys(representation).some((name) => claims.has(name))) return representation;
    return Object.fromEntries(Object.entries(representation).filter(([name]) => !claims.has(name)));
  }
}

function itemTypeOf(type: GraphQLOutputType): GraphQLOutputType {
  const list = getNullableType(type);
  return isListType(list) ? list.ofType : list;
}
