import { converted, preloaded } from '../authorization/guard.ts';
import { toGlobalId } from '../database/ids.ts';
import type { GraphQLContext } from '../graphql/context.ts';
import type { Resolvers } from '../graphql/resolver-types.ts';
import { selectedIn } from '../lists/selected.ts';
import { loadOwner } from '../users/user.service.ts';
import type { TaskRow } from './task.entity.ts';
import { createTask, deleteTask, findTask, listTasks, updateTask } from './task.service.ts';

export const taskResolvers: Pick<Resolvers, 'Task' | 'User'> & {
  Query: Pick<NonNullable<Resolvers['Query']>, 'task' | 'tasks'>;
  Mutation: Pick<NonNullable<Resolvers['Mutation']>, 'createTask' | 'updateTask' | 'deleteTask'>;
} = {
  Query: {
    task: (_parent, { id }, { em, viewer }, info) => findTask(em, viewer, id, selectedIn(info)),
    tasks: (_parent, args, { em, viewer }, info) => listTasks(em, viewer, args, { selected: selectedIn(info) }),
  },
  Mutation: {
    createTask: (_parent, { input }, { em, viewer, now }, info) =>
      createTask(em, viewer, input, now(), selectedIn(info).fields.get('task')),
    updateTask: (_parent, { input }, { em, viewer, now }) => updateTask(em, viewer, input, now()),
    deleteTask: (_parent, { input }, { em, viewer }) => deleteTask(em, viewer, input),
  },
  Task: {
    id: converted((id: string) => toGlobalId('task', id)),
    owner: preloaded(({ ownerId }: TaskRow, _args, { em }: GraphQLContext) => loadOwner(em, ownerId)),
  },
  User: {
    tasks: ({ id }, args, { em, viewer }, info) =>
      listTasks(em, viewer, args, { ownerId: id, selected: selectedIn(info) }),
  },
};
