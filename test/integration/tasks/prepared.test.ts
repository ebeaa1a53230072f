/** Which lists are prepared, and so have one plan for all values: decision 10. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { listEvents } from '../../../src/audit/audit.service.ts';
import type { Database, EntityManager } from '../../../src/database/connection.ts';
import type { TaskFilter } from '../../../src/graphql/generated.ts';
import { listTasks } from '../../../src/tasks/task.service.ts';
import { listUsers } from '../../../src/users/user.service.ts';
import { postgresql } from '../../support/database.ts';
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

  it('are prepared without a filter, where they have values', async () => {
    expect(await prepared('tasks', tasks(null))).toHaveLength(1);
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
