import {
  GraphQLInterfaceType,
  type GraphQLNamedType,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLUnionType,
} from 'graphql';

/** The classes of what the engine copies: see execution/copy-schema.ts. */
const copied = [GraphQLObjectType, GraphQLInterfaceType, GraphQLUnionType, GraphQLSchema];
const harmless: ReadonlySet<string> = new Set(['constructor', 'toString', 'toJSON']);

/**
 * A method of graphql-js that a type or the schema overrides. It could answer with fields that nobody guards. Null:
 * there is none.
 */
export function foreignMethod(of: GraphQLNamedType | GraphQLSchema): string | null {
  const ours = copied.find((candidate) => of instanceof candidate)?.prototype ?? {};
  const foreign = Object.getOwnPropertyNames(ours).find(
    (name) => !harmless.has(name) && Reflect.get(of, name) !== Reflect.get(ours, name),
  );
  return foreign ?? null;
}
