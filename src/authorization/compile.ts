/**
 * Compiles the guards of a schema: one effective requirement for each field, argument and input field; or every
 * reason not to start, at once.
 */
import {
  type ASTNode,
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isLeafType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql';
import type { GuardOptions } from './options.ts';
import { type Element, type Guards, readGuards, renamedGuards } from './read-guards.ts';
import { allOf, isNothing, nothing, type Requirement, viewerPart } from './requirement.ts';
import type { Site } from './rules/guard-directive.ts';
import { inspectPolicy } from './rules/policy.ts';

/** One reason why the guard refuses to start. */
export interface GuardProblem {
  /** Such as `Task.notes`, `Query.tasks(filter:)`, or the name of a type. */
  readonly coordinate: string;
  readonly reason: string;
  /** File and line, where the schema tells. */
  readonly location: string | null;
}

/** Thrown at start-up; `problems` lists every refusal. */
export class GuardError extends Error {
  readonly problems: readonly GuardProblem[];

  constructor(problems: readonly GuardProblem[]) {
    const lines = problems.map(
      ({ coordinate, reason, location }) => `  ${coordinate}: ${reason}${location ? ` (${location})` : ''}`,
    );
    super(`The schema cannot be guarded:\n${lines.join('\n')}`);
    this.name = 'GuardError';
    this.problems = problems;
  }
}

/** By schema coordinate: `Type.field`, `Type.field(argument:)`, `Input.field`. */
export type Requirements = ReadonlyMap<string, Requirement>;

/** @throws GuardError */
export function compile<Context>(schema: GraphQLSchema, options: GuardOptions<Context>): Requirements {
  const problems: GuardProblem[] = [];
  const siteOf = siteFactory(schema, options, problems);
  readElsewhere(schema, siteOf);
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
  const typeGuards = new Map(types.map((type) => [type.name, readType(schema, type, siteOf)]));
  const requirements = new Map<string, Requirement>();
  for (const type of types) {
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        readSettable(`${type.name}.${field.name}`, 'INPUT_FIELD_DEFINITION', field.astNode, siteOf, requirements);
      }
    } else if (isEnumType(type)) {
      for (const value of type.getValues()) {
        readGuards({ location: 'ENUM_VALUE', nodes: [value.astNode] }, siteOf(type.name, [value.astNode]));
      }
    }
  }
  const fieldGuards = readFields(schema, types, siteOf, requirements);
  const compiler = new Compiler(schema, typeGuards, fieldGuards, siteOf);
  for (const type of types) {
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

/** On the schema itself and on the arguments of directives no guard takes effect. */
function readElsewhere(schema: GraphQLSchema, siteOf: SiteOf): void {
  const nodes = [schema.astNode, ...schema.extensionASTNodes];
  const site = siteOf('schema', nodes);
  readGuards({ location: 'SCHEMA', nodes }, site);
  for (const reason of renamedGuards(nodes)) site.problem(reason);
  for (const directive of schema.getDirectives()) {
    for (const { name, astNode } of directive.args) {
      readGuards({ location: 'SCHEMA', nodes: [astNode] }, siteOf(`@${directive.name}(${name}:)`, [astNode]));
    }
  }
}

type SiteOf = (
  coordinate: string,
  nodes: readonly (ASTNode | null | undefined)[],
  field?: GraphQLField<unknown, unknown>,
  isRoot?: boolean,
) => Site;

function siteFactory<Context>(schema: GraphQLSchema, options: GuardOptions<Context>, problems: GuardProblem[]): SiteOf {
  const policies = new Map<string, { viewerOnly: boolean }>();
  for (const [name, rule] of Object.entries(options.policies ?? {})) {
    const inspected = inspectPolicy(rule);
    if (typeof inspected === 'string') {
      problems.push({ coordinate: `policy ${name}`, reason: inspected, location: null });
      policies.set(name, { viewerOnly: false });
    } else {
      policies.set(name, inspected);
    }
  }
  const role = schema.getType('Role');
  const shared = {
    schema,
    roles: isEnumType(role) ? new Set(role.getValues().map(({ name }) => name)) : null,
    scopes: options.scopes ? new Set(options.scopes) : null,
    policies,
    owners: new Set(Object.keys(options.owners ?? {})),
  };
  return (coordinate, nodes, field, isRoot = false) => ({
    ...shared,
    field: field ?? null,
    isRoot,
    problem: (reason) => problems.push({ coordinate, reason, location: locationOf(nodes) }),
  });
}

function locationOf(nodes: readonly (ASTNode | null | undefined)[]): string | null {
  const node = nodes.find((candidate) => candidate?.loc);
  // The name's, where there is one: a description may stand many lines above it.
  const loc = node && 'name' in node && node.name?.loc ? node.name.loc : node?.loc;
  return loc ? `${loc.source.name}:${loc.startToken.line}` : null;
}

function nodesOf(type: GraphQLNamedType): (ASTNode | null | undefined)[] {
  return [type.astNode, ...type.extensionASTNodes];
}

function readType(schema: GraphQLSchema, type: GraphQLNamedType, siteOf: SiteOf): Guards | null {
  const location: Element['location'] = isObjectType(type)
    ? 'OBJECT'
    : isInterfaceType(type)
      ? 'INTERFACE'
      : isUnionType(type)
        ? 'UNION'
        : isInputObjectType(type)
          ? 'INPUT_OBJECT'
          : isEnumType(type)
            ? 'ENUM'
            : 'SCALAR';
  const nodes = nodesOf(type);
  const isRoot = isRootType(schema, type);
  return readGuards({ location, nodes: nodes as Element['nodes'] }, siteOf(type.name, nodes, undefined, isRoot));
}

function readSettable(
  coordinate: string,
  location: 'ARGUMENT_DEFINITION' | 'INPUT_FIELD_DEFINITION',
  node: (ASTNode & Element['nodes'][number]) | null | undefined,
  siteOf: SiteOf,
  requirements: Map<string, Requirement>,
): void {
  const guards = readGuards({ location, nodes: [node] }, siteOf(coordinate, [node]));
  if (guards) requirements.set(coordinate, guards.requirement);
}

function readFields(
  schema: GraphQLSchema,
  types: readonly GraphQLNamedType[],
  siteOf: SiteOf,
  requirements: Map<string, Requirement>,
): Map<string, Guards | null> {
  const guards = new Map<string, Guards | null>();
  for (const type of types) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const site = siteOf(coordinate, [field.astNode], field, isRootType(schema, type));
      guards.set(coordinate, readGuards({ location: 'FIELD_DEFINITION', nodes: [field.astNode] }, site));
      for (const argument of field.args) {
        const at = `${coordinate}(${argument.name}:)`;
        readSettable(at, 'ARGUMENT_DEFINITION', argument.astNode, siteOf, requirements);
      }
    }
  }
  return guards;
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

