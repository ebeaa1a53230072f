/** Which indexes read a long security log. Never measures time. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listEvents, listOwnEvents } from '../../../src/audit/audit.service.ts';
import type { Database } from '../../../src/database/database.ts';
import { newId, toGlobalId } from '../../../src/database/ids.ts';
import type { AuditEventFilter, QueryAuditEventsArgs } from '../../../src/graphql/schema-types.ts';
import { testDatabases } from '../../support/database.ts';
import { type Plan, type PlanKind, planOf } from '../../support/plans.ts';
import { statementsOf } from '../tasks/fixtures.ts';

const busy = newId();
const hour = 3_600_000;
const account = toGlobalId('user', busy);

describe.each(testDatabases())('of 20,000 events on $name', ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    const em = database.fork();
    // One event a minute. One in a hundred is of a rare type, and one in fifty is about the busy account.
    await em.execute(`
      insert into audit_events (id, type, created_at, actor_id, subject_id)
      select md5('event' || number)::uuid,
        (case when number % 100 = 7 then 'ROLE_CHANGED' else 'SIGNED_IN' end)::audit_event_type,
        now() - (20000 - number) * interval '1 minute', account, account
      from (select number, case when number % 50 = 3 then '${busy}' else md5('account' || number % 997)::uuid end as account
        from generate_series(1, 20000) number) made`);
    await em.execute('vacuum analyze audit_events');
  });
  afterAll(() => database.close());

  type List = (page: Omit<QueryAuditEventsArgs, 'filter'>) => ReturnType<typeof listOwnEvents>;

  const events =
    (filter: AuditEventFilter): List =>
    (page) =>
      listEvents(database.fork(), { filter, ...page });

  /** The plans of the first page and the last, and of pages by cursors both ways. */
  async function plansOf(list: List, kind: PlanKind = 'custom'): Promise<Plan[]> {
    const cursor = (await list({})).pageInfo.endCursor;
    const statements = await statementsOf(database, async () => {
      for (const page of [{}, { last: 20 }, { after: cursor }, { last: 20, before: cursor }]) await list(page);
    });
    expect(statements).toHaveLength(4);
    const plans: Plan[] = [];
    for (const statement of statements) plans.push(await planOf(database, statement, 'audit_events', kind));
    return plans;
  }

  it.each([
    ['all of them', {}, 'audit_events_created_at_id_index'],
    ['a rare type', { type: ['ROLE_CHANGED'] }, 'audit_events_type_created_at_id_index'],
    ['who did it', { actorId: account }, 'audit_events_actor_id_created_at_id_index'],
    ['whom it is about', { subjectId: account }, 'audit_events_subject_id_created_at_id_index'],
    ['a span of time', { after: new Date(Date.now() - hour) }, 'audit_events_created_at_id_index'],
    ['the time before', { before: new Date(Date.now() - 300 * hour) }, 'audit_events_created_at_id_index'],
  ] as [string, AuditEventFilter, string][])('%s is read by its index', async (_title, filter, index) => {
    for (const { reads, sorted, text } of await plansOf(events(filter))) {
      expect(reads, text).toEqual([index]);
      expect(sorted, text).toBeLessThanOrEqual(100);
    }
  });

  // Decision 10. With the average of twenty events each, the one plan for all accounts would gather and sort all events
  // of an account. A migration says that there are many (`n_distinct`).
  it.each(['custom', 'generic'] as const)("a %s plan reads one's own in the order of their index", async (kind) => {
    for (const { reads, sorted, text } of await plansOf((page) => listOwnEvents(database.fork(), busy, page), kind)) {
      expect(reads, text).toEqual(['audit_events_subject_id_created_at_id_index']);
      expect(sorted, text).toBe(0);
      expect(text).not.toContain('Bitmap');
    }
  });

  it.each([
    ['several types', { type: ['ROLE_CHANGED', 'SIGNED_OUT'] }],
    ['who did what', { actorId: account, type: ['ROLE_CHANGED'] }],
    ['who did it to whom', { actorId: account, subjectId: account }],
  ] as [string, AuditEventFilter][])('%s is not looked for in the whole log', async (_title, filter) => {
    for (const { reads, text } of await plansOf(events(filter))) {
      expect(reads.length, text).toBeGreaterThan(0);
      expect(reads, text).not.toContain('Seq Scan');
    }
  });
});
