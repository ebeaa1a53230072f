/**
 * Checks what a resolver says of a row's type. If the type cannot be told, the message of graphql-js holds the row or
 * a value of it. So the guard refuses earlier, with a masked fault, and the message is for the log alone.
 */
import { type GraphQLAbstractType, type GraphQLResolveInfo, isObjectType } from 'graphql';
import { shownValue } from '../contract/shown-value.ts';
import { maskedFault } from '../rules/fault.ts';

/** By the `info` of a field: the copy that its type resolvers are given. */
const copies = new WeakMap<GraphQLResolveInfo, GraphQLResolveInfo>();
const asking = new WeakSet<GraphQLResolveInfo>();

/** The `info` for a type resolver. By it, `toldWhether` knows that "no" is an answer. */
export function askingInfo(info: GraphQLResolveInfo): GraphQLResolveInfo {
  let copy = copies.get(info);
  if (!copy) {
    copy = { ...info };
    copies.set(info, copy);
    asking.add(copy);
  }
  return copy;
}

interface Asked {
  readonly value: unknown;
  readonly type: GraphQLAbstractType;
  /** The abstract type, from the executor. Undefined: graphql-jit leaves it out. */
  readonly abstract: GraphQLAbstractType | undefined;
  readonly info: GraphQLResolveInfo;
}

/** @throws a masked fault for anything but the name of a type that the row can have. */
export function toldType(name: unknown, { value, type, abstract, info }: Asked): string {
  const named = typeof name === 'string' ? info.schema.getType(name) : undefined;
  if (isObjectType(named) && info.schema.isSubType(abstract ?? type, named)) return named.name;
  // An error here could end a process that runs graphql-jit. graphql-jit's message about an empty name holds no row.
  if (!abstract) return '';
  throw faultOf(
    `Abstract type "${abstract}" must resolve to an Object type at runtime for field ` +
      `"${info.parentType}.${info.fieldName}", to one that it can be.`,
    `with value ${shown(value)}, received ${shown(name)}`,
  );
}

/**
 * What `isTypeOf` answered for a row.
 *
 * @param info undefined under graphql-jit, or if the author leaves it out.
 * @throws a masked fault where graphql-js knows the type of the row already, and would refuse the row.
 */
export function toldWhether<Answer>(
  answer: Answer,
  { value, typeName, info }: { value: unknown; typeName: string; info: GraphQLResolveInfo | undefined },
): Answer {
  if (answer || !info || asking.has(info)) return answer;
  throw faultOf(`A row was expected to be of type "${typeName}", and its isTypeOf says that it is not.`, shown(value));
}

function faultOf(problem: string, row: string): Error {
  return maskedFault(new TypeError(`${problem} (${row})`));
}

/** A property of the row may throw. */
function shown(value: unknown): string {
  try {
    return shownValue(value);
  } catch {
    return 'what cannot be shown';
  }
}
