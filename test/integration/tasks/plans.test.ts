/** Which indexes read lists of many tasks. Never measures time. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/database/database.ts';
import type { OrderDirection, TaskFilter, TaskOrder, TaskOrderField } from '../../../src/graphql/schema-types.ts';
import { withOwners } from '../../../src/tasks/task.rows.ts';
import { listTasks } from '../../../src/tasks/task.service.ts';
import { testDatabases } from '../../support/database.ts';
import { manyTasks, words } from '../../support/many-tasks.ts';
import { type Plan, type PlanKind, planOf } from '../../support/plans.ts';
import { type Account, addUser, statementsOf } from './fixtures.ts';

const fields: TaskOrderField[] = ['CREATED_AT', 'UPDATED_AT', 'DUE_AT', 'PRIORITY', 'TITLE'];
const directions: OrderDirection[] = ['ASC', 'DESC'];
const orders: TaskOrder[] = fields.flatMap((field) => directions.map((direction) => ({ field, direction })));
const indexes = {
  CREATED_AT: { own: 'tasks_owner_id_created_at_id_index', everyones: 'tasks_created_at_id_index' },
  UPDATED_AT: { own: 'tasks_owner_id_updated_at_id_index', everyones: 'tasks_updated_at_id_index' },
  DUE_AT: { own: 'tasks_owner_id_due_index', everyones: 'tasks_due_index' },
  PRIORITY: { own: 'tasks_owner_id_priority_id_index', everyones: 'tasks_priority_id_index' },
  TITLE: { own: 'tasks_owner_id_title_index', everyones: 'tasks_title_index' },
};
const text = 'tasks_text_index';
/** The text of one task, which `heavy` owns. */
const rare = `${words.rare} 4010`;
const day = 86_400_000;
const filters: Record<string, TaskFilter> = {
  'a rare status': { status: ['TODO'] },
  'the usual status': { status: ['DONE'] },
  'several statuses': { status: ['TODO', 'IN_PROGRESS'] },
  'a rare priority': { priority: ['URGENT'] },
  'the usual priority': { priority: ['NORMAL'] },
  'several priorities': { priority: ['HIGH', 'URGENT'] },
  'priorities that are not neighbours': { priority: ['LOW', 'URGENT'] },
  'a status and a priority': { status: ['TODO'], priority: ['HIGH'] },
  'what is due late': { dueAfter: new Date(Date.now() + 85 * day) },
  'what was due early': { dueBefore: new Date(Date.now() - 725 * day) },
  'a span of due dates': { dueAfter: new Date(Date.now() - 30 * day), dueBefore: new Date(Date.now() - 29 * day) },
  'a rare text': { text: rare },
  'a usual text': { text: words.common },
};

/** As many rows as a page: the database sorts few rows, or few that match. */
const few = 100;

