/**
 * What the engine takes for granted of the libraries that it calls, beyond what their documentation says. This folder is
 * the whole list, a file for each library. Where a test here fails after an update, look at the files that it names.
 */
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';

type Resolvers = NonNullable<Parameters<typeof makeExecutableSchema>[0]['resolvers']>;

/** @param fields of `Query`. */
export function schemaOf(fields: string, resolvers: Resolvers = {}): GraphQLSchema {
  const typeDefs = `
    scalar Odd
    type Query { ${fields} }
    interface Thing { a: String }
    type Row implements Thing { a: String, b: String, must: String!, odd: Odd }
  `;
  return makeExecutableSchema({
    typeDefs,
    resolvers,
    resolverValidationOptions: { requireResolversForResolveType: 'ignore' },
  });
}
