/**
 * graphql-shield, its rules in a map beside the schema, put on with graphql-middleware.
 * https://the-guild.dev/graphql/shield/docs/rules
 * https://the-guild.dev/graphql/shield/docs/advanced/troubleshooting (what `contextual` is for)
 */
import { createRequire } from 'node:module';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { execute, parse } from 'graphql';
import type * as Middleware from 'graphql-middleware';
import type * as Shield from 'graphql-shield';
import type { Contestant, Context } from '../contestant.ts';
import { query, resolvers, typeDefs } from '../question.ts';
import type { Task } from '../rows.ts';

// Its ES modules do not load on this Node, and its CommonJS build misses this function: see
// src/authorization/rules/shield.ts.
const require = createRequire(import.meta.url);
const util = require('node:util') as { isUndefined?: (value: unknown) => boolean };
util.isUndefined ??= (value) => value === undefined;
const { and, rule, shield } = require('graphql-shield') as typeof Shield;
const { applyMiddleware } = require('graphql-middleware') as typeof Middleware;

const isSignedIn = rule('isSignedIn', { cache: 'contextual' })((_parent, _args, context: Context) =>
  Boolean(context.viewer),
);
const isUser = rule('isUser', { cache: 'contextual' })((_parent, _args, context: Context) =>
  context.viewer.roles.includes('USER'),
);
const canReadTasks = rule('canReadTasks', { cache: 'contextual' })((_parent, _args, context: Context) =>
  context.viewer.scopes.includes('task:read'),
);
// `strict` is for rules that read the row, and costs more, because it hashes the row and the arguments. This rule is
// asked for each row, which is the default.
const isOwner = rule('isOwner', { cache: 'no_cache' })(
  (task: Task, _args, context: Context) => task.ownerId === context.viewer.id,
);

export const graphqlShield: Contestant = (workload) => {
  const permissions = shield({
    Query: { tasks: isSignedIn },
    Task: {
      '*': canReadTasks,
      id: isSignedIn,
      ...(workload === 'row' && { notes: and(canReadTasks, isOwner) }),
    },
    User: isUser,
  });
  const schema = applyMiddleware(makeExecutableSchema({ typeDefs: typeDefs(), resolvers }), permissions);
  const document = parse(query);
  return (viewer, rows) => execute({ schema, document, contextValue: { viewer }, variableValues: { rows } });
};
