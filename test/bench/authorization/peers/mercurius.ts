/**
 * Mercurius with mercurius-auth in its directive mode, asked without HTTP, with its compiler and without.
 * https://github.com/mercurius-js/auth/blob/main/docs/auth-directive.md
 * https://mercurius.dev/#/docs/api/options (`jit`)
 */
import fastify from 'fastify';
import type { DirectiveNode } from 'graphql';
import mercurius from 'mercurius';
import mercuriusAuth from 'mercurius-auth';
import type { Execute } from '../contestant.ts';
import { query, resolvers, typeDefs } from '../question.ts';
import type { Task, Viewer } from '../rows.ts';
import type { Workload } from '../workloads.ts';

declare module 'mercurius' {
  interface MercuriusContext {
    viewer: Viewer;
  }
}

export const mercuriusInterpreted = (workload: Workload): Promise<Execute> => serve(workload, 0);
/** Compiled after the first answer. */
export const mercuriusCompiled = (workload: Workload): Promise<Execute> => serve(workload, 1);

const directive = 'directive @auth(requires: Right!) on OBJECT | FIELD_DEFINITION';
const rights = 'enum Right { SIGNED_IN TASK_READ TASK_READ_OWN USER }';

async function serve(workload: Workload, jit: number): Promise<Execute> {
  const app = fastify();
  await app.register(mercurius, {
    schema: workload === 'unguarded' ? typeDefs() : `${directive} ${rights} ${guardedTypeDefs(workload)}`,
    resolvers: resolvers as never,
    jit,
    // Its own formatter logs each error, and joins them one by one. The other contestants format no errors.
    errorFormatter: ({ data, errors }) => ({ statusCode: 200, response: { data: data ?? null, errors: errors ?? [] } }),
  });
  if (workload !== 'unguarded') {
    await app.register(mercuriusAuth.default, {
      authDirective: 'auth',
      authContext: (context) => ({ identity: context.viewer }),
      applyPolicy: async (policy: DirectiveNode, task: Task, _args, context) =>
        isAllowed(policy, context.auth?.identity, task),
    });
  }
  await app.ready();
  return (viewer, rows) => app.graphql(query, { viewer }, { rows });
}

function guardedTypeDefs(workload: Workload): string {
  const right = (name: string) => `@auth(requires: ${name})`;
  const definitions = typeDefs({
    tasks: right('SIGNED_IN'),
    id: right('SIGNED_IN'),
    field: right('TASK_READ'),
    User: right('USER'),
  });
  // Its directive is not repeatable, so the row rule also asks for the scope.
  return workload === 'row' ? definitions.replace(/(notes: String @auth\(requires: TASK_READ)/, '$1_OWN') : definitions;
}

function isAllowed(policy: DirectiveNode, identity: Viewer, task: Task): boolean {
  const requires = policy.arguments?.[0]?.value;
  switch (requires?.kind === 'EnumValue' && requires.value) {
    case 'SIGNED_IN':
      return Boolean(identity);
    case 'TASK_READ':
      return identity.scopes.includes('task:read');
    case 'TASK_READ_OWN':
      return identity.scopes.includes('task:read') && task.ownerId === identity.id;
    case 'USER':
      return identity.roles.includes('USER');
    default:
      return false;
  }
}