describe.each(testDatabases())('of 20,000 tasks on $name', ({ open }) => {
  let database: Database;
  /** Owners: see many-tasks.ts. */
  let reader: Account;
  let heavy: Account;
  let former: Account;
  let admin: Account;
  beforeAll(async () => {
    database = await open();
    const em = database.fork();
    [reader, heavy, former] = [await addUser(em), await addUser(em), await addUser(em)];
    admin = await addUser(em, { role: 'ADMIN' });
    const owners = { reader: reader.id, heavy: heavy.id, former: former.id };
    for (const statement of manyTasks({ tasks: 20_000, others: 200, owners })) await em.execute(statement);
  });
  afterAll(() => database.close());

  type Name = 'reader' | 'heavy' | 'former' | 'everyone' | 'heavy, for an ADMIN';
  const owners: Name[] = ['reader', 'heavy', 'former', 'heavy, for an ADMIN'];
  const lists: Name[] = [...owners, 'everyone'];

  function list(name: Name, filter: TaskFilter, orderBy: TaskOrder, page: object = {}) {
    const em = database.fork();
    if (name === 'everyone') {
      return listTasks(em, admin.viewer, { filter: { ...filter, everyone: true }, orderBy, ...page });
    }
    if (name === 'heavy, for an ADMIN')
      return listTasks(em, admin.viewer, { filter, orderBy, ...page }, { ownerId: heavy.id });
    return listTasks(em, { reader, heavy, former }[name].viewer, { filter, orderBy, ...page });
  }

  /** The plans of the first page and the last, and of pages by cursors both ways. */
  async function plansOf(name: Name, filter: TaskFilter, orderBy: TaskOrder, kind: PlanKind = 'custom') {
    const cursor = (await list(name, filter, orderBy)).pageInfo.endCursor;
    const between = cursor === null ? [] : [{ after: cursor }, { last: 20, before: cursor }];
    return await plansOfPages(name, filter, orderBy, [{}, { last: 20 }, ...between], kind);
  }

  /** The plans of the first page and the last. */
  function endsOf(name: Name, filter: TaskFilter, orderBy: TaskOrder, kind: PlanKind = 'custom') {
    return plansOfPages(name, filter, orderBy, [{}, { last: 20 }], kind);
  }

  async function plansOfPages(
    ...[name, filter, orderBy, pages, kind]: [Name, TaskFilter, TaskOrder, object[], PlanKind]
  ): Promise<Plan[]> {
    const statements = await statementsOf(database, async () => {
      for (const page of pages) await list(name, filter, orderBy, page);
    });
    expect(statements).toHaveLength(pages.length);
    const plans: Plan[] = [];
    for (const statement of statements) plans.push(await planOf(database, statement, 'tasks', kind));
    return plans;
  }

  function expectReads(plans: readonly Plan[], allowed: readonly string[], most = few) {
    for (const { reads, sorted, text } of plans) {
      expect(reads.length, text).toBeGreaterThan(0);
      expect(allowed, text).toEqual(expect.arrayContaining([...reads]));
      expect(sorted, text).toBeLessThanOrEqual(most);
    }
  }

  const indexOf = (name: Name, field: TaskOrderField) => indexes[field][name === 'everyone' ? 'everyones' : 'own'];

  describe.each(lists)('the list of %s is read', (name) => {
    it.each(orders)('by the index of $field, $direction', async (orderBy) => {
      expectReads(await plansOf(name, {}, orderBy), [indexOf(name, orderBy.field)]);
    });

    it.each(orders)('so by a prepared statement too, by $field, $direction', async (orderBy) => {
      expectReads(await plansOf(name, {}, orderBy, 'generic'), [indexOf(name, orderBy.field)]);
    });
  });

  it.each(lists)(
    'what lies behind a cursor whose row has gone is found by the index of the order, for %s',
    async (name) => {
      for (const orderBy of orders) {
        const cursor = (await list(name, {}, orderBy)).pageInfo.endCursor ?? '';
        const [order, direction, value, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
        const gone = JSON.stringify([
          order,
          direction,
          value,
          id.replace(/.$/, (last: string) => (last === '0' ? '1' : '0')),
        ]);
        const after = Buffer.from(gone).toString('base64url');
        const statements = await statementsOf(database, () => list(name, {}, orderBy, { after }));
        expect(statements).toHaveLength(2);
        for (const statement of statements) {
          expectReads([await planOf(database, statement, 'tasks')], [indexOf(name, orderBy.field)]);
        }
      }
    },
  );

  it.each(owners)('the tasks of %s are counted by an index of theirs', async (name) => {
    const statements = await statementsOf(database, async () => {
      await (await list(name, {}, { field: 'CREATED_AT', direction: 'DESC' })).totalCount();
    });
    expect(statements).toHaveLength(2);
    const { reads, text } = await planOf(database, statements[1] as (typeof statements)[number], 'tasks');
    expect(reads, text).toHaveLength(1);
    expect(reads[0], text).toMatch(/^tasks_owner_id_\w+_index$/);
  });

  describe.each(['heavy', 'heavy, for an ADMIN', 'everyone'] as const)('the newest of %s are found', (name) => {
    const prefix = name === 'everyone' ? 'tasks_' : 'tasks_owner_id_';
    const usual = indexOf(name, 'CREATED_AT');
    it.each([
      [
        'by a rare status',
        { status: ['TODO'] },
        [`${prefix}status_created_at_id_index`, `${prefix}open_created_at_index`],
      ],
      ['by the usual status', { status: ['DONE'] }, [`${prefix}status_created_at_id_index`, usual]],
      ['by a rare priority', { priority: ['URGENT'] }, [`${prefix}priority_created_at_id_index`]],
      ['by the usual priority', { priority: ['NORMAL'] }, [`${prefix}priority_created_at_id_index`, usual]],
    ] as [string, TaskFilter, string[]][])('%s', async (_title, filter, allowed) => {
      for (const direction of directions) {
        expectReads(await plansOf(name, filter, { field: 'CREATED_AT', direction }), allowed);
      }
    });
  });

  it("what is open is read by indexes that have nothing else, everyone's without sorting", async () => {
    const filter = filters['several statuses'] as TaskFilter;
    for (const direction of directions) {
      const [due, created] = (['DUE_AT', 'CREATED_AT'] as const).map((field) => ({ field, direction }));
      expectReads(await endsOf('everyone', filter, due as TaskOrder), ['tasks_open_due_index'], 0);
      expectReads(await endsOf('everyone', filter, created as TaskOrder), ['tasks_open_created_at_index'], 0);
      const own = ['tasks_owner_id_open_due_index', 'tasks_owner_id_open_created_at_index'];
      for (const orderBy of [due, created]) expectReads(await endsOf('heavy', filter, orderBy as TaskOrder), own);
    }
  });

  it.each(lists)('a span of due dates in their order is a piece of the index, for %s', async (name) => {
    for (const title of ['what is due late', 'what was due early', 'a span of due dates']) {
      for (const direction of directions) {
        const plans = await plansOf(name, filters[title] as TaskFilter, { field: 'DUE_AT', direction });
        expectReads(plans, [indexOf(name, 'DUE_AT')], 0);
        // The condition bounds the index scan, and does not only filter its rows.
        for (const { text } of plans) expect(text).toMatch(/"Index Cond": "[^"]*COALESCE/i);
      }
    }
  });

  it.each(lists)('a span of due dates is gathered by their index, in any order, for %s', async (name) => {
    for (const orderBy of orders) {
      expectReads(await endsOf(name, filters['what is due late'] as TaskFilter, orderBy), [indexOf(name, 'DUE_AT')]);
    }
  });

  it.each(lists)('priorities in their order are a piece of the index, even one alone, for %s', async (name) => {
    for (const title of ['a rare priority', 'the usual priority', 'several priorities']) {
      for (const direction of directions) {
        const plans = await plansOf(name, filters[title] as TaskFilter, { field: 'PRIORITY', direction });
        const another = indexOf(name, 'PRIORITY').replace('_id_index', '_created_at_id_index');
        expectReads(plans, [indexOf(name, 'PRIORITY'), another]);
        for (const { text } of plans) expect(text).toMatch(/"Index Cond": "[^"]*priority >= /);
      }
    }
  });

  it('owners are looked up for the page alone, however many tasks a filter finds', async () => {
    const filter = { everyone: true, text: words.common };
    const selected = { fields: new Map([['nodes', withOwners]]) };
    const sent = await statementsOf(database, async () => {
      const { nodes } = await listTasks(database.fork(), admin.viewer, { filter, first: 20 }, { selected });
      expect(nodes.map(({ owner }) => owner?.id)).toEqual(nodes.map(({ ownerId }) => ownerId));
      expect(nodes).toHaveLength(20);
    });
    expect(sent).toHaveLength(1);
    for (const statement of sent) {
      const { text } = await planOf(database, statement, 'tasks');
      const joins = [...text.matchAll(/"(?:Nested Loop|Hash Join|Merge Join)"[^{}]*?"Plan Rows": (\d+)/g)];
      // One more than the page, to know whether another row follows.
      expect(joins.map(([, rows]) => Number(rows) <= 21)).toEqual([true]);
    }
  });

  it("a rare text is found by its index in any order, in everyone's tasks and in many of one's own", async () => {
    for (const orderBy of orders) {
      for (const name of ['everyone', 'heavy'] as const) {
        expectReads(await endsOf(name, { text: rare }, orderBy), [text]);
      }
    }
  });

  describe.each(Object.entries(filters))('by %s', (_title, filter) => {
    it.each(owners)('and in whatever order, nothing is read but by the tasks of %s, or by text', async (name) => {
      for (const orderBy of orders) {
        const [plan] = await plansOfPages(name, filter, orderBy, [{}], 'custom');
        for (const read of plan?.reads ?? []) expect(read, plan?.text).toMatch(/^tasks_(owner_id_\w+|text)_index$/);
      }
    });

    it("and in whatever order, everyone's tasks are not read as a whole", async () => {
      for (const orderBy of orders) {
        const [plan] = await plansOfPages('everyone', filter, orderBy, [{}], 'custom');
        for (const read of plan?.reads ?? []) expect(read, plan?.text).toMatch(/^tasks_\w+_index$/);
      }
    });
  });
});
