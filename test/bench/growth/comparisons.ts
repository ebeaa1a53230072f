/** Compares the same list in databases of different sizes. */
import type { TaskFilter } from '../../../src/graphql/schema-types.ts';
import { count } from '../markdown.ts';
import type { Comparison } from './measure.ts';
import {
  accountsAfter,
  countedTasks,
  type Found,
  indexed,
  judged,
  listOf,
  orders,
  pageSize,
  shortText,
  type TaskOrder,
  tasks,
  tasksOfUsers,
  users,
} from './questions.ts';
import type { Viewer, World } from './worlds.ts';

export interface Subject {
  readonly name: string;
  readonly viewer: Viewer;
  readonly filter: TaskFilter;
  /** How long the list is. */
  readonly length: (world: World) => number;
}

export const subjects: readonly Subject[] = [
  { name: 'my 500', viewer: 'reader', filter: {}, length: () => 500 },
  { name: 'mine, a tenth of all', viewer: 'heavy', filter: {}, length: ({ tasks }) => tasks / 10 },
  { name: "everyone's", viewer: 'admin', filter: { everyone: true }, length: ({ tasks }) => tasks },
];

export const groups = {
  orders: 'First pages in each order',
  indexed: 'First pages of what a filter finds by its index',
  judged: 'First pages of what is gathered and sorted, or walked through',
  totals: 'First pages with `totalCount`',
  accounts: 'Lists of accounts, and tasks of several',
  pages: 'Page 1,000 and page 1',
} as const;

/** The smallest world comes first. */
export async function comparisonsOf(worlds: readonly World[]): Promise<Comparison[]> {
  const inEach = (viewer: Viewer, body: string | ((world: World) => string)) =>
    worlds.map((world) => ({
      name: count(world.tasks),
      send: () => world.client.send(typeof body === 'string' ? body : body(world), world.tokens[viewer]),
    }));
  const comparisons: Comparison[] = [];
  for (const { name, viewer, filter } of subjects) {
    for (const orderBy of orders) {
      const variants = inEach(viewer, tasks({ filter, orderBy }));
      comparisons.push({
        ...{ group: groups.orders, title: `${name}, by ${orderName(orderBy)}`, variants, rows: pageSize },
        isSteady: true,
      });
    }
    const find = (group: string, { title, filter: more, orderBy }: Found, rows?: number) => {
      const variants = inEach(viewer, tasks({ filter: { ...filter, ...more }, orderBy }));
      comparisons.push({ group, title: `${name}: ${title}`, variants, rows, isSteady: true });
    };
    for (const found of indexed()) find(groups.indexed, found);
    for (const found of judged()) find(groups.judged, found);
    // For everyone's tasks this would take seconds.
    if (!filter.everyone) find(groups.judged, shortText, 0);
    comparisons.push({
      group: groups.totals,
      title: name,
      variants: inEach(viewer, countedTasks(filter)),
      rows: pageSize,
    });
  }

  const admin = (title: string, body: string | ((world: World) => string), rows?: number) =>
    comparisons.push({ group: groups.accounts, title, variants: inEach('admin', body), rows });
  admin('accounts, by CREATED_AT DESC', users({}), pageSize);
  admin('accounts, by USERNAME ASC', users({}, { field: 'USERNAME', direction: 'ASC' }), pageSize);
  admin('accounts: ADMIN, one in a hundred', users({ role: ['ADMIN'] }), pageSize);
  admin('accounts: closed, one in fifty', users({ isActive: false }), pageSize);
  admin('accounts: a text of one of them', users({ text: 'Person 99' }));
  admin('five tasks of each of twenty accounts', tasksOfUsers, pageSize);
  const ids = new Map<World, readonly string[]>();
  for (const world of worlds) ids.set(world, await someOwners(world));
  let turn = 0;
  admin("an account's, another one each time", (world) => {
    const owners = ids.get(world) ?? [];
    return tasks({ filter: { ownerId: owners[turn++ % owners.length] ?? null } });
  });
  // In the order of the report.
  const place = ({ group }: Comparison) => Object.values<string>(groups).indexOf(group);
  return comparisons.sort((a, b) => place(a) - place(b));
}

/** At most two hundred of the accounts that share the tasks, evenly chosen. */
async function someOwners(world: World): Promise<string[]> {
  const owners: string[] = [];
  const step = Math.max(1, Math.floor(world.sharing / 200));
  let after: string | null = null;
  do {
    const { nodes, pageInfo } = listOf(await world.client.send(accountsAfter(after), world.tokens.admin));
    for (const { id, username } of nodes) {
      const number = Number(/^person(\d+)$/.exec(username ?? '')?.[1]);
      if (number <= world.sharing && number % step === 0) owners.push(id);
    }
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  return owners;
}

export function orderName({ field, direction }: TaskOrder): string {
  return `${field} ${direction}`;
}
