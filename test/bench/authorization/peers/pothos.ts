/**
 * Pothos with its scope-auth plugin: the schema in code, scopes on its fields.
 * https://pothos-graphql.dev/docs/plugins/scope-auth
 */
import SchemaBuilder from '@pothos/core';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import { execute, type GraphQLSchema, parse } from 'graphql';
import type { Contestant, Context } from '../contestant.ts';
import { query, resolvers } from '../question.ts';
import type { Task } from '../rows.ts';
import type { Workload } from '../workloads.ts';

interface Types {
  Context: Context;
  DefaultFieldNullability: true;
  AuthScopes: { signedIn: boolean; scope: string; role: string };
}

export const pothosScopeAuth: Contestant = (workload) => {
  const schema = schemaFor(workload);
  const document = parse(query);
  return (viewer, rows) => execute({ schema, document, contextValue: { viewer }, variableValues: { rows } });
};

function schemaFor(workload: Workload): GraphQLSchema {
  const builder = new SchemaBuilder<Types>({
    plugins: [ScopeAuthPlugin],
    scopeAuth: {
      authScopes: ({ viewer }) => ({
        signedIn: Boolean(viewer),
        scope: (name) => viewer.scopes.includes(name),
        role: (name) => viewer.roles.includes(name),
      }),
    },
  });
  const isGuarded = workload !== 'unguarded';
  const signedIn = isGuarded && { authScopes: { signedIn: true } };
  const readsTasks = isGuarded && { authScopes: { scope: 'task:read' } };
  // All entries of a scope map from a function must hold, so the row is asked first.
  const ownsTask = workload === 'row' && {
    authScopes: (task: Task, _args: object, { viewer }: Context) =>
      task.ownerId === viewer.id && { scope: 'task:read' },
  };
  const Status = builder.enumType('Status', { values: ['TODO', 'IN_PROGRESS', 'DONE'] as const });
  const Priority = builder.enumType('Priority', { values: ['LOW', 'NORMAL', 'HIGH', 'URGENT'] as const });
  const User = builder.objectRef<Task['owner']>('User').implement({
    ...(isGuarded && { authScopes: { role: 'USER' } }),
    fields: (t) => ({ id: t.exposeID('id'), username: t.exposeString('username') }),
  });
  const TaskRef = builder.objectRef<Task>('Task').implement({
    fields: (t) => ({
      id: t.exposeID('id', { ...signedIn }),
      title: t.exposeString('title', { ...readsTasks }),
      description: t.exposeString('description', { ...readsTasks }),
      notes: t.exposeString('notes', { ...readsTasks, ...ownsTask }),
      status: t.expose('status', { type: Status, ...readsTasks } as never),
      version: t.exposeInt('version', { ...readsTasks }),
      priority: t.expose('priority', { type: Priority, ...readsTasks } as never),
      dueAt: t.exposeString('dueAt', { ...readsTasks }),
      createdAt: t.exposeString('createdAt', { ...readsTasks }),
      updatedAt: t.exposeString('updatedAt', { ...readsTasks }),
      owner: t.expose('owner', { type: User, ...readsTasks }),
    }),
  });
  builder.queryType({
    fields: (t) => ({
      tasks: t.field({
        type: [TaskRef],
        nullable: false,
        args: { rows: t.arg.int({ required: true }) },
        ...signedIn,
        resolve: (parent, args) => resolvers.Query.tasks(parent, args),
      }),
    }),
  });
  return builder.toSchema();
}
