/**
 * Compiles the guards of a schema: one effective requirement for each field, argument and input field; or every
 * reason not to start, at once.
 */
import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isIntrospectionType,
  isLeafType,
  isObjectType,
} from 'graphql';
import { GuardError, type GuardProblem } from './guard-error.ts';
import type { GuardOptions } from './options.ts';
import { isRootType, nodesOf, readSchema, type SchemaGuards, typesOf } from './read-schema.ts';
import { allOf, isNothing, nothing, type Requirement, viewerPart } from './requirement.ts';
import { type Nodes, type SiteOf, siteFactory } from './site.ts';

/** By schema coordinate: `Type.field`, `Type.field(argument:)`, `Input.field`. */
export type Requirements = ReadonlyMap<string, Requirement>;

/** @throws GuardError */
export function compile<Context>(schema: GraphQLSchema, options: GuardOptions<Context>): Requirements {
  const problems: GuardProblem[] = [];
  const siteOf = siteFactory(schema, options, problems);
  const guards = readSchema(schema, siteOf);
  const compiler = new Compiler(schema, guards, siteOf);
  const requirements = new Map<string, Requirement>(guards.inputs);
  for (const type of typesOf(schema)) {
    if (isObjectType(type)) {
      compiler.checkObject(type);
      for (const field of Object.values(type.getFields())) {
        requirements.set(`${type.name}.${field.name}`, compiler.requirementOf(type, field));
        inheritArguments(type, field, requirements);
      }
    } else if (isInterfaceType(type) || isLeafType(type)) {
      compiler.checkEffect(type);
      if (isInterfaceType(type)) compiler.checkInterface(type);
    }
  }
  if (problems.length > 0) throw new GuardError(problems);
  return requirements;
}

/** An argument is settable by whom the interfaces of the type allow as well. */
function inheritArguments(
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  requirements: Map<string, Requirement>,
): void {
  for (const { name } of field.args) {
    const guards = [type, ...type.getInterfaces()]
      .map((holder) => requirements.get(`${holder.name}.${field.name}(${name}:)`))
      .filter((requirement) => requirement !== undefined);
    if (guards.length > 0) requirements.set(`${type.name}.${field.name}(${name}:)`, allOf(...guards));
  }
}

/** How the guards of a field, its type, its interfaces and what it returns come together. */
class Compiler {
  readonly #schema: GraphQLSchema;
  readonly #guards: SchemaGuards;
  readonly #siteOf: SiteOf;

  constructor(schema: GraphQLSchema, guards: SchemaGuards, siteOf: SiteOf) {
    this.#schema = schema;
    this.#guards = guards;
    this.#siteOf = siteOf;
  }

  requirementOf(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): Requirement {
    return allOf(this.#inherited(type, field), this.#own(`${type.name}.${field.name}`), this.#returned(field));
  }

  /** Closed by default: every object type and every field of a root type carries a guard, and @public opens. */
  checkObject(type: GraphQLObjectType): void {
    const guards = this.#guards.types.get(type.name);
    const isRoot = isRootType(this.#schema, type);
    if (!guards && !isRoot)
      this.#problem(type.name, nodesOf(type), 'it carries no guard; say @public if anyone may see it');
    if (guards?.isPublic && !isNothing(this.#ofInterfaces(type))) {
      this.#problem(type.name, nodesOf(type), '@public cannot take effect: an interface of the type is guarded');
    }
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const own = this.#guards.fields.get(coordinate);
      if (isRoot && !guards && !own) {
        this.#problem(coordinate, [field.astNode], 'it carries no guard; say @public if anyone may use it');
      }
      if (own?.isPublic && !isNothing(this.#inherited(type, field))) {
        const reason = '@public cannot take effect: the field is guarded by its type or by an interface';
        this.#problem(coordinate, [field.astNode], reason);
      }
    }
  }

  /** What an interface guards, a field of it cannot open. */
  checkInterface(type: GraphQLInterfaceType): void {
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      if (!this.#guards.fields.get(coordinate)?.isPublic || isNothing(this.#ofType(type))) continue;
      this.#problem(coordinate, [field.astNode], '@public cannot take effect: the field is guarded by its interface');
    }
  }

  /** A guard on a type that no field returns would guard nothing. */
  checkEffect(type: GraphQLNamedType): void {
    if (!this.#guards.types.get(type.name)) return;
    const implemented = isInterfaceType(type) && this.#schema.getImplementations(type).objects.length > 0;
    if (implemented || this.#isReturned(type)) return;
    this.#problem(type.name, nodesOf(type), 'its guard cannot take effect: no field returns it');
  }

  #isReturned(type: GraphQLNamedType): boolean {
    return Object.values(this.#schema.getTypeMap()).some(
      (holder) =>
        isObjectType(holder) &&
        !isIntrospectionType(holder) &&
        Object.values(holder.getFields()).some((field) => getNamedType(field.type) === type),
    );
  }

  /** What a field's type and the interfaces of that type say. */
  #inherited(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): Requirement {
    const interfaceFields = type.getInterfaces().map(({ name }) => this.#own(`${name}.${field.name}`));
    return allOf(this.#ofType(type), ...interfaceFields);
  }

  #ofType(type: GraphQLObjectType | GraphQLInterfaceType): Requirement {
    const own = this.#guards.types.get(type.name)?.requirement ?? nothing;
    return isObjectType(type) ? allOf(own, this.#ofInterfaces(type)) : own;
  }

  #ofInterfaces(type: GraphQLObjectType): Requirement {
    return allOf(...type.getInterfaces().map(({ name }) => this.#guards.types.get(name)?.requirement ?? nothing));
  }

  #own(coordinate: string): Requirement {
    return this.#guards.fields.get(coordinate)?.requirement ?? nothing;
  }

  /** The returned row is not the parent: what depends on it is decided on its own fields. */
  #returned(field: GraphQLField<unknown, unknown>): Requirement {
    const type = getNamedType(field.type);
    if (isObjectType(type) || isInterfaceType(type)) return viewerPart(this.#ofType(type));
    return this.#guards.types.get(type.name)?.requirement ?? nothing;
  }

  #problem(coordinate: string, nodes: Nodes, reason: string): void {
    this.#siteOf(coordinate, nodes).problem(reason);
  }
}
