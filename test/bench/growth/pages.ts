/** Compares a page far inside a list with its first page. */
import type { TaskFilter } from '../../../src/graphql/schema-types.ts';
import { count } from '../markdown.ts';
import { groups, orderName, subjects } from './comparisons.ts';
import type { Comparison } from './measure.ts';
import { cursorAfter, listOf, orders, pageSize, type TaskOrder, tasks } from './questions.ts';
import type { Viewer, World } from './worlds.ts';

const deepPage = 1000;

/** For lists that are long enough. */
export async function pagesOf(worlds: readonly World[]): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const world of worlds) {
    for (const { name, viewer, filter, length } of subjects) {
      if (length(world) < deepPage * pageSize) continue;
      for (const orderBy of orders) {
        const after = await cursorBefore(world, viewer, { filter, orderBy });
        const send = (body: string) => () => world.client.send(body, world.tokens[viewer]);
        comparisons.push({
          ...{ group: groups.pages, rows: pageSize, isSteady: true },
          title: `${name} of ${count(world.tasks)}, by ${orderName(orderBy)}`,
          variants: [
            { name: 'page 1', send: send(tasks({ filter, orderBy })) },
            { name: `page ${count(deepPage)}`, send: send(tasks({ filter, orderBy, after })) },
          ],
        });
      }
    }
  }
  return comparisons;
}

/** The cursor before the page far inside, found by walking there. */
async function cursorBefore(
  world: World,
  viewer: Viewer,
  listing: { filter: TaskFilter; orderBy: TaskOrder },
): Promise<string | null> {
  let after: string | null = null;
  for (let left = (deepPage - 1) * pageSize; left > 0; left -= 100) {
    const body = cursorAfter({ ...listing, after, first: Math.min(left, 100) });
    after = listOf(await world.client.send(body, world.tokens[viewer])).pageInfo.endCursor;
  }
  return after;
}
