/**
 * Compiles the guards of a schema: one effective requirement for each field, argument and input field, with its
 * sources. Otherwise it throws every reason not to start, at once.
 */
import {
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
} from 'graphql';
import { GuardError, type GuardProblem } from '../contract/guard-error.ts';
import type { GuardOptions } from '../contract/options.ts';
import { isNothing, type Requirement, type Requirements } from '../contract/requirement.ts';
import { isRootType } from '../contract/root-types.ts';
import { type Claims, claimsOf, entitiesField } from '../federation/claims.ts';
import type { RowPolicies } from '../rows/row-policy.ts';
import { type Nodes, nodesOf, type SiteOf, siteFactory } from '../vocabulary/site.ts';
import { foreignMethod } from './foreign-methods.ts';
import { refuseForeignOwners } from './foreign-owners.ts';
import { GivenGuards } from './given-guards.ts';
import { addReads } from './input-reads.ts';
import { readRows } from './read-rows.ts';
import { readSchema, type SchemaGuards, typesOf } from './read-schema.ts';
import { requirementOf, type Source, Sources, throughInterface } from './sources.ts';

export interface Compiled {
  readonly requirements: Requirements;
  /**
   * By type: what a viewer must meet to be handed an object of it. Empty, where nobody can ask for one by the name of
   * its type.
   */
  readonly handed: ReadonlyMap<string, Requirement>;
  /** See `claimsOf`. */
  readonly claims: ReadonlyMap<string, Claims>;
  /** By type: which of its rows a viewer can see. */
  readonly rows: RowPolicies;
  /** By the same coordinates: the directives that each requirement is made of. */
  readonly sources: ReadonlyMap<string, readonly Source[]>;
}

/**
 * The schema needs no resolvers: one that was built from SDL alone will do.
 *
 * @throws GuardError
 */
export function compile<Context>(schema: GraphQLSchema, options: GuardOptions<Context>): Compiled {
  const problems: GuardProblem[] = [];
  const siteOf = siteFactory(schema, options, problems);
  const guards = readSchema(schema, siteOf, new GivenGuards(options.guards, siteOf));
  const found = new Sources(guards);
  const checker = new Checker({ schema, guards, sources: found, siteOf });
  checker.checkMethods(schema, 'schema');
  const sources = new Map<string, readonly Source[]>();
  for (const coordinate of guards.inputs.keys()) sources.set(coordinate, found.ofInput(coordinate));
  for (const type of typesOf(schema)) {
    checker.checkMethods(type, type.name);
    if (isObjectType(type)) {
      checker.checkObject(type);
      for (const field of Object.values(type.getFields())) {
        sources.set(`${type.name}.${field.name}`, found.ofField(type, field));
      }
    } else if (isInterfaceType(type) || isLeafType(type)) {
      checker.checkEffect(type);
      if (isInterfaceType(type)) checker.checkInterface(type);
    }
  }
  addReads(schema, options.reads, sources, siteOf);
  refuseForeignOwners(options.foreignRows ?? [], sources, { schema, siteOf });
  for (const type of typesOf(schema)) if (isObjectType(type)) inheritArguments(type, sources);
  const requirements = new Map([...sources].map(([at, its]) => [at, requirementOf(its)]));
  const claims = claimsOf(schema, requirements, siteOf);
  const rows = readRows(schema, options, siteOf);
  if (problems.length > 0) throw new GuardError(problems);
  const named = entitiesField(schema) ? typesOf(schema) : [];
  const handed = new Map(named.map((type) => [type.name, requirementOf(found.ofReturned(type))]));
  return { requirements, sources, handed, claims, rows };
}

/** An argument is settable if every declaration of it allows that: the type's and its interfaces'. */
function inheritArguments(type: GraphQLObjectType, sources: Map<string, readonly Source[]>): void {
  for (const field of Object.values(type.getFields())) {
    for (const { name } of field.args) {
      const of = (holder: string) => sources.get(`${holder}.${field.name}(${name}:)`) ?? [];
      const inherited = type.getInterfaces().flatMap((declaring) => of(declaring.name).map(throughInterface));
      const all = [...of(type.name), ...inherited];
      if (all.length > 0) sources.set(`${type.name}.${field.name}(${name}:)`, all);
    }
  }
}

