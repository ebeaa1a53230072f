/**
 * Copies a schema, so that its fields can have other resolvers. Scalars, enums, input types and directives lead to no
 * field, so both schemas share them. A copied type keeps its class, and the properties that others put on it.
 */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  GraphQLInterfaceType,
  GraphQLList,
  type GraphQLNamedType,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSchema,
  GraphQLUnionType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';

export type Resolvers = Pick<GraphQLFieldConfig<unknown, unknown>, 'resolve' | 'subscribe'>;

/** @param resolversOf gives the resolvers of a field of the copy. Undefined: the field keeps its own. */
export function copySchema(
  schema: GraphQLSchema,
  resolversOf: (type: GraphQLObjectType, field: GraphQLField<unknown, unknown>) => Resolvers | undefined,
): GraphQLSchema {
  const copies = new Map<GraphQLNamedType, GraphQLNamedType>();
  const config = schema.toConfig();
  const root = (type: GraphQLObjectType | null | undefined) => type && copyOf(type);
  const copy = new GraphQLSchema({
    ...config,
    query: root(config.query),
    mutation: root(config.mutation),
    subscription: root(config.subscription),
    types: config.types.map(copyOf),
  });
  keepWhatIsBeside(schema, copy);
  for (const [type, itsCopy] of copies) if (type !== itsCopy) keepWhatIsBesideType(type, itsCopy);
  return copy;

  function copyOf<Type extends GraphQLNamedType>(type: Type): Type {
    let made = copies.get(type);
    if (!made) {
      made = isIntrospectionType(type) ? type : newType(type);
      copies.set(type, made);
    }
    return made as Type;
  }

  function newType(type: GraphQLNamedType): GraphQLNamedType {
    if (isUnionType(type)) {
      return new GraphQLUnionType({ ...type.toConfig(), types: () => type.getTypes().map(copyOf) });
    }
    const interfaces = () => (type as GraphQLObjectType).getInterfaces().map(copyOf);
    if (isInterfaceType(type)) {
      const { fields, ...rest } = type.toConfig();
      return new GraphQLInterfaceType({ ...rest, interfaces, fields: () => returningCopies(fields) });
    }
    if (!isObjectType(type)) return type;
    const { fields, ...rest } = type.toConfig();
    const own = type.getFields();
    for (const [name, field] of Object.entries(fields)) {
      Object.assign(field, resolversOf(type, own[name] as GraphQLField<unknown, unknown>));
    }
    return new GraphQLObjectType({ ...rest, interfaces, fields: () => returningCopies(fields) });
  }

  function returningCopies(fields: GraphQLFieldConfigMap<unknown, unknown>): typeof fields {
    return Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [name, { ...field, type: outputOf(field.type) }]),
    );
  }

  function outputOf(type: GraphQLOutputType): GraphQLOutputType {
    if (isListType(type)) return new GraphQLList(outputOf(type.ofType));
    if (isNonNullType(type)) return new GraphQLNonNull(outputOf(type.ofType));
    return copyOf(type);
  }
}

function keepWhatIsBesideType(type: GraphQLNamedType, copy: GraphQLNamedType): void {
  keepWhatIsBeside(type, copy);
  if (!(isObjectType(type) && isObjectType(copy)) && !(isInterfaceType(type) && isInterfaceType(copy))) return;
  for (const [name, field] of Object.entries(copy.getFields())) {
    const from = type.getFields()[name] as GraphQLField<unknown, unknown>;
    keepWhatIsBeside(from, field);
    for (const [at, arg] of field.args.entries()) keepWhatIsBeside(from.args[at] as GraphQLArgument, arg);
  }
}

/** A config lacks the class, and properties that were added later, such as `resolveReference`. */
function keepWhatIsBeside(from: object, to: object): void {
  for (const key of Reflect.ownKeys(from)) {
    const property = Object.hasOwn(to, key) ? undefined : Object.getOwnPropertyDescriptor(from, key);
    if (property) Object.defineProperty(to, key, property);
  }
  const itsClass: unknown = Object.getPrototypeOf(from);
  if (itsClass !== Object.getPrototypeOf(to)) Object.setPrototypeOf(to, itsClass as object);
}