function isRootType(schema: GraphQLSchema, type: GraphQLNamedType): boolean {
  return type === schema.getQueryType() || type === schema.getMutationType() || type === schema.getSubscriptionType();
}

/** How the guards of a field, its type, its interfaces and what it returns come together. */
class Compiler {
  readonly #schema: GraphQLSchema;
  readonly #types: ReadonlyMap<string, Guards | null>;
  readonly #fields: ReadonlyMap<string, Guards | null>;
  readonly #siteOf: SiteOf;

  constructor(
    schema: GraphQLSchema,
    types: ReadonlyMap<string, Guards | null>,
    fields: ReadonlyMap<string, Guards | null>,
    siteOf: SiteOf,
  ) {
    this.#schema = schema;
    this.#types = types;
    this.#fields = fields;
    this.#siteOf = siteOf;
  }

  requirementOf(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): Requirement {
    return allOf(this.#inherited(type, field), this.#own(`${type.name}.${field.name}`), this.#returned(field));
  }

  /** Closed by default: every object type and every field of a root type carries a guard, and @public opens. */
  checkObject(type: GraphQLObjectType): void {
    const guards = this.#types.get(type.name);
    const isRoot = isRootType(this.#schema, type);
    if (!guards && !isRoot)
      this.#problem(type.name, nodesOf(type), 'it carries no guard; say @public if anyone may see it');
    if (guards?.isPublic && !isNothing(this.#ofInterfaces(type))) {
      this.#problem(type.name, nodesOf(type), '@public cannot take effect: an interface of the type is guarded');
    }
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const own = this.#fields.get(coordinate);
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
      if (!this.#fields.get(coordinate)?.isPublic || isNothing(this.#ofType(type))) continue;
      this.#problem(coordinate, [field.astNode], '@public cannot take effect: the field is guarded by its interface');
    }
  }

  /** A guard on a type that no field returns would guard nothing. */
  checkEffect(type: GraphQLNamedType): void {
    if (!this.#types.get(type.name)) return;
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
    const own = this.#types.get(type.name)?.requirement ?? nothing;
    return isObjectType(type) ? allOf(own, this.#ofInterfaces(type)) : own;
  }

  #ofInterfaces(type: GraphQLObjectType): Requirement {
    return allOf(...type.getInterfaces().map(({ name }) => this.#types.get(name)?.requirement ?? nothing));
  }

  #own(coordinate: string): Requirement {
    return this.#fields.get(coordinate)?.requirement ?? nothing;
  }

  /** The returned row is not the parent: what depends on it is decided on its own fields. */
  #returned(field: GraphQLField<unknown, unknown>): Requirement {
    const type = getNamedType(field.type);
    if (isObjectType(type) || isInterfaceType(type)) return viewerPart(this.#ofType(type));
    return this.#types.get(type.name)?.requirement ?? nothing;
  }

  #problem(coordinate: string, nodes: readonly (ASTNode | null | undefined)[], reason: string): void {
    this.#siteOf(coordinate, nodes).problem(reason);
  }
}