/** Refuses what is unguarded, and guards that cannot take effect where they stand. */
class Checker {
  readonly #schema: GraphQLSchema;
  readonly #guards: SchemaGuards;
  readonly #sources: Sources;
  readonly #siteOf: SiteOf;
  /** The types that fields of objects return. */
  readonly #returned: ReadonlySet<GraphQLNamedType>;

  constructor(parts: { schema: GraphQLSchema; guards: SchemaGuards; sources: Sources; siteOf: SiteOf }) {
    this.#schema = parts.schema;
    this.#guards = parts.guards;
    this.#sources = parts.sources;
    this.#siteOf = parts.siteOf;
    const fields = typesOf(parts.schema).flatMap((type) => (isObjectType(type) ? Object.values(type.getFields()) : []));
    this.#returned = new Set(fields.map((field) => getNamedType(field.type)));
  }

  /** Refuses methods of an element's own: a guarded copy could not guard what they answer. */
  checkMethods(of: GraphQLNamedType | GraphQLSchema, coordinate: string): void {
    const method = foreignMethod(of);
    if (method === null) return;
    this.#problem(
      coordinate,
      [of.astNode],
      `its method \`${method}\` is not graphql-js's own, so its fields cannot be guarded`,
    );
  }

  /** Closed by default: every object type and every field of a root type needs a guard. Only @public opens it. */
  checkObject(type: GraphQLObjectType): void {
    const guards = this.#guards.types.get(type.name);
    const isRoot = isRootType(this.#schema, type);
    if (!guards && !isRoot) this.#unguarded(type.name, nodesOf(type), 'see');
    if (guards?.isPublic && !isNothing(requirementOf(this.#sources.ofInterfaces(type)))) {
      this.#problem(type.name, nodesOf(type), '@public cannot take effect: an interface of the type is guarded');
    }
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const own = this.#guards.fields.get(coordinate);
      if (isRoot && !guards && !own) {
        this.#unguarded(coordinate, [field.astNode], 'use');
      }
      if (own?.isPublic && !isNothing(requirementOf(this.#sources.inherited(type, field)))) {
        const reason = '@public cannot take effect: the field is guarded by its type or by an interface';
        this.#problem(coordinate, [field.astNode], reason);
      }
    }
  }

  /** A field cannot open what its interface guards. */
  checkInterface(type: GraphQLInterfaceType): void {
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const inherited = requirementOf(this.#sources.inherited(type, field));
      if (!this.#guards.fields.get(coordinate)?.isPublic || isNothing(inherited)) continue;
      this.#problem(coordinate, [field.astNode], '@public cannot take effect: the field is guarded by its interface');
    }
  }

  /** Refuses a guard on a type that no field returns, because it would guard nothing. */
  checkEffect(type: GraphQLNamedType): void {
    if (!this.#guards.types.get(type.name)) return;
    const implemented = isInterfaceType(type) && this.#schema.getImplementations(type).objects.length > 0;
    if (implemented || this.#returned.has(type)) return;
    this.#problem(type.name, nodesOf(type), 'its guard cannot take effect: no field returns it');
  }

  /** What begins with `_` belongs to a library, such as federation's. Its author cannot write a guard on it. */
  #unguarded(coordinate: string, nodes: Nodes, use: 'see' | 'use'): void {
    const isOfOthers = nodes.every((node) => !node) || /(^|\.)_[^.]*$/.test(coordinate);
    const where = isOfOthers ? `, in the option \`guards\`: \`{ '${coordinate}': '@public' }\`` : '';
    this.#problem(coordinate, nodes, `it carries no guard; say @public if anyone may ${use} it${where}`);
  }

  #problem(coordinate: string, nodes: Nodes, reason: string): void {
    this.#siteOf(coordinate, nodes).problem(reason);
  }
}
