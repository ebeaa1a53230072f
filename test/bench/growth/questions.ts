/** The questions of the benchmark. */
import type {
  OrderDirection,
  TaskFilter,
  TaskOrderField,
  UserFilter,
  UserOrder,
} from '../../../src/graphql/schema-types.ts';
import { words } from '../../support/many-tasks.ts';
import { body, dataOf, type Reply, wrong } from '../login/client.ts';

export const pageSize = 20;

export interface TaskOrder {
  readonly field: TaskOrderField;
  readonly direction: OrderDirection;
}

const fields: readonly TaskOrderField[] = ['CREATED_AT', 'UPDATED_AT', 'DUE_AT', 'PRIORITY', 'TITLE'];

/** Both directions of each. */
export const orders: readonly TaskOrder[] = fields.flatMap((field) => [
  { field, direction: 'DESC' },
  { field, direction: 'ASC' },
]);

const day = 86_400_000;

export interface Found {
  readonly title: string;
  readonly filter: TaskFilter;
  /** Default: newest first. */
  readonly orderBy?: TaskOrder;
}

const soonest: TaskOrder = { field: 'DUE_AT', direction: 'ASC' };
const untouched: TaskOrder = { field: 'UPDATED_AT', direction: 'ASC' };
const open: TaskFilter = { status: ['TODO', 'IN_PROGRESS'] };

/** Lists that an index gives in order, or finds at once. */
export function indexed(now = Date.now()): Found[] {
  return [
    { title: 'TODO, one in two hundred', filter: { status: ['TODO'] } },
    { title: 'DONE, nearly all', filter: { status: ['DONE'] } },
    { title: 'TODO or IN_PROGRESS', filter: open },
    { title: 'TODO or IN_PROGRESS, by DUE_AT ASC', filter: open, orderBy: soonest },
    { title: 'URGENT, one in two hundred', filter: { priority: ['URGENT'] } },
    { title: 'NORMAL, three in five', filter: { priority: ['NORMAL'] } },
    { title: 'due from now on, by DUE_AT ASC', filter: { dueAfter: new Date(now) }, orderBy: soonest },
    { title: 'due before now, by DUE_AT ASC', filter: { dueBefore: new Date(now) }, orderBy: soonest },
    { title: 'a text of ten tasks in all', filter: { text: words.rare } },
  ];
}

/** Lists that are gathered and sorted, or walked through. */
export function judged(now = Date.now()): Found[] {
  return [
    { title: 'due in 60 days or later', filter: { dueAfter: new Date(now + 60 * day) } },
    { title: 'due before now', filter: { dueBefore: new Date(now) } },
    { title: 'HIGH or URGENT', filter: { priority: ['HIGH', 'URGENT'] } },
    { title: 'a text of every tenth task', filter: { text: words.common } },
    { title: 'TODO or IN_PROGRESS, by UPDATED_AT ASC', filter: open, orderBy: untouched },
  ];
}

/** Two letters that never occur together, so no trigram finds them. */
export const shortText = { title: 'two letters, found nowhere', filter: { text: 'zq' } };

interface Listing {
  readonly filter?: TaskFilter | undefined;
  readonly orderBy?: TaskOrder | undefined;
  readonly first?: number;
  readonly after?: string | null;
}

const task = 'id title status priority dueAt createdAt owner { id username }';

export function tasks(variables: Listing): string {
  return body(
    `query Tasks($filter: TaskFilter, $orderBy: TaskOrder, $first: Int, $after: String) {
      list: tasks(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        nodes { ${task} } pageInfo { hasNextPage endCursor }
      }
    }`,
    { first: pageSize, ...variables },
  );
}

export function countedTasks(filter: TaskFilter): string {
  return body(
    `query Counted($filter: TaskFilter) { list: tasks(filter: $filter, first: ${pageSize}) { totalCount nodes { ${task} } } }`,
    { filter },
  );
}

/** Asks for as little as possible of many tasks, to walk on. */
export function cursorAfter({ filter, orderBy, first = 100, after = null }: Listing): string {
  return body(
    `query Walk($filter: TaskFilter, $orderBy: TaskOrder, $first: Int, $after: String) {
      list: tasks(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        nodes { id } pageInfo { hasNextPage endCursor }
      }
    }`,
    { filter, orderBy, first, after },
  );
}

export function users(filter: UserFilter, orderBy?: UserOrder): string {
  return body(
    `query Users($filter: UserFilter, $orderBy: UserOrder) {
      list: users(filter: $filter, orderBy: $orderBy, first: ${pageSize}) {
        nodes { id username displayName role createdAt } pageInfo { hasNextPage endCursor }
      }
    }`,
    { filter, orderBy },
  );
}

export function accountsAfter(after: string | null): string {
  return body(
    `query Accounts($after: String) {
      list: users(first: 100, after: $after) { nodes { id username } pageInfo { hasNextPage endCursor } }
    }`,
    { after },
  );
}

/** The five newest tasks of each of twenty accounts. */
export const tasksOfUsers = body(
  `query TasksOfUsers {
    list: users(first: ${pageSize}) { nodes { id username tasks(first: 5) { nodes { id title createdAt } } } }
  }`,
);

export interface List {
  readonly nodes: readonly { readonly id: string; readonly username?: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** @throws Error unless it is a list of different rows. */
export function listOf(reply: Reply): List {
  const { list } = dataOf<{ list: List }>(reply);
  if (new Set(list.nodes.map(({ id }) => id)).size !== list.nodes.length) throw wrong('rows that differ', reply);
  return list;
}
