/**
 * Apollo Server alone, with its default plugins: what is not for everybody is an `if` in its resolver.
 * https://www.apollographql.com/docs/apollo-server/security/authentication
 */
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { GraphQLError } from 'graphql';
import { port, ready } from './environment.ts';
import { type Context, resolvers, typeDefs } from './question.ts';
import { type TaskRow, type UserRow, userLoader } from './rows.ts';
import { viewerOfHeader } from './viewer.ts';

type Resolve<Args> = (parent: unknown, args: Args, context: Context) => unknown;

function forScope<Args>(scope: string | null, resolve: Resolve<Args>): Resolve<Args> {
  return (parent, args, context) => {
    if (!context.viewer) throw new GraphQLError('Sign in.', { extensions: { code: 'UNAUTHENTICATED' } });
    if (scope !== null && !context.viewer.scopes.includes(scope)) throw forbidden();
    return resolve(parent, args, context);
  };
}

const { Query, Mutation } = resolvers;
const server = new ApolloServer<Context>({
  typeDefs: typeDefs(),
  resolvers: {
    ...resolvers,
    Query: {
      me: forScope(null, Query.me),
      task: forScope('task:read', Query.task),
      tasks: forScope('task:read', Query.tasks),
    },
    Mutation: { createTask: forScope('task:write', Mutation.createTask) },
    Task: {
      ...resolvers.Task,
      notes: ({ notes, ownerId }: TaskRow, _args: unknown, { viewer }: Context) => {
        if (ownerId !== viewer?.id) throw forbidden();
        return notes;
      },
    },
    User: {
      isActive: ({ isActive }: UserRow, _args: unknown, { viewer }: Context) => {
        if (viewer?.role !== 'ADMIN') throw forbidden();
        return isActive;
      },
    },
  },
});
const { url } = await startStandaloneServer(server, {
  listen: { port, host: '127.0.0.1' },
  context: async ({ req }) => ({ viewer: viewerOfHeader(req.headers.authorization), users: userLoader() }),
});
ready(Number(new URL(url).port));

function forbidden(): GraphQLError {
  return new GraphQLError('Not for you.', { extensions: { code: 'FORBIDDEN' } });
}
