/** The coordinates of a schema that clients can ask for or supply. */
import {
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
} from 'graphql';

/**
 * Every coordinate that a client can ask for or supply, in the schema's order: fields of objects, arguments, input
 * fields, and values of the enums used in input.
 */
export function coordinatesOf(schema: GraphQLSchema): string[] {
  const supplied = new Set(inputsOf(schema).map((type) => getNamedType(type)));
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (isIntrospectionType(type)) return [];
    if (isInputObjectType(type)) return Object.keys(type.getFields()).map((name) => `${type.name}.${name}`);
    if (isEnumType(type) && supplied.has(type)) return type.getValues().map(({ name }) => `${type.name}.${name}`);
    if (!isObjectType(type)) return [];
    return Object.values(type.getFields()).flatMap((field) => {
      const at = `${type.name}.${field.name}`;
      return [at, ...field.args.map(({ name }) => `${at}(${name}:)`)];
    });
  });
}

/** The types of all arguments and input fields. */
export function inputsOf(schema: GraphQLSchema): GraphQLInputType[] {
  return Object.values(schema.getTypeMap()).flatMap((holder) => {
    if (isIntrospectionType(holder)) return [];
    if (isInputObjectType(holder)) return Object.values(holder.getFields()).map(({ type }) => type);
    if (!isObjectType(holder) && !isInterfaceType(holder)) return [];
    return Object.values(holder.getFields()).flatMap(({ args }) => args.map(({ type }) => type));
  });
}
