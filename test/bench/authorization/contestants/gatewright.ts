/** Gatewright: through `guard.execute`, and as `guard.schema` under graphql-js. */
import { makeExecutableSchema } from '@graphql-tools/schema';
import { execute, parse } from 'graphql';
import { createGuard, directiveTypeDefs, type Guard } from '../../../../src/authorization/guard.ts';
import type { Contestant, Context } from '../contestant.ts';
import { query, resolvers, typeDefs } from '../question.ts';
import type { Workload } from '../workloads.ts';

/** Without guards, every root field and type says @public: the same engine, with nothing to decide. */
export function guardFor(workload: Workload): Guard {
  const scope = '@requiresScopes(scopes: [["task:read"]])';
  const guards =
    workload === 'unguarded'
      ? { tasks: '@public', Task: '@public', User: '@public' }
      : {
          tasks: '@authenticated',
          Task: '@authenticated',
          field: scope,
          ...(workload === 'row' && { notes: '@owner' }),
          User: '@requiresRole(roles: [USER])',
        };
  const schema = makeExecutableSchema({
    typeDefs: [directiveTypeDefs({ roles: ['USER', 'ADMIN'] }), typeDefs(guards)],
    resolvers,
  });
  return createGuard<Context>(schema, { viewer: (context) => context.viewer, scopes: ['task:read'] });
}

export const gatewrightExecute: Contestant = (workload) => {
  const guard = guardFor(workload);
  const document = parse(query);
  return (viewer, rows) => guard.execute({ document, contextValue: { viewer }, variableValues: { rows } });
};

export const gatewrightSchema: Contestant = (workload) => {
  const { schema } = guardFor(workload);
  const document = parse(query);
  return (viewer, rows) => execute({ schema, document, contextValue: { viewer }, variableValues: { rows } });
};
