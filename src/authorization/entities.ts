/**
 * `Query._entities` of a federated subgraph: whoever asks names a type and some of its fields, a representation.
 * Each is decided by the guards of its own type, before its reference resolver is asked.
 * Source: Apollo Federation, subgraph specification.
 */
import {
  type ASTNode,
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  Kind,
  type OperationDefinitionNode,
  parse,
  valueFromASTUntyped,
} from 'graphql';
import type { Decider, FieldCall } from './decider.ts';
import type { Denial } from './denial.ts';
import { after, type MaybePromise } from './evaluate.ts';
import { nodesOf } from './read-schema.ts';
import { isNothing, type Requirement } from './requirement.ts';
import type { SiteOf } from './site.ts';

type Field = GraphQLField<unknown, unknown>;
type Resolver = GraphQLFieldResolver<unknown, unknown>;
type Holder = GraphQLObjectType | GraphQLInterfaceType;
type Representation = Readonly<Record<string, unknown>>;

export interface EntityParts {
  readonly schema: GraphQLSchema;
  /** By type: what whoever is handed an object of it must meet. */
  readonly handed: ReadonlyMap<string, Requirement>;
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
          let at = 0;
          return representations.map((each) => denied.get(each?.__typename) ?? left[at++]);
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

  /** A library may take the representation for the row: what it says of an owner is not to be believed. */
  #withoutClaims(representation: Representation): Representation {
    const claims = this.#parts.claims.get(representation?.__typename as string);
    if (!claims || !Object.keys(representation).some((name) => claims.has(name))) return representation;
    return Object.fromEntries(Object.entries(representation).filter(([name]) => !claims.has(name)));
  }
}

/**
 * By type that a representation may name: the properties that tell of an owner, and are not of a key. Who asks could
 * name themselves in them. What is of a key is what the row is found by.
 */
export function claimsOf(
  schema: GraphQLSchema,
  requirements: ReadonlyMap<string, Requirement>,
  siteOf: SiteOf,
): Map<string, ReadonlySet<string>> {
  const claims = new Map<string, Set<string>>();
  const returned = entitiesField(schema) && getNamedType((entitiesField(schema) as Field).type);
  const entities = isAbstractType(returned) ? schema.getPossibleTypes(returned) : [];
  const keyNames = keyDirectivesOf(schema);
  for (const type of entities) {
    const keys = keysOf(type, keyNames);
    const properties = ownerProperties(type, requirements).filter((name) => !keys.has(name));
    for (const { name } of [type, ...type.getInterfaces()]) {
      claims.set(name, (claims.get(name) ?? new Set()).union(new Set(properties)));
    }
    for (const name of properties) {
      const field = type.getFields()[name];
      const isExternal = directivesOf([field?.astNode]).some(({ name: { value } }) => /(^|__)external$/.test(value));
      const reason = `an owner is read from \`${name}\`, which whoever asks \`_entities\` fills in: `;
      if (isExternal)
        siteOf(`${type.name}.${name}`, [field?.astNode]).problem(`${reason}it is @external, and of no @key`);
      else if (keys.size === 0) siteOf(type.name, nodesOf(type)).problem(`${reason}the type has no @key in its SDL`);
    }
  }
  return claims;
}

function ownerProperties(type: GraphQLObjectType, requirements: ReadonlyMap<string, Requirement>): string[] {
  const conditions = Object.keys(type.getFields()).flatMap(
    (name) => requirements.get(`${type.name}.${name}`)?.flat() ?? [],
  );
  const properties = conditions.flatMap((condition) =>
    condition.kind === 'owner' ? (condition.field.split('.')[0] ?? []) : [],
  );
  return [...new Set(properties)];
}

/** The top-level fields of a type's keys. */
function keysOf(type: Holder, names: ReadonlySet<string>): Set<string> {
  const fields = directivesOf(nodesOf(type))
    .filter(({ name }) => names.has(name.value))
    .flatMap((node) => node.arguments ?? [])
    .filter(({ name }) => name.value === 'fields')
    .map(({ value }) => valueFromASTUntyped(value));
  return new Set(fields.flatMap((set) => (typeof set === 'string' ? topFieldsOf(set) : [])));
}

function topFieldsOf(fieldSet: string): string[] {
  try {
    const { selectionSet } = parse(`{ ${fieldSet} }`).definitions[0] as OperationDefinitionNode;
    return selectionSet.selections.flatMap((each) => (each.kind === Kind.FIELD ? each.name.value : []));
  } catch {
    return [];
  }
}

/** What `@key` is called: `@link` may import it under another name, or not at all. */
function keyDirectivesOf(schema: GraphQLSchema): Set<string> {
  const imports = directivesOf([schema.astNode, ...schema.extensionASTNodes])
    .flatMap((link) => link.arguments ?? [])
    .filter(({ name }) => name.value === 'import')
    .flatMap(({ value }) => valueFromASTUntyped(value) as unknown);
  const renamed = imports.flat().flatMap((each) => {
    const { name, as: alias } = (each ?? {}) as { name?: unknown; as?: unknown };
    return name === '@key' && typeof alias === 'string' ? alias.replace('@', '') : [];
  });
  return new Set(['key', 'federation__key', ...renamed]);
}

function directivesOf(nodes: readonly (ASTNode | null | undefined)[]): ConstDirectiveNode[] {
  return nodes.flatMap((node) =>
    node && 'directives' in node ? ((node.directives ?? []) as ConstDirectiveNode[]) : [],
  );
}
