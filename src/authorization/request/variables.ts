/**
 * The variables of an operation, coerced as graphql-js does it, in the one place that all callers share. graphql-js's
 * `execute` reports 50 errors at most. Its `getVariableValues`, called directly, reports all. Both copy the whole
 * value into each message. Here the number and the size of the errors are bounded. So the work grows with the request,
 * not with its square.
 */
import {
  type ASTNode,
  coerceInputValue,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInputType,
  isLeafType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  print,
  typeFromAST,
  type VariableDefinitionNode,
  valueFromAST,
} from 'graphql';
import { shortened, shownValue } from '../contract/shown-value.ts';

/** The most errors that are reported, as many as graphql-js's `execute` reports. */
const maxErrors = 50;
/** How deep lists and input objects may nest, as far as their types go. Every reader of them is recursive. */
const maxLevels = 200;

export type VariableValues = Record<string, unknown>;

/** The variables to run with, or the reasons why the operation does not run. */
export type CoercedVariables =
  | { readonly coerced: VariableValues; readonly errors?: never }
  | { readonly errors: readonly GraphQLError[]; readonly coerced?: never };

type Settings = Pick<ExecutionArgs, 'schema' | 'variableValues'> & {
  // An option of graphql-js since 16.12.
  readonly hideSuggestions?: boolean | null | undefined;
  readonly options?: { readonly maxCoercionErrors?: number } | undefined;
};

/** `settings.variableValues` are the variables as the client sent them. */
export function coerceVariables(operation: OperationDefinitionNode, settings: Settings): CoercedVariables {
  const errors: GraphQLError[] = [];
  const limit = settings.options?.maxCoercionErrors ?? maxErrors;
  const report = (error: GraphQLError): void => {
    if (errors.length >= limit) {
      throw new GraphQLError('Too many errors processing variables, error limit reached. Execution aborted.');
    }
    errors.push(error);
  };
  const coerced = Object.create(null) as VariableValues;
  try {
    for (const definition of operation.variableDefinitions ?? []) {
      const value = coerceVariable(definition, settings, report);
      if (value) coerced[definition.variable.name.value] = value.is;
    }
  } catch (error) {
    errors.push(error as GraphQLError);
  }
  return errors.length > 0 ? { errors } : { coerced: { ...coerced } };
}

/** The value of the variable; null where it has none. */
function coerceVariable(
  definition: VariableDefinitionNode,
  { schema, variableValues, hideSuggestions }: Settings,
  report: (error: GraphQLError) => void,
): { readonly is: unknown } | null {
  const name = definition.variable.name.value;
  const type = typeFromAST(schema, definition.type);
  const refuse = (problem: string, nodes: ASTNode = definition): null => {
    report(new GraphQLError(`Variable "$${name}" ${problem}`, { nodes }));
    return null;
  };
  if (!isInputType(type)) {
    const written = print(definition.type);
    return refuse(`expected value of type "${written}" which cannot be used as an input type.`, definition.type);
  }
  const raw = variableValues ?? {};
  if (!Object.hasOwn(raw, name)) {
    if (definition.defaultValue) return { is: valueFromAST(definition.defaultValue, type) };
    return isNonNullType(type) ? refuse(`of required type "${type}" was not provided.`) : null;
  }
  const value = raw[name];
  if (value === null && isNonNullType(type)) return refuse(`of non-null type "${type}" must not be null.`);
  if (isTooDeep(value, type)) return refuse(`has more than ${maxLevels} lists and input objects in one another.`);
  const shown = shownOnce();
  const onError: OnError = (path, invalid, error) => {
    const place = path.length > 0 ? ` at "${name}${path.map(stepOf).join('')}"` : '';
    const problem = `got invalid value ${shown(invalid)}${place}; ${shortened(error.message)}`;
    report(new GraphQLError(`Variable "$${name}" ${problem}`, { nodes: definition, originalError: error }));
  };
  return { is: coerceInputValue(value, type, onError, hideSuggestions ?? false) };
}

type OnError = NonNullable<Parameters<typeof coerceInputValue>[2]>;

function stepOf(step: string | number): string {
  return typeof step === 'number' ? `[${step}]` : `.${step}`;
}

/** One object of many fields may cause many errors in a row. It is read for the first of them alone. */
function shownOnce(): (value: unknown) => string {
  let last: { readonly value: unknown; readonly text: string } | null = null;
  return (value) => {
    if (last === null || last.value !== value) last = { value, text: shownValue(value) };
    return last.text;
  };
}

function isTooDeep(value: unknown, type: GraphQLInputType, levels = maxLevels): boolean {
  if (typeof value !== 'object' || value === null || isLeafType(getNamedType(type))) return false;
  if (levels === 0) return true;
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    const item: GraphQLInputType = nullable.ofType;
    return Array.isArray(value)
      ? value.some((each) => isTooDeep(each, item, levels - 1))
      : isTooDeep(value, item, levels - 1);
  }
  if (!isInputObjectType(nullable)) return false;
  return Object.values(nullable.getFields()).some((field) =>
    isTooDeep((value as Record<string, unknown>)[field.name], field.type, levels - 1),
  );
}

/**
 * Whether JSON can express the variables, so that they can be read any number of times. Another iterable may be
 * readable only once.
 */
export function arePlain(variableValues: unknown): boolean {
  if (variableValues === undefined || variableValues === null) return true;
  if (typeof variableValues !== 'object') return false;
  const found = new Set<object>();
  const isPlain = (each: unknown): boolean => {
    if (typeof each !== 'object' || each === null) return true;
    found.add(each);
    if (Array.isArray(each)) return true;
    const prototype: unknown = Object.getPrototypeOf(each);
    return (prototype === Object.prototype || prototype === null) && !(Symbol.iterator in each);
  };
  if (!isPlain(variableValues)) return false;
  // A Set visits what is added while it is read, and each object once. So depth and cycles do no harm.
  for (const holder of found) {
    for (const held of Object.values(holder)) if (!isPlain(held)) return false;
  }
  return true;
}
