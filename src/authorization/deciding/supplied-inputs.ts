/**
 * Finds the guarded inputs that a client supplies: arguments, input fields and enum values. Coerced arguments do not
 * tell them, because a default looks the same as a value. So this reads the arguments as the client wrote them, both
 * literals and variables. It reads each by its declared type, as graphql-js coerces it.
 */
import {
  type FieldNode,
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  print,
  type ValueNode,
  type VariableDefinitionNode,
} from 'graphql';
import { isNothing, type Requirements } from '../contract/requirement.ts';
import { isSettled } from '../request/settled-variables.ts';
import { isSame } from '../rules/same-value.ts';

export interface Variables {
  readonly operation: OperationDefinitionNode;
  /** As graphql-js coerces them, with defaults. Each execution has one such object. */
  readonly coerced: Readonly<Record<string, unknown>>;
  /**
   * As the client sent them; null when the executor does not tell. Then a value that equals its default counts as left
   * out.
   */
  readonly raw: Readonly<Record<string, unknown>> | null;
  /** Takes what was found, for the next call of this execution. */
  readonly supplied: Supplied;
}

/** What is known of an execution: by field node, then by the field's coordinate. */
export type Supplied = Map<FieldNode, Map<string, ReadonlySet<string>>>;

interface Call {
  readonly variables: Variables;
  readonly supplied: Set<string>;
}

/** Finds the coordinates that are guarded among what a field call supplies. */
export class SuppliedInputs {
  readonly #requirements: Requirements;
  /** Input types and enums that hold something guarded, at any depth. */
  readonly #holders = new Set<string>();

