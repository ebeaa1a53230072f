import { viewerIs } from '../authorization/guard.ts';
import type { Noun } from '../graphql/noun.ts';
import { Task } from './task.entity.ts';
import { ownersOfTasks, ownsTask, readsOfTasks } from './task.ownership.ts';
import { taskResolvers } from './task.resolvers.ts';
import { findTasks } from './task.service.ts';

export const tasks: Noun = {
  name: 'Task',
  idPrefix: 'task',
  entities: [Task],
  types: {
    Task: 'tasks/task.entity.ts#TaskRow',
    TaskConnection: 'tasks/task.rows.ts#TaskPage',
  },
  resolvers: taskResolvers,
  find: findTasks,
  rows: { table: 'tasks', columns: { ownerId: 'owner_id' }, relations: { owner: viewerIs('ownerId') } },
  owners: ownersOfTasks,
  reads: readsOfTasks,
  policies: { ownsTask },
};
