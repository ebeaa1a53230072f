/**
 * Masks the faults of resolvers whose message graphql-js would make of the row. A row holds what guards keep secret.
 */
import {
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLLeafType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
} from 'graphql';
import { after, isPromise, type MaybePromise } from '../rules/evaluate.ts';
import { maskedFault } from '../rules/fault.ts';

const tellsRow = [
  /^Abstract type "\w+" .* with value .*, received /s,
  /^Expected value of type "\w+" but got: /,
  /cannot represent .*value: [{[]/s,
  /^Expected `.+\.serialize\([{[].*\)` to return non-nullable value/s,
  /^Unexpected error value: [{[]/,
];

/** The error, or a masked fault if the error tells of a row. The full message is for the log alone. */
export function withoutRow(error: GraphQLError): GraphQLError {
  const { message, nodes, path, originalError } = error;
  if (!path || !tells(message)) return error;
  const masked = maskedFault(originalError ?? error);
  return new GraphQLError(masked.message, {
    nodes,
    path,
    originalError: masked.originalError,
    extensions: masked.extensions,
  });
}

type Resolver = GraphQLFieldResolver<unknown, unknown>;

/**
 * The resolver of a field of leaves, for executors whose errors the guard does not read. It tries an object in the
 * place of a leaf before the executor does. The executor's error would tell the client what is in the object.
 */
export function resolverOfLeaves(resolve: Resolver, type: GraphQLOutputType): Resolver {
  const leaf = getNamedType(type);
  if (!isLeafType(leaf)) return resolve;
  const tried: Resolver = (parent, args, context, info) => {
    const value = resolve(parent, args, context, info);
    return typeof value === 'object' && value !== null ? after(value, (found) => read(found, type, leaf)) : value;
  };
  return Object.defineProperty(tried, 'name', { value: resolve.name });
}

/** The value, with a masked fault instead of each object that the leaf type cannot represent. */
function read(value: unknown, type: GraphQLOutputType, leaf: GraphQLLeafType): MaybePromise<unknown> {
  if (typeof value !== 'object' || value === null || value instanceof Error) return value;
  const list = getNullableType(type);
  if (isListType(list)) {
    // Another iterable may be readable only once, so the executor is given the items.
    if (!(Symbol.iterator in value)) return value;
    const items = Array.isArray(value) ? value : Array.from(value as Iterable<unknown>);
    return items.some(isObject) ? items.map((item) => after(item, (each) => read(each, list.ofType, leaf))) : items;
  }
  // An iterator can be read to its end only once.
  if (isPromise(value) || 'next' in value) return value;
  try {
    if ((leaf.serialize(value) ?? null) !== null) return value;
    return maskedFault(new TypeError(`\`${leaf}\` represents an object as nothing.`));
  } catch (error) {
    return error instanceof Error && tells(error.message) ? maskedFault(error) : value;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function tells(message: string): boolean {
  return tellsRow.some((pattern) => pattern.test(message));
}
