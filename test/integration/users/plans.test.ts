/** Which indexes read lists of many accounts. Never measures time. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/database/database.ts';
import type { UserFilter, UserOrder } from '../../../src/graphql/schema-types.ts';
import { listUsers } from '../../../src/users/user.service.ts';
import { testDatabases } from '../../support/database.ts';
import { manyTasks } from '../../support/many-tasks.ts';
import { type Plan, type PlanKind, planOf } from '../../support/plans.ts';
import { type Account, addUser, statementsOf } from '../tasks/fixtures.ts';

const newest: UserOrder[] = [
  { field: 'CREATED_AT', direction: 'DESC' },
  { field: 'CREATED_AT', direction: 'ASC' },
];
const byName: UserOrder[] = [
  { field: 'USERNAME', direction: 'ASC' },
  { field: 'USERNAME', direction: 'DESC' },
];
const created = 'users_created_at_id_index';
const named = 'users_username_key_unique';
const filters: Record<string, UserFilter> = {
  'a rare role': { role: ['ADMIN'] },
  'the usual role': { role: ['USER'] },
  'both roles': { role: ['USER', 'ADMIN'] },
  'being open': { isActive: true },
  'being closed': { isActive: false },
  'a rare text': { text: 'person19999' },
  'a usual text': { text: 'person' },
};

describe.each(testDatabases())('of 20,000 accounts on $name', ({ open }) => {
  let database: Database;
  let admin: Account;
  beforeAll(async () => {
    database = await open();
    const em = database.fork();
    admin = await addUser(em, { role: 'ADMIN' });
    const owners = { reader: admin.id, heavy: admin.id, former: admin.id };
    for (const statement of manyTasks({ tasks: 1000, others: 20_000, owners })) await em.execute(statement);
  });
  afterAll(() => database.close());

  const list = (filter: UserFilter, orderBy: UserOrder, page: object = {}) =>
    listUsers(database.fork(), admin.viewer, { filter, orderBy, ...page });

  /** The plans of the first page and the last, and of pages by cursors both ways. */
  async function plansOf(filter: UserFilter, orderBy: UserOrder, kind: PlanKind = 'custom'): Promise<Plan[]> {
    const cursor = (await list(filter, orderBy)).pageInfo.endCursor;
    const statements = await statementsOf(database, async () => {
      await list(filter, orderBy);
      await list(filter, orderBy, { last: 20 });
      await list(filter, orderBy, { after: cursor });
      await list(filter, orderBy, { last: 20, before: cursor });
    });
    expect(statements).toHaveLength(4);
    const plans: Plan[] = [];
    for (const statement of statements) plans.push(await planOf(database, statement, 'users', kind));
    return plans;
  }

  describe.each(['custom', 'generic'] as const)('a %s plan reads all', (kind) => {
    it.each(newest)('by the index of $field, $direction', async (orderBy) => {
      for (const { reads, sorted, text } of await plansOf({}, orderBy, kind)) {
        expect(reads, text).toEqual([created]);
        expect(sorted, text).toBe(0);
      }
    });

    // Names are unique, so there are no equal rows to sort.
    it.each(byName)('by the names, each of which is unique, $direction', async (orderBy) => {
      for (const { reads, sorted, text } of await plansOf({}, orderBy, kind)) {
        expect(reads, text).toEqual([named]);
        expect(sorted, text).toBe(0);
      }
    });
  });

  it.each([
    ['a rare role', ['users_role_created_at_id_index']],
    ['the usual role', ['users_role_created_at_id_index', created]],
    ['being closed', ['users_is_active_created_at_id_index']],
    ['being open', ['users_is_active_created_at_id_index', created]],
  ])('the newest are found by %s', async (title, allowed) => {
    for (const orderBy of newest) {
      for (const { reads, sorted, text } of await plansOf(filters[title] as UserFilter, orderBy)) {
        expect(allowed, text).toEqual(expect.arrayContaining([...reads]));
        expect(sorted, text).toBe(0);
      }
    }
  });

  it('a rare text is found by its index, in any order', async () => {
    for (const orderBy of [...newest, ...byName]) {
      const [first] = await plansOf(filters['a rare text'] as UserFilter, orderBy);
      expect(first?.reads, first?.text).toEqual(['users_text_index']);
    }
  });

  it.each(Object.entries(filters))('by %s, in whatever order, they are not read as a whole', async (_title, filter) => {
    for (const orderBy of [...newest, ...byName]) {
      for (const { reads, text } of await plansOf(filter, orderBy)) {
        expect(reads.length, text).toBeGreaterThan(0);
        expect(reads, text).not.toContain('Seq Scan');
      }
    }
  });
});
