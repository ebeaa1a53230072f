/**
 * Which guarded arguments and input fields a client supplies. Coerced arguments do not tell: a default looks
 * the same as a value. So the arguments are read as the client wrote them, literals and variables alike.
 */
import {
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  type ValueNode,
} from 'graphql';
import type { Requirements } from './compile.ts';

export interface Variables {
  readonly operation: OperationDefinitionNode;
  /** As graphql-js coerces them: with defaults. */
  readonly coerced: Readonly<Record<string, unknown>>;
  /** As the client sent them; null when the executor does not tell. Then a value that equals its default counts as left out. */
  readonly raw: Readonly<Record<string, unknown>> | null;
}

/** Finds the coordinates that `@settableBy` guards among what a field call supplies. */
export class SuppliedInputs {
  readonly #requirements: Requirements;
  /** Input types that hold a guarded field, however deep. */
  readonly #guarded = new Set<string>();

  constructor(schema: GraphQLSchema, requirements: Requirements) {
    this.#requirements = requirements;
    const inputs = Object.values(schema.getTypeMap()).filter(isInputObjectType);
    for (let before = -1; before !== this.#guarded.size; ) {
      before = this.#guarded.size;
      for (const type of inputs) {
        const fields = Object.values(type.getFields());
        if (fields.some((field) => this.#isGuarded(`${type.name}.${field.name}`, field.type))) {
          this.#guarded.add(type.name);
        }
      }
    }
  }

  /** Whether any argument of the field is guarded, or holds something that is. */
  concerns(typeName: string, field: GraphQLField<unknown, unknown>): boolean {
    return field.args.some((arg) => this.#isGuarded(`${typeName}.${field.name}(${arg.name}:)`, arg.type));
  }

  /** The guarded coordinates that a call of the field supplies. */
  of(typeName: string, field: GraphQLField<unknown, unknown>, node: FieldNode, variables: Variables): Set<string> {
    const supplied = new Set<string>();
    for (const { name, value } of node.arguments ?? []) {
      const arg = field.args.find((candidate) => candidate.name === name.value);
      if (!arg || isAbsentVariable(value, variables)) continue;
      this.#add(`${typeName}.${field.name}(${arg.name}:)`, supplied);
      this.#readNode(value, arg.type, variables, supplied);
    }
    return supplied;
  }

  #isGuarded(coordinate: string, type: GraphQLInputType): boolean {
    return this.#requirements.has(coordinate) || this.#guarded.has(getNamedType(type).name);
  }

  #add(coordinate: string, supplied: Set<string>): void {
    if (this.#requirements.has(coordinate)) supplied.add(coordinate);
  }

  #readNode(node: ValueNode, type: GraphQLInputType, variables: Variables, supplied: Set<string>): void {
    if (!this.#guarded.has(getNamedType(type).name)) return;
    if (node.kind === Kind.VARIABLE) {
      this.#readVariable(node.name.value, type, variables, supplied);
    } else if (node.kind === Kind.LIST) {
      for (const item of node.values) this.#readNode(item, itemType(type), variables, supplied);
    } else if (node.kind === Kind.OBJECT) {
      const input = getNamedType(type);
      if (!isInputObjectType(input)) return;
      for (const { name, value } of node.fields) {
        const field = input.getFields()[name.value];
        if (!field || isAbsentVariable(value, variables)) continue;
        this.#add(`${input.name}.${field.name}`, supplied);
        this.#readNode(value, field.type, variables, supplied);
      }
    }
  }

  #readVariable(name: string, type: GraphQLInputType, variables: Variables, supplied: Set<string>): void {
    const { raw, coerced, operation } = variables;
    if (raw && !Object.hasOwn(raw, name)) {
      const definition = operation.variableDefinitions?.find(({ variable }) => variable.name.value === name);
      if (definition?.defaultValue) this.#readNode(definition.defaultValue, type, variables, supplied);
      return;
    }
    this.#readValue((raw ?? coerced)[name], type, raw !== null, supplied);
  }

  #readValue(value: unknown, type: GraphQLInputType, isRaw: boolean, supplied: Set<string>): void {
    const input = getNamedType(type);
    if (typeof value !== 'object' || value === null || !isInputObjectType(input)) return;
    if (Symbol.iterator in value) {
      for (const item of value as Iterable<unknown>) this.#readValue(item, itemType(type), isRaw, supplied);
      return;
    }
    // As graphql-js reads it: by the names of the fields, and undefined is left out.
    for (const field of Object.values(input.getFields())) {
      const held = (value as Record<string, unknown>)[field.name];
      if (held === undefined) continue;
      if (!isRaw && field.defaultValue !== undefined && isSame(held, field.defaultValue)) continue;
      this.#add(`${input.name}.${field.name}`, supplied);
      this.#readValue(held, field.type, isRaw, supplied);
    }
  }
}

/** A variable that the client leaves out, and that has no default, is an argument left out. */
function isAbsentVariable(node: ValueNode, { coerced }: Variables): boolean {
  return node.kind === Kind.VARIABLE && !Object.hasOwn(coerced, node.name.value);
}

function itemType(type: GraphQLInputType): GraphQLInputType {
  const list = getNullableType(type);
  return isListType(list) ? (list.ofType as GraphQLInputType) : type;
}

/** Of what is not plain, such as a Set or a class of a scalar's own, only itself is the same. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  if (!isPlain(a) || !isPlain(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && isSame(a[name], b[name]))
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
