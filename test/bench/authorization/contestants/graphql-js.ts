/** graphql-js on the schema without guards: the baseline of everything that runs under graphql-js. */
import { makeExecutableSchema } from '@graphql-tools/schema';
import { execute, parse } from 'graphql';
import type { Contestant } from '../contestant.ts';
import { query, resolvers, typeDefs } from '../question.ts';

export const graphqlJs: Contestant = () => {
  const schema = makeExecutableSchema({ typeDefs: typeDefs(), resolvers });
  const document = parse(query);
  return (viewer, rows) => execute({ schema, document, contextValue: { viewer }, variableValues: { rows } });
};
