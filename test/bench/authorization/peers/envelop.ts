/**
 * @envelop/generic-auth in the mode `protect-granular`, with partial answers (`rejectUnauthenticated: false`).
 * https://the-guild.dev/graphql/envelop/plugins/use-generic-auth
 *
 * It decides before the operation runs and knows no rows, so a row rule is what its page calls manual validation:
 * an `if` in the resolver.
 */
import { envelop, useEngine, useSchema } from '@envelop/core';
import {
  createUnauthenticatedError,
  DIRECTIVE_SDL,
  REQUIRES_SCOPES_DIRECTIVE_SDL,
  useGenericAuth,
} from '@envelop/generic-auth';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { execute, parse, specifiedRules, subscribe, validate } from 'graphql';
import type { Contestant, Context } from '../contestant.ts';
import { query, resolvers, typeDefs } from '../question.ts';
import type { Task, Viewer } from '../rows.ts';
import type { Workload } from '../workloads.ts';

interface EnvelopContext extends Context {
  currentUser: Viewer;
}

const engine = { parse, validate, specifiedRules, execute, subscribe };

/** Documents are parsed and validated once, as Envelop's caches for both would do it. */
export const envelopGenericAuth: Contestant = (workload) => {
  const getEnveloped = envelop({
    plugins: [useEngine(engine), useSchema(schemaFor(workload)), ...(workload === 'unguarded' ? [] : [genericAuth()])],
  });
  const document = parse(query);
  return async (viewer, rows) => {
    const { schema, contextFactory, execute } = getEnveloped({ viewer });
    const contextValue = await contextFactory();
    return execute({ schema, document, contextValue, variableValues: { rows } });
  };
};

/** It treats roles as scopes. */
function genericAuth() {
  return useGenericAuth<Viewer, Context>({
    mode: 'protect-granular',
    resolveUserFn: (context) => context.viewer,
    extractScopes: (user) => [...user.scopes, ...user.roles],
    rejectUnauthenticated: false,
  });
}

function schemaFor(workload: Workload) {
  const guards = {
    tasks: '@authenticated',
    id: '@authenticated',
    field: '@requiresScopes(scopes: [["task:read"]])',
    User: '@requiresScopes(scopes: [["USER"]])',
  };
  return makeExecutableSchema({
    typeDefs: [DIRECTIVE_SDL, REQUIRES_SCOPES_DIRECTIVE_SDL, typeDefs(workload === 'unguarded' ? {} : guards)],
    resolvers: { ...resolvers, ...(workload === 'row' && { Task: { notes: notesOfOwner } }) },
  });
}

function notesOfOwner(task: Task, _args: unknown, { currentUser }: EnvelopContext): string {
  if (task.ownerId !== currentUser.id) throw createUnauthenticatedError();
  return task.notes;
}
