/** Which lists are prepared, and so have one plan for all values: decision 10. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { listEvents } from '../../../src/audit/audit.service.ts';
import type { Database, EntityManager } from '../../../src/database/database.ts';
import type { TaskFilter, TaskOrder } from '../../../src/graphql/schema-types.ts';
import { listTasks } from '../../../src/tasks/task.service.ts';
import { listUsers } from '../../../src/users/user.service.ts';
import { postgresql } from '../../support/database.ts';
import { manyTasks } from '../../support/many-tasks.ts';
import { planOf } from '../../support/plans.ts';
import { type Account, addTask, addUser, statementsOf } from './fixtures.ts';

describe.runIf(inject('server'))('lists that come again and again', () => {
  let database: Database;
  let admin: Account;
  beforeAll(async () => {
    database = await postgresql.open();
    const em = database.fork();
    admin = await addUser(em, { role: 'ADMIN' });
    await addTask(em, admin, { title: 'One to find' });
  });
  afterAll(() => database?.close());

  /** The new prepared statements about one table, after a list was asked for five times on one connection. */
  async function prepared(table: string, list: (em: EntityManager) => Promise<unknown>): Promise<string[]> {
    return await database.fork().transactional(async (em) => {
      const statements = async () => {
        const rows: { statement: string }[] = await em.execute('select statement from pg_prepared_statements');
        return rows.map(({ statement }) => statement).filter((statement) => statement.includes(` from ${table}`));
      };
      const before = new Set(await statements());
      for (let time = 0; time < 5; time++) await list(em);
      return (await statements()).filter((statement) => !before.has(statement));
    });
  }

  const tasks = (filter: TaskFilter | null) => (em: EntityManager) => listTasks(em, admin.viewer, { filter });

  it('are prepared without a filter', async () => {
    expect(await prepared('tasks', tasks(null))).toHaveLength(1);
    expect(await prepared('tasks', tasks({ everyone: true }))).toHaveLength(1);
  });

  it.each<TaskFilter>([
    { everyone: true, text: 'find' },
    { everyone: true, status: ['TODO', 'IN_PROGRESS'] },
    { priority: ['URGENT'] },
    { dueBefore: new Date(0) },
  ])('are planned for their values with %j', async (filter) => {
    expect(await prepared('tasks', tasks(filter))).toEqual([]);
  });

  it('of accounts and of the security log are planned for their values as well', async () => {
    expect(await prepared('users', (em) => listUsers(em, admin.viewer, { filter: { text: 'ada' } }))).toEqual([]);
    expect(await prepared('audit_events', (em) => listEvents(em, { filter: { type: ['REGISTERED'] } }))).toEqual([]);
  });
});

/** The average number of an owner's tasks: 98, and 10. */
describe.runIf(inject('server')).each([200, 2000])('of 20,000 tasks of %i people', (others) => {
  let database: Database;
  let owner: Account;
  beforeAll(async () => {
    database = await postgresql.open();
    const em = database.fork();
    const [reader, heavy, former] = [await addUser(em), await addUser(em), await addUser(em)];
    owner = heavy;
    const owners = { reader: reader.id, heavy: heavy.id, former: former.id };
    for (const statement of manyTasks({ tasks: 20_000, others, owners })) await em.execute(statement);
  });
  afterAll(() => database?.close());

  const orders = (['CREATED_AT', 'UPDATED_AT', 'DUE_AT', 'PRIORITY', 'TITLE'] as const).flatMap((field) =>
    (['ASC', 'DESC'] as const).map((direction): TaskOrder => ({ field, direction })),
  );

  /** Walks this many pages of twenty. */
  async function walk(em: EntityManager, orderBy: TaskOrder, pages: number): Promise<string | null> {
    let end: string | null = null;
    for (let page = 0; page < pages; page++) {
      end = (await listTasks(em, owner.viewer, { orderBy, after: end })).pageInfo.endCursor;
    }
    return end;
  }

  it.each(orders)(
    'who has 2,000 has one plan for the first page and one for those behind, by $field $direction',
    async (orderBy) => {
      await database.fork().transactional(async (em) => {
        const statements = async (): Promise<{ name: string; planned: number; kept: number }[]> =>
          await em.execute(
            'select name, custom_plans::int as planned, generic_plans::int as kept from pg_prepared_statements',
          );
        const before = new Set((await statements()).map(({ name }) => name));
        const end = await walk(em, orderBy, 60);
        for (let time = 0; time < 20; time++) {
          for (const after of [end, null]) {
            expect((await listTasks(em, owner.viewer, { orderBy, after })).nodes).toHaveLength(20);
          }
        }
        const rows = (await statements()).filter(({ name }) => name.startsWith('gatewright_') && !before.has(name));
        expect(rows).toHaveLength(2);
        // PostgreSQL plans the first five executions for their values, to compare. Source: its PREPARE ("Notes").
        expect(rows.filter(({ planned, kept }) => planned === 5 && kept > 10)).toHaveLength(2);
      });
    },
  );

  it.each(orders)(
    'what that plan reads is in order, and no more than the page, by $field $direction',
    async (orderBy) => {
      const em = database.fork();
      const [early, late] = [await walk(em, orderBy, 20), await walk(em, orderBy, 80)];
      for (const size of [20, 100]) {
        const pages = [
          { first: size },
          { last: size },
          { first: size, after: late },
          { last: size, before: early },
          { first: size, after: early, before: late },
        ];
        const sent = await statementsOf(database, async () => {
          for (const page of pages) await listTasks(database.fork(), owner.viewer, { orderBy, ...page });
        });
        expect(sent).toHaveLength(pages.length);
        for (const statement of sent) {
          const { reads, sorted, text } = await planOf(database, statement, 'tasks', 'generic');
          expect(reads, text).toEqual([expect.stringMatching(/^tasks_owner_id_/)]);
          expect(sorted, text).toBe(0);
          expect(text).not.toContain('Bitmap');
        }
      }
    },
  );
});
