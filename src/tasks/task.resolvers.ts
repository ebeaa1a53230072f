import { converted, preloaded } from '../authorization/guard.ts';
import { toGlobalId } from '../database/ids.ts';
import type { GraphQLContext } from '../graphql/context.ts';
import type { Resolvers } from '../graphql/resolver-types.ts';
import type { QueryTasksArgs } from '../graphql/schema-types.ts';
import { selectedIn } from '../lists/selected.ts';
import { loadOwner } from '../users/user.service.ts';
import type { TaskRow } from './task.entity.ts';
import type { TaskPage } from './task.rows.ts';
import { createTask, deleteTask, findTask, listTasks, type TaskList, updateTask } from './task.service.ts';

export const taskResolvers: Pick<Resolvers, 'Task' | 'User'> & {
  Query: Pick<NonNullable<Resolvers['Query']>, 'task' | 'tasks'>;
  Mutation: Pick<NonNullable<Resolvers['Mutation']>, 'createTask' | 'updateTask' | 'deleteTask'>;
} = {
  Query: {
    task: (_parent, { id }, { em, viewer }, info) => findTask(em, viewer, id, selectedIn(info)),
    tasks: async (_parent, args, context, info) => await listFor(context, args, { selected: selectedIn(info) }),
  },
  Mutation: {
    createTask: (_parent, { input }, { em, viewer, now }, info) =>
      createTask(em, viewer, input, now(), selectedIn(info).fields.get('task')),
    updateTask: async (_parent, { input }, context) => {
      const change = await updateTask(context.em, context.viewer, input, context.now());
      // The payload shows what was changed, also to a viewer whose scopes allow changes and no other reading.
      if (change.task) context.rows('Task').mark([change.task]);
      return change;
    },
    deleteTask: (_parent, { input }, { em, viewer }) => deleteTask(em, viewer, input),
  },
  Task: {
    id: converted((id: string) => toGlobalId('task', id)),
    owner: preloaded(({ ownerId }: TaskRow, _args, { em }: GraphQLContext) => loadOwner(em, ownerId)),
  },
  User: {
    tasks: async ({ id }, args, context, info) =>
      await listFor(context, args, { ownerId: id, selected: selectedIn(info) }),
  },
};

/** The page is marked as made for the viewer: its count and its cursors cannot be checked afterwards. */
async function listFor(context: GraphQLContext, args: QueryTasksArgs, list: TaskList): Promise<TaskPage> {
  return context.rows('Task').markPage(await listTasks(context.em, context.viewer, args, list));
}
