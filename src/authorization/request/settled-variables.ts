/**
 * Whether each reading of a variable finds the same. graphql-js reads it, and so does the guard: a getter, a proxy or an
 * iterable may answer each of them otherwise.
 */
import { types } from 'node:util';
import { type GraphQLInputType, getNullableType, isInputObjectType, isListType } from 'graphql';

/** As far as the type of the variable goes, which is how far it is read. */
export function isSettled(holder: object, name: string | number, type: GraphQLInputType): boolean {
  if (types.isProxy(holder)) return false;
  const property = Object.getOwnPropertyDescriptor(holder, name);
  // What is inherited is read too.
  if (!property) return !(name in holder);
  return 'value' in property && isSettledValue(property.value, type);
}

function isSettledValue(value: unknown, type: GraphQLInputType): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (types.isProxy(value)) return false;
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    const item: GraphQLInputType = nullable.ofType;
    if (!(Symbol.iterator in value)) return isSettledValue(value, item);
    if (!Array.isArray(value) || value[Symbol.iterator] !== Array.prototype[Symbol.iterator]) return false;
    for (let at = 0; at < value.length; at++) if (!isSettled(value, at, item)) return false;
    return true;
  }
  if (!isInputObjectType(nullable)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  const fields = nullable.getFields();
  return Object.getOwnPropertyNames(value).every((name) => {
    const field = fields[name];
    return !field || isSettled(value, name, field.type);
  });
}
