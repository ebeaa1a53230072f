/** Marries the nouns to the schema and puts the guard on it. A new noun adds its resolvers and its owners. */
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { GraphQLDateTimeISO } from 'graphql-scalars';
import { authenticationResolvers } from '../authentication/authentication.resolvers.ts';
import { createGuard, type Guard, type GuardOptions } from '../authorization/guard.ts';
import { rule } from '../authorization/shield.ts';
import type { GraphQLContext } from '../graphql/context.ts';
import { ownersOfTasks, ownsTask } from '../tasks/task.ownership.ts';
import { taskResolvers } from '../tasks/task.resolvers.ts';
import { allScopes } from '../users/scopes.ts';
import { ownersOfUsers } from '../users/user.ownership.ts';
import { userResolvers } from '../users/user.resolvers.ts';
import { nodeResolvers } from './node.resolvers.ts';
import { readTypeDefs } from './type-defs.ts';

const resolvers = [
  { DateTime: GraphQLDateTimeISO },
  nodeResolvers,
  authenticationResolvers,
  userResolvers,
  taskResolvers,
];

const owners: GuardOptions<GraphQLContext>['owners'] = {
  User: ownersOfUsers,
  Task: ownersOfTasks,
};

const policies: GuardOptions<GraphQLContext>['policies'] = {
  ownsTask: rule('ownsTask', { cache: 'no_cache' })(ownsTask),
};

/** The schema with its resolvers, without its guard: for nothing but the guard. */
export function assembleSchema(): GraphQLSchema {
  return makeExecutableSchema({
    typeDefs: readTypeDefs(),
    resolvers,
    resolverValidationOptions: { requireResolversToMatchSchema: 'error', requireResolversForResolveType: 'error' },
  });
}

/** @throws GuardError that lists every guard that is missing or cannot hold. */
export function guardSchema(options: Pick<GuardOptions<GraphQLContext>, 'denial' | 'onDenial'>): Guard {
  return createGuard<GraphQLContext>(assembleSchema(), {
    ...options,
    viewer: (context) => context.viewer,
    scopes: allScopes,
    owners,
    policies,
  });
}
