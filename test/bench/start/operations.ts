/** The questions, and checks of the answers. */
import { body, dataOf, type Reply, wrong } from '../login/client.ts';

/** A question that every client may ask, and that reads no table. */
export const first = body('{ __typename }');

/** @throws Error unless it is the answer to `first`. */
export function checkFirst(reply: Reply): void {
  const { __typename } = dataOf<{ __typename: string }>(reply);
  if (__typename !== 'Query') throw wrong('the type of a query', reply);
}

/** The number of tasks of the account that asks for `list`. */
export const tasks = 50;

export const list = body(
  `query List { tasks(first: ${tasks}) { nodes { id title description notes status version priority dueAt createdAt updatedAt owner { username } } } }`,
);

/**
 * @throws Error unless it is that many tasks.
 * @returns the id of the first.
 */
export function checkList(reply: Reply): string {
  const { nodes } = dataOf<{ tasks: { nodes: { id: string }[] } }>(reply).tasks;
  if (new Set(nodes.map(({ id }) => id)).size !== tasks) throw wrong(`${tasks} tasks`, reply);
  return (nodes[0] as { id: string }).id;
}

export function oneTask(id: string): string {
  return body('query One($id: ID!) { task(id: $id) { id title status owner { username } } }', { id });
}

export const me = body('{ me { id username displayName role } }');

export const newTask = body(
  'mutation New($input: CreateTaskInput!) { createTask(input: $input) { task { id title } errors { code } } }',
  { input: { title: 'One task more', description: 'As long as a sentence.', priority: 'HIGH' } },
);

/** The beginning of every right answer to `newTask`. */
export const newTaskAnswer = '{"data":{"createTask":{"task":{"id":"task_';