  constructor(schema: GraphQLSchema, requirements: Requirements) {
    this.#requirements = requirements;
    // By type name: the input types that have a field of that type.
    const heldBy = new Map<string, string[]>();
    const found: string[] = [];
    for (const type of Object.values(schema.getTypeMap())) {
      const { name } = type;
      if (isEnumType(type) && type.getValues().some((value) => this.#isGuarded(`${name}.${value.name}`)))
        found.push(name);
      if (!isInputObjectType(type)) continue;
      for (const field of Object.values(type.getFields())) {
        if (this.#isGuarded(`${name}.${field.name}`)) found.push(name);
        const held = getNamedType(field.type).name;
        const holders = heldBy.get(held) ?? [];
        heldBy.set(held, holders);
        holders.push(name);
      }
    }
    // The set grows while this loop reads it.
    for (const name of found) {
      if (this.#holders.has(name)) continue;
      this.#holders.add(name);
      for (const holder of heldBy.get(name) ?? []) found.push(holder);
    }
  }

  /** Whether any argument of the field is guarded, or holds something guarded. */
  concerns(typeName: string, field: GraphQLField<unknown, unknown>): boolean {
    return field.args.some((arg) => this.#concerns(`${typeName}.${field.name}(${arg.name}:)`, arg.type));
  }

  /** The guarded coordinates that a call of the field supplies. */
  of(
    typeName: string,
    field: GraphQLField<unknown, unknown>,
    node: FieldNode,
    variables: Variables,
  ): ReadonlySet<string> {
    // Every row has the same inputs, so a large variable is read once and not for each row.
    const calls = variables.supplied.get(node) ?? new Map<string, ReadonlySet<string>>();
    variables.supplied.set(node, calls);
    const coordinate = `${typeName}.${field.name}`;
    const known = calls.get(coordinate);
    if (known) return known;
    const call: Call = { variables, supplied: new Set() };
    for (const { name, value } of node.arguments ?? []) {
      const arg = field.args.find((candidate) => candidate.name === name.value);
      if (arg) this.#readMember(`${coordinate}(${arg.name}:)`, arg.type, value, call);
    }
    calls.set(coordinate, call.supplied);
    return call.supplied;
  }

  #concerns(coordinate: string, type: GraphQLInputType): boolean {
    return this.#isGuarded(coordinate) || this.#holders.has(getNamedType(type).name);
  }

  #isGuarded(coordinate: string): boolean {
    const requirement = this.#requirements.get(coordinate);
    return requirement !== undefined && !isNothing(requirement);
  }

  #add(coordinate: string, { supplied }: Call): void {
    if (this.#isGuarded(coordinate)) supplied.add(coordinate);
  }

  /** An argument or an input field that the client writes. */
  #readMember(coordinate: string, type: GraphQLInputType, node: ValueNode, call: Call): void {
    // Where the client leaves out a variable without a default, the argument counts as left out.
    if (node.kind === Kind.VARIABLE && !Object.hasOwn(call.variables.coerced, node.name.value)) return;
    this.#add(coordinate, call);
    this.#readNode(node, type, call);
  }

  #readNode(node: ValueNode, type: GraphQLInputType, call: Call): void {
    const named = getNamedType(type);
    if (!this.#holders.has(named.name)) return;
    const item = itemTypeOf(type);
    if (node.kind === Kind.VARIABLE) {
      this.#readVariable(node.name.value, type, call);
    } else if (item) {
      // A single value stands for a list of one.
      for (const each of node.kind === Kind.LIST ? node.values : [node]) this.#readNode(each, item, call);
    } else if (isEnumType(named)) {
      if (node.kind === Kind.ENUM) this.#add(`${named.name}.${node.value}`, call);
    } else if (isInputObjectType(named) && node.kind === Kind.OBJECT) {
      for (const { name, value } of node.fields) {
        const field = named.getFields()[name.value];
        if (field) this.#readMember(`${named.name}.${field.name}`, field.type, value, call);
      }
    }
  }

  #readVariable(name: string, type: GraphQLInputType, call: Call): void {
    const { raw, coerced, operation } = call.variables;
    // In a document without validation a variable may be defined twice, or used where its type does not fit.
    const definitions = (operation.variableDefinitions ?? []).filter(({ variable }) => variable.name.value === name);
    if (definitions.some((definition) => !fits(definition, type))) {
      this.#addAll(type, call);
      return;
    }
    // A value that may read differently each time is judged as it was coerced, which is what the resolver gets.
    const told = raw && isSettled(raw, name, type) ? raw : null;
    if (told && !Object.hasOwn(told, name)) {
      // A later default replaces an earlier one, as in graphql-js.
      const defaultValue = definitions.findLast((definition) => definition.defaultValue)?.defaultValue;
      if (defaultValue) this.#readNode(defaultValue, type, call);
      return;
    }
    const variables = told === raw ? call.variables : { ...call.variables, raw: null };
    this.#readValue((told ?? coerced)[name], type, { ...call, variables });
  }

  /** What a value of another type holds is unknown. So all that is guarded in the type counts as supplied. */
  #addAll(type: GraphQLInputType, call: Call, seen = new Set<string>()): void {
    const named = getNamedType(type);
    if (!this.#holders.has(named.name) || seen.has(named.name)) return;
    seen.add(named.name);
    if (isEnumType(named)) for (const { name } of named.getValues()) this.#add(`${named.name}.${name}`, call);
    if (!isInputObjectType(named)) return;
    for (const field of Object.values(named.getFields())) {
      this.#add(`${named.name}.${field.name}`, call);
      this.#addAll(field.type, call, seen);
    }
  }

  #readValue(value: unknown, type: GraphQLInputType, call: Call): void {
    const named = getNamedType(type);
    if (value === undefined || value === null || !this.#holders.has(named.name)) return;
    const isRaw = call.variables.raw !== null;
    const item = itemTypeOf(type);
    if (item) {
      // A single value stands for a list of one.
      for (const each of Array.isArray(value) ? value : [value]) this.#readValue(each, item, call);
    } else if (isEnumType(named)) {
      for (const name of isRaw ? [value] : namesOf(value, named)) this.#add(`${named.name}.${name}`, call);
    } else if (isInputObjectType(named)) {
      // graphql-js reads by the names of the fields, and leaves undefined out.
      for (const field of Object.values(named.getFields())) {
        const held = (value as Record<string, unknown>)[field.name];
        if (held === undefined) continue;
        if (!isRaw && field.defaultValue !== undefined && isSame(held, field.defaultValue)) continue;
        this.#add(`${named.name}.${field.name}`, call);
        this.#readValue(held, field.type, call);
      }
    }
  }
}

/** Whether the type of a variable fits its place, apart from nullability. */
function fits(definition: VariableDefinitionNode, type: GraphQLInputType): boolean {
  return print(definition.type).replaceAll('!', '') === String(type).replaceAll('!', '');
}

/** The type of a list's items; null if it is no list. */
function itemTypeOf(type: GraphQLInputType): GraphQLInputType | null {
  const list = getNullableType(type);
  return isListType(list) ? (list.ofType as GraphQLInputType) : null;
}

/** The names of an enum value, given as resolvers have it. All names, if none is found. */
function namesOf(value: unknown, type: GraphQLEnumType): string[] {
  const values = type.getValues();
  const same = values.filter((candidate) => candidate.value === value);
  return (same.length > 0 ? same : values).map(({ name }) => name);
}
