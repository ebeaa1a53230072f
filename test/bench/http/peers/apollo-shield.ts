/**
 * Apollo Server with graphql-shield, put on with graphql-middleware: a rule on every field, the default of which denies.
 * https://the-guild.dev/graphql/shield/docs and https://the-guild.dev/graphql/shield/docs/rules
 * https://www.apollographql.com/docs/apollo-server/api/standalone
 */
import { createRequire } from 'node:module';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type * as Middleware from 'graphql-middleware';
import type * as Shield from 'graphql-shield';
import { port, ready } from './environment.ts';
import { type Context, resolvers, typeDefs } from './question.ts';
import { type TaskRow, userLoader } from './rows.ts';
import { viewerOfHeader } from './viewer.ts';

// Its ES modules do not load on this Node, and its CommonJS build misses this function: see
// src/authorization/rules/shield.ts.
const require = createRequire(import.meta.url);
const util = require('node:util') as { isUndefined?: (value: unknown) => boolean };
util.isUndefined ??= (value) => value === undefined;
const { deny, rule, shield } = require('graphql-shield') as typeof Shield;
const { applyMiddleware } = require('graphql-middleware') as typeof Middleware;

const isSignedIn = rule('isSignedIn', { cache: 'contextual' })(
  (_parent, _args, { viewer }: Context) => viewer !== null,
);
const hasScope = (scope: string) =>
  rule(`has ${scope}`, { cache: 'contextual' })((_parent, _args, { viewer }: Context) =>
    Boolean(viewer?.scopes.includes(scope)),
  );
const canRead = hasScope('task:read');
const isAdmin = rule('isAdmin', { cache: 'contextual' })(
  (_parent, _args, { viewer }: Context) => viewer?.role === 'ADMIN',
);
// `strict` would hash the row and the arguments. The default without a cache costs less.
const isOwner = rule('isOwner')((task: TaskRow, _args, { viewer }: Context) => task.ownerId === viewer?.id);

const permissions = shield(
  {
    Query: { me: isSignedIn, task: canRead, tasks: canRead },
    Mutation: { createTask: hasScope('task:write') },
    Task: { '*': canRead, notes: isOwner },
    User: { '*': isSignedIn, isActive: isAdmin },
  },
  { fallbackRule: deny },
);

const schema = applyMiddleware(makeExecutableSchema({ typeDefs: typeDefs(), resolvers }), permissions);
const server = new ApolloServer<Context>({ schema });
const { url } = await startStandaloneServer(server, {
  listen: { port, host: '127.0.0.1' },
  context: async ({ req }) => ({ viewer: viewerOfHeader(req.headers.authorization), users: userLoader() }),
});
ready(Number(new URL(url).port));
