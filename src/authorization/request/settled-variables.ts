/**
 * Whether a variable reads the same each time. Both graphql-js and the guard read it, and a getter, a proxy or an
 * iterable may give them different values.
 */
import { types } from 'node:util';
import { type GraphQLInputType, getNullableType, isInputObjectType, isListType } from 'graphql';

/** Reads as deep as the type of the variable goes, because nothing reads deeper. */
export function isSettled(holder: object, name: string | number, type: GraphQLInputType): boolean {
  if (types.isProxy(holder)) return false;
  const property = Object.getOwnPropertyDescriptor(holder, name);
  // An inherited property is read as well.
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
