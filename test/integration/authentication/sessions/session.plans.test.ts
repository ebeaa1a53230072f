/** Which index reads an account's sessions when there are many. Never measures time. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listSessions } from '../../../../src/authentication/sessions/session.list.ts';
import type { Database } from '../../../../src/database/database.ts';
import { testDatabases } from '../../../support/database.ts';
import { planOf } from '../../../support/plans.ts';
import { type Account, addUser, statementsOf } from '../../tasks/fixtures.ts';

describe.each(testDatabases())('of 20,000 sessions on $name', ({ open }) => {
  let database: Database;
  let restless: Account;
  beforeAll(async () => {
    database = await open();
    const em = database.fork();
    for (let others = 0; others < 9; others++) await addUser(em);
    restless = await addUser(em);
    // Each account has 2,000 sessions, of which all but forty have ended.
    await em.execute(`
      insert into sessions (id, user_id, created_at, last_used_at, expires_at, ended_at)
      select gen_random_uuid(), users.id, now() - number * interval '1 minute', now(), now() + interval '1 month',
        case when number % 50 > 0 then now() end
      from generate_series(1, 2000) number, users`);
    await em.execute(`update users set sessions_valid_from = now() - interval '1 year'`);
    await em.execute('vacuum analyze users, sessions');
  });
  afterAll(() => database.close());

  it('one’s own living sessions are read by their index, which has no ended ones', async () => {
    const now = new Date();
    const lifetime = { now, refreshTokenTtl: 30 * 86_400 };
    const list = (page: object) => listSessions(database.fork(), restless.viewer, page, lifetime);
    const first = await list({});
    expect(first.nodes).toHaveLength(20);
    expect(await first.totalCount()).toBe(40);
    const statements = await statementsOf(database, async () => {
      for (const page of [{}, { last: 20 }, { after: first.pageInfo.endCursor }]) await list(page);
    });
    expect(statements).toHaveLength(3);
    const [{ definition }] = (await database
      .fork()
      .execute(
        `select indexdef as definition from pg_indexes where indexname = 'sessions_user_id_created_at_id_index'`,
      )) as [{ definition: string }];
    expect(definition).toContain('WHERE (ended_at IS NULL)');
    for (const statement of statements) {
      const { reads, sorted, text } = await planOf(database, statement, 'sessions');
      expect(reads, text).toEqual(['sessions_user_id_created_at_id_index']);
      expect(sorted, text).toBeLessThanOrEqual(100);
    }
  });
});
