/**
 * What a representation in `_entities` may tell. A client writes it, and a library may take it for the row. So the
 * library is handed one key at most, and what `@requires` names. `@owner` must not read what a client wrote. Source:
 * Apollo Federation, subgraph specification.
 */
import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
} from 'graphql';
import type { Requirement } from '../contract/requirement.ts';
import { hasReferenceResolver, referenceResolverAdvice } from '../rules/reference-resolvers.ts';
import { ownerPath } from '../vocabulary/owner.ts';
import { nodesOf, type SiteOf } from '../vocabulary/site.ts';
import {
  cut,
  type FieldSet,
  fieldSetTexts,
  holds,
  isResolvable,
  leavesOf,
  readFieldSets,
  setsWithin,
} from './field-sets.ts';

type EntityType = GraphQLObjectType | GraphQLInterfaceType;

/** What a representation of one type may tell. */
export interface Claims {
  readonly keys: readonly Key[];
}

interface Key {
  readonly own: FieldSet;
  /** The key, and what `@requires` of the type names. */
  readonly handed: FieldSet;
  /** Whether an owner is read from it. */
  readonly tellsOwner: boolean;
}

/** The field `_entities` of Query, if the schema has one. */
export function entitiesField(schema: GraphQLSchema): GraphQLField<unknown, unknown> | undefined {
  const field = schema.getQueryType()?.getFields()._entities;
  return field?.args.some(({ name }) => name === 'representations') ? field : undefined;
}

/** By each type name that a representation may have. */
export function claimsOf(
  schema: GraphQLSchema,
  requirements: ReadonlyMap<string, Requirement>,
  siteOf: SiteOf,
): Map<string, Claims> {
  const returned = getNamedType(entitiesField(schema)?.type);
  const entities = isAbstractType(returned) ? schema.getPossibleTypes(returned) : [];
  const interfaces = new Set(entities.flatMap((type) => type.getInterfaces()));
  const keyed = [...interfaces].filter((type) => fieldSetTexts(schema, 'key', nodesOf(type)).length > 0);
  const reader = new ClaimsReader(schema, requirements, siteOf);
  const claims = new Map([...entities, ...keyed].map((type) => [type.name, reader.read(type)]));
  // If no type has a reference resolver, the author may find rows in another way.
  if ([...entities, ...keyed].some(hasReferenceResolver)) {
    for (const type of entities)
      if (!hasReferenceResolver(type)) reader.refuseUnfound(type, claims.get(type.name) as Claims);
  }
  return claims;
}

/** What the library is handed of a representation. A key is believed about the owner only if there is no other key. */
export function claimed(representation: Readonly<Record<string, unknown>>, { keys }: Claims): object {
  if (keys.length === 0) {
    return Object.fromEntries(Object.entries(representation).filter(([, value]) => typeof value !== 'object'));
  }
  const filled = keys.filter(({ own }) => isFilled(representation, own));
  const key = filled.find(({ tellsOwner }) => !tellsOwner) ?? filled[0];
  return key ? (cut(representation, key.handed) as object) : {};
}

function isFilled(representation: Readonly<Record<string, unknown>>, { fields }: FieldSet): boolean {
  const names = [...fields.keys()].filter((name) => name !== '__typename');
  const hasAll = names.every((name) => Object.hasOwn(representation, name));
  return hasAll && names.some((name) => representation[name] !== null && representation[name] !== undefined);
}

class ClaimsReader {
  readonly #schema: GraphQLSchema;
  readonly #requirements: ReadonlyMap<string, Requirement>;
  readonly #siteOf: SiteOf;

  constructor(schema: GraphQLSchema, requirements: ReadonlyMap<string, Requirement>, siteOf: SiteOf) {
    this.#schema = schema;
    this.#requirements = requirements;
    this.#siteOf = siteOf;
  }

  read(type: EntityType): Claims {
    const written = fieldSetTexts(this.#schema, 'key', nodesOf(type)).map((text) => ({ text, holder: type }));
    const required = this.#requiredOf(type);
    const set = (texts: typeof required) => readFieldSets(this.#schema, type, texts);
    const keys = written.map((key) => {
      const own = set([key]);
      const tellsOwner = own.types.some((each) => this.#ownersOf(each).some((path) => holds(own, path)));
      return { own, handed: set([key, ...required]), tellsOwner };
    });
    this.#refuseOwn(keys, set(required));
    for (const within of setsWithin(set([...written, ...required]))) this.#refuseWithin(type, within);
    return { keys };
  }

  /** Refuses an entity without a reference resolver whose owner no representation can tell. */
  refuseUnfound(type: GraphQLObjectType, { keys }: Claims): void {
    if (!isResolvable(this.#schema, nodesOf(type))) return;
    const untold = this.#ownersOf(type).find((path) => keys.some(({ own }) => !holds(own, path)));
    if (!untold) return;
    const reason =
      `it has no reference resolver, and @owner reads \`${untold.join('.')}\`, which its @key does not tell: ` +
      referenceResolverAdvice;
    this.#siteOf(type.name, nodesOf(type)).problem(reason);
  }

  #requiredOf(type: EntityType) {
    return [type, ...readFieldSets(this.#schema, type, []).types].flatMap((holder: EntityType) =>
      Object.values(holder.getFields()).flatMap(({ astNode }) =>
        fieldSetTexts(this.#schema, 'requires', [astNode]).map((text) => ({ text, holder })),
      ),
    );
  }

  #refuseOwn(keys: readonly Key[], required: FieldSet): void {
    for (const type of required.types) {
      for (const path of this.#ownersOf(type)) {
        const isTold = keys.map(({ own }) => holds(own, path));
        const isBeside = keys.some(({ own }, at) => isTold[at] && leavesOf(own).length > 1);
        if (keys.length === 0) this.#refuse(type, path, 'the type has no @key in its SDL');
        else if (isBeside) this.#refuse(type, path, 'a @key holds it beside other fields');
        else if (holds(required, path) && isTold.includes(false)) this.#refuse(type, path, '@requires names it');
      }
    }
  }

  /** Refuses an object within a representation that tells its owner and something else. */
  #refuseWithin(entity: EntityType, within: FieldSet): void {
    if (leavesOf(within).length < 2) return;
    for (const type of within.types) {
      const told = this.#ownersOf(type).filter((path) => holds(within, path));
      for (const path of told) this.#refuse(type, path, `@key or @requires of ${entity.name} names it`);
    }
  }

  #refuse(type: GraphQLObjectType, path: readonly string[], why: string): void {
    const nodes = [type.getFields()[path[0] ?? '']?.astNode];
    const reason = `an owner is read from \`${path.join('.')}\`, which whoever asks \`_entities\` fills in: ${why}`;
    this.#siteOf(`${type.name}.${path[0]}`, nodes).problem(reason);
  }

  /** The paths of properties that an owner is read from. */
  #ownersOf(type: GraphQLObjectType): string[][] {
    const conditions = Object.keys(type.getFields()).flatMap(
      (name) => this.#requirements.get(`${type.name}.${name}`)?.flat() ?? [],
    );
    const fields = conditions.flatMap((condition) => (condition.kind === 'owner' ? condition.field : []));
    return [...new Set(fields)].map(ownerPath);
  }
}
