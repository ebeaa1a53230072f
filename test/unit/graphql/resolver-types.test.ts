/** What must not compile. `tsc` is the test: each line that compiles against expectation fails `npm run check`. */
import { expect, expectTypeOf, it } from 'vitest';
import type { Resolvers, TaskResolvers } from '../../../src/graphql/resolver-types.ts';
import type { TaskRow } from '../../../src/tasks/task.entity.ts';

declare const row: TaskRow;

const wellTyped: Resolvers = {
  Query: { task: async () => row },
  Task: { title: ({ title }) => title },
};

const wrongShapes: Resolvers = {
  Query: {
    // @ts-expect-error a task is a row, not its title
    task: async () => 'a title',
    // @ts-expect-error a node is a row, not its id
    node: async () => 'task_1',
  },
  Task: {
    // @ts-expect-error a title is a string, never null
    title: () => null,
    // @ts-expect-error a row has no such column
    description: ({ text }) => text,
  },
  Mutation: {
    // @ts-expect-error a payload has errors
    createTask: async () => ({ task: row }),
  },
};

it('the examples are resolver maps', () => {
  expect(Object.keys({ ...wellTyped, ...wrongShapes })).toEqual(['Query', 'Task', 'Mutation']);
});

it('resolvers are given rows and the context, and their answers are checked', () => {
  expectTypeOf<
    Parameters<Extract<TaskResolvers['title'], (...args: never[]) => unknown>>[0]
  >().toEqualTypeOf<TaskRow>();
  // @ts-expect-error the parent of a Task's field is a row, not anything
  expectTypeOf<Parameters<Extract<TaskResolvers['title'], (...args: never[]) => unknown>>[0]>().toBeAny();
});
