/** What is compared: the same list in databases of different sizes. */
import type { TaskFilter } from '../../../src/graphql/generated.ts';
import { count } from '../markdown.ts';
import type { Comparison } from './measure.ts';
import {
  accountsAfter,
  countedTasks,
  filtersNow,
  listOf,
  orders,
  pageSize,
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
  filters: 'First pages of what a filter finds, newest or due first',
  judged: 'A filter in an order that it has no index for, and texts without a trigram',
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
    for (const [title, more] of Object.entries(filtersNow())) {
      const variants = inEach(viewer, tasks({ filter: { ...filter, ...more } }));
      comparisons.push({ group: groups.filters, title: `${name}: ${title}`, variants, isSteady: true });
    }
    const open = { ...filter, status: ['TODO' as const, 'IN_PROGRESS' as const] };
    const openBy = (group: string, field: 'DUE_AT' | 'UPDATED_AT') => {
      const variants = inEach(viewer, tasks({ filter: open, orderBy: { field, direction: 'ASC' } }));
      comparisons.push({ group, title: `${name}: TODO or IN_PROGRESS, by ${field} ASC`, variants, isSteady: true });
    };
    openBy(groups.filters, 'DUE_AT');
    openBy(groups.judged, 'UPDATED_AT');
    comparisons.push({
      group: groups.totals,
      title: name,
      variants: inEach(viewer, countedTasks(filter)),
      rows: pageSize,
    });
    if (filter.everyone) continue;
    // Two letters that are together nowhere: all of the list is looked through.
    const nowhere = inEach(viewer, tasks({ filter: { ...filter, text: 'zq' } }));
    comparisons.push({
      group: groups.judged,
      title: `${name}: two letters, found nowhere`,
      variants: nowhere,
      rows: 0,
    });
  }

  const admin = (title: string, body: string | ((world: World) => string), rows?: number) =>
    comparisons.push({ group: groups.accounts, title, variants: inEach('admin', body), rows });
  admin('accounts, by CREATED_AT DESC', users({}), pageSize);
  admin('accounts, by USERNAME ASC', users({}, { field: 'USERNAME', direction: 'ASC' }), pageSize);
  admin('accounts: ADMIN, one in a hundred', users({ role: ['ADMIN'] }));
  admin('accounts: closed, one in fifty', users({ isActive: false }));
  admin('accounts: a text of one of them', users({ text: 'Person 99' }));
  admin('five tasks of each of twenty accounts', tasksOfUsers, pageSize);
  const ids = new Map<World, readonly string[]>();
  for (const world of worlds) ids.set(world, await someOwners(world));
  let turn = 0;
  admin("an account's, another one each time", (world) => {
    const owners = ids.get(world) ?? [];
    return tasks({ filter: { ownerId: owners[turn++ % owners.length] ?? null } });
  });
  // As they are told.
  const place = ({ group }: Comparison) => Object.values<string>(groups).indexOf(group);
  return comparisons.sort((a, b) => place(a) - place(b));
}

/** Accounts from all over the list: at most two hundred that have tasks. */
async function someOwners(world: World): Promise<string[]> {
  const owners: string[] = [];
  let after: string | null = null;
  const step = Math.max(1, Math.floor(world.others / 200));
  for (let place = 0; place < world.others; ) {
    const { nodes, pageInfo } = listOf(await world.client.send(accountsAfter(after), world.tokens.admin));
    for (const { id, username } of nodes) {
      if (username?.startsWith('person') && place++ % step === 0) owners.push(id);
    }
    if (!pageInfo.hasNextPage) break;
    after = pageInfo.endCursor;
  }
  return owners;
}

export function orderName({ field, direction }: TaskOrder): string {
  return `${field} ${direction}`;
}
