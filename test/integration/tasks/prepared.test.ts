/** Which lists are prepared, and so have one plan for all values: decision 10. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { listEvents } from '../../../src/audit/audit.service.ts';
import type { Database, EntityManager } from '../../../src/database/connection.ts';
import type { TaskFilter, TaskOrder } from '../../../src/graphql/generated.ts';
import { listTasks } from '../../../src/tasks/task.service.ts';
import { listUsers } from '../../../src/users/user.service.ts';
import { postgresql } from '../../support/database.ts';
import { manyTasks } from '../../support/many-tasks.ts';
import { type Account, addTask, addUser } from './fixtures.ts';

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

  /** Statements about one table that were not there before a list was asked for five times, on one connection. */
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

describe.runIf(inject('server'))('a page far inside a list', () => {
  let database: Database;
  let owner: Account;
  beforeAll(async () => {
    database = await postgresql.open();
    const em = database.fork();
    const [reader, heavy, former] = [await addUser(em), await addUser(em), await addUser(em)];
    owner = heavy;
    const owners = { reader: reader.id, heavy: heavy.id, former: former.id };
    for (const statement of manyTasks({ tasks: 20_000, others: 200, owners })) await em.execute(statement);
  });
  afterAll(() => database?.close());

  const orders = (['CREATED_AT', 'UPDATED_AT', 'DUE_AT', 'PRIORITY', 'TITLE'] as const).flatMap((field) =>
    (['ASC', 'DESC'] as const).map((direction): TaskOrder => ({ field, direction })),
  );

  it.each(orders)('has one plan for all positions, by $field $direction, as the first has', async (orderBy) => {
    await database.fork().transactional(async (em) => {
      const statements = async (): Promise<{ name: string; planned: number; kept: number }[]> =>
        await em.execute(
          'select name, custom_plans::int as planned, generic_plans::int as kept from pg_prepared_statements',
        );
      const before = new Set((await statements()).map(({ name }) => name));
      let end: string | null = null;
      const page = async (after: string | null) => await listTasks(em, owner.viewer, { orderBy, first: 20, after });
      for (let walked = 0; walked < 60; walked++) end = (await page(end)).pageInfo.endCursor;
      for (let time = 0; time < 20; time++) expect((await page(end)).nodes).toHaveLength(20);
      for (let time = 0; time < 20; time++) expect((await page(null)).nodes).toHaveLength(20);
      const rows = (await statements()).filter(({ name }) => name.startsWith('gatewright_') && !before.has(name));
      // PostgreSQL plans the first five for their values, to compare. Source: its PREPARE ("Notes").
      expect(rows.filter(({ planned, kept }) => planned === 5 && kept > 10)).toHaveLength(2);
      expect(rows).toHaveLength(2);
    });
  });
});
