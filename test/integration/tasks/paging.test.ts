import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/database/database.ts';
import { BadUserInputError } from '../../../src/errors.ts';
import type { OrderDirection, TaskOrderField } from '../../../src/graphql/schema-types.ts';
import { Task } from '../../../src/tasks/task.entity.ts';
import { listTasks } from '../../../src/tasks/task.service.ts';
import { testDatabases } from '../../support/database.ts';
import { type Account, addTask, addUser, later, statementsOf, walk } from './fixtures.ts';

const fields: TaskOrderField[] = ['CREATED_AT', 'UPDATED_AT', 'DUE_AT', 'PRIORITY', 'TITLE'];
const directions: OrderDirection[] = ['ASC', 'DESC'];
const orders = fields.flatMap((field) => directions.map((direction) => ({ field, direction })));
const expressions = {
  CREATED_AT: 'created_at',
  UPDATED_AT: 'updated_at',
  DUE_AT: "coalesce(due_at, 'infinity')",
  PRIORITY: 'priority',
  TITLE: 'lower(title)',
};
const titles = ['b', 'B', 'a', 'Ä', 'ß', '', '"quoted"', '日本', '%_\\', 'a\u0001', '😀', 'z'.repeat(200)];
const priorities = ['LOW', 'NORMAL', 'HIGH', 'URGENT'] as const;

interface Range {
  /** The positions of `after` and `before` in the whole list. */
  from: number | null;
  to: number | null;
  size: number;
  isBackward: boolean;
}

/**
 * A page by the Relay specification ("Pagination algorithm"), of rows at these positions. It knows of rows beyond a
 * cursor, as a server may. If two cursors leave no row, it does not.
 */
function pageOf(rows: readonly number[], { from, to, size, isBackward }: Range) {
  const between = rows.filter((row) => (from === null || row > from) && (to === null || row < to));
  const positions = isBackward ? between.slice(-size) : between.slice(0, size);
  const isCut = between.length > size;
  const isNothing = between.length === 0 && from !== null && to !== null;
  const isBeyond =
    !isNothing && rows.some((row) => (isBackward ? to !== null && row >= to : from !== null && row <= from));
  const [hasPreviousPage, hasNextPage] = isBackward ? [isCut, isBeyond] : [isBeyond, isCut];
  return { positions, hasPreviousPage, hasNextPage };
}

describe.each(testDatabases())('pages of tasks on $name', ({ open }) => {
  let database: Database;
  let owner: Account;
  let other: Account;
  beforeAll(async () => {
    database = await open();
    const em = database.fork();
    owner = await addUser(em);
    other = await addUser(em);
    for (let i = 0; i < 12; i++) {
      // Few values, so that each occurs several times.
      await addTask(em, i % 4 === 3 ? other : owner, {
        title: titles[i] || 'b',
        priority: priorities[i % 3],
        dueAt: i % 3 === 0 ? null : later(1000 * (i % 4)),
        createdAt: later(i % 2),
        updatedAt: later(i % 5),
      });
    }
  });
  afterAll(() => database.close());

  async function idsOf(owners: readonly Account[], { field, direction }: (typeof orders)[number]) {
    const rows = await database.fork().execute<{ id: string }[]>(
      `select id from tasks where owner_id in (${owners.map(() => '?').join()})
          order by ${expressions[field]} ${direction}, id ${direction}`,
      owners.map(({ id }) => id),
    );
    return rows.map(({ id }) => id);
  }
  async function expectedIds(by: (typeof orders)[number]) {
    return await idsOf([owner], by);
  }

  describe.each(orders)('by $field $direction', (orderBy) => {
    it.each(['forward', 'backward'] as const)(
      'give the whole list in its order, %s, whatever their size',
      async (direction) => {
        const expected = await expectedIds(orderBy);
        expect(expected).toHaveLength(9);
        for (let size = 1; size <= 10; size++) {
          const rows = await walk(direction, size, (page) =>
            listTasks(database.fork(), owner.viewer, { orderBy, ...page }),
          );
          expect(rows.map(({ id }) => id)).toEqual(expected);
        }
      },
    );
  });

  const list = (args: Parameters<typeof listTasks>[2]) => listTasks(database.fork(), owner.viewer, args);
  const orderBy = { field: 'TITLE', direction: 'ASC' } as const;

  it('are the newest first, 20 at most, when nothing is said', async () => {
    const page = await list({});
    expect(page.nodes.map(({ id }) => id)).toEqual(await expectedIds({ field: 'CREATED_AT', direction: 'DESC' }));
    expect(page.edges.map(({ node }) => node)).toEqual(page.nodes);
    const busy = await addUser(database.fork());
    for (let i = 0; i < 21; i++) await addTask(database.fork(), busy);
    const full = await listTasks(database.fork(), busy.viewer, {});
    expect(full.nodes).toHaveLength(20);
    expect(full.pageInfo.hasNextPage).toBe(true);
    expect(await full.totalCount()).toBe(21);
  });

  it('lie strictly between two cursors, and say what is left between them', async () => {
    const all = await list({ orderBy });
    const cursors = all.edges.map(({ cursor }) => cursor);
    const ids = all.nodes.map(({ id }) => id);
    const between = { orderBy, after: cursors[1], before: cursors[7] };
    for (const [args, expected, hasPreviousPage, hasNextPage] of [
      [{ first: 3 }, ids.slice(2, 5), true, true],
      [{ first: 9 }, ids.slice(2, 7), true, false],
      [{ last: 3 }, ids.slice(4, 7), true, true],
      [{ last: 9 }, ids.slice(2, 7), false, true],
    ] as const) {
      const page = await list({ ...between, ...args });
      expect(page.nodes.map(({ id }) => id)).toEqual(expected);
      expect(page.pageInfo).toMatchObject({ hasPreviousPage, hasNextPage });
    }
  });

  it('when empty, know what lies behind their one cursor, and nothing more', async () => {
    const { edges } = await list({ orderBy });
    const [first, second, last] = [edges.at(0)?.cursor, edges.at(1)?.cursor, edges.at(-1)?.cursor];
    const infoOf = async (page: object) => (await list({ orderBy, ...page })).pageInfo;
    const empty = { startCursor: null, endCursor: null, hasPreviousPage: false, hasNextPage: false };
    expect(await infoOf({ first: 1, after: last })).toEqual({ ...empty, hasPreviousPage: true });
    expect(await infoOf({ last: 1, before: first })).toEqual({ ...empty, hasNextPage: true });
    expect(await infoOf({ first: 1, before: first })).toEqual(empty);
    expect(await infoOf({ last: 1, after: last })).toEqual(empty);
    // Neighbours, the same cursor twice, and cursors in the wrong order.
    for (const [after, before] of [
      [first, second],
      [first, first],
      [second, first],
      [last, first],
    ]) {
      expect(await infoOf({ first: 1, after, before })).toEqual(empty);
      expect(await infoOf({ last: 1, after, before })).toEqual(empty);
    }
    expect(await infoOf({ filter: { text: 'nowhere' }, after: last })).toEqual(empty);
  });

  describe.each(orders)('between any two cursors, by $field $direction', (by) => {
    it('are what the Relay specification says', async () => {
      const own = await listTasks(database.fork(), owner.viewer, { orderBy: by });
      const others = await listTasks(database.fork(), other.viewer, { orderBy: by });
      const cursors = new Map([...own.edges, ...others.edges].map(({ node, cursor }) => [node.id, cursor]));
      // Includes another's rows, so that cursors also stand where the viewer has no row.
      const all = await idsOf([owner, other], by);
      const mine = all.flatMap((id, position) => (own.nodes.some((node) => node.id === id) ? [position] : []));
      expect([mine.length, all.length]).toEqual([9, 12]);
      const place = fc.option(fc.nat(all.length - 1));
      await fc.assert(
        fc.asyncProperty(
          place,
          place,
          fc.integer({ min: 1, max: 12 }),
          fc.boolean(),
          async (from, to, size, isBackward) => {
            const cursorAt = (position: number | null) => position !== null && cursors.get(all[position] as string);
            const { nodes, pageInfo } = await list({
              orderBy: by,
              ...{ after: cursorAt(from) || null, before: cursorAt(to) || null },
              ...(isBackward ? { last: size } : { first: size }),
            });
            const expected = pageOf(mine, { from, to, size, isBackward });
            expect(nodes.map(({ id }) => id)).toEqual(expected.positions.map((position) => all[position]));
            const [start, end] = [expected.positions.at(0) ?? null, expected.positions.at(-1) ?? null];
            expect(pageInfo).toEqual({
              ...{ hasPreviousPage: expected.hasPreviousPage, hasNextPage: expected.hasNextPage },
              ...{ startCursor: cursorAt(start) || null, endCursor: cursorAt(end) || null },
            });
          },
        ),
        {
          numRuns: 50,
          examples: [
            [8, 2, 3, false],
            [8, 2, 3, true],
            [2, 5, 12, false],
            [2, 5, 12, true],
          ],
        },
      );
    });
  });

  it.each([
    [{ first: 1, last: 1 }, 'not both'],
    [{ first: 0 }, '1 to 100'],
    [{ first: -1 }, '1 to 100'],
    [{ first: 101 }, '1 to 100'],
    [{ last: 0 }, '1 to 100'],
    [{ last: 101 }, '1 to 100'],
    [{ first: 2 ** 31 - 1 }, '1 to 100'],
    [{ after: '' }, '`after`'],
    [{ before: 'null' }, '`before`'],
  ])('of %o are refused, and say what to do', async (args, message) => {
    const refusal = await list(args).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(BadUserInputError);
    expect((refusal as Error).message).toContain(message);
  });

  it.each([{ first: 1 }, { first: 100 }, { last: 1 }, { last: 100 }, { first: null, last: 5, after: null }])(
    'of %o are served',
    async (args) => {
      expect((await list(args)).nodes.length).toBeGreaterThan(0);
    },
  );

  it('refuse a cursor of another order or direction', async () => {
    const { edges } = await list({ orderBy });
    const after = edges[0]?.cursor;
    await expect(list({ orderBy: { field: 'TITLE', direction: 'DESC' }, after })).rejects.toThrow(BadUserInputError);
    await expect(list({ orderBy: { field: 'PRIORITY', direction: 'ASC' }, after })).rejects.toThrow(BadUserInputError);
    expect((await list({ orderBy, after })).nodes).toHaveLength(8);
  });

  it('take any cursor at all without a fault of the server', async () => {
    const id = '01a200a2-bc36-7dd8-864b-3209b3cc53ef';
    const encode = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64url');
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('infinity', '-infinity', 'LOW', 'low', '\0', 'a\0b', '\ud800', "'; drop table tasks", 'NaN'),
      fc.double(),
      fc.maxSafeInteger(),
      fc.jsonValue(),
    );
    const cursor = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.base64String(),
      fc.jsonValue().map(encode),
      fc
        .tuple(
          fc.constantFrom(...fields),
          fc.constantFrom(...directions),
          value,
          fc.oneof(fc.constant(id), fc.string()),
        )
        .map(encode),
    );
    await fc.assert(
      fc.asyncProperty(cursor, fc.constantFrom(...orders), fc.boolean(), async (given, by, isAfter) => {
        const page = await list({ orderBy: by, [isAfter ? 'after' : 'before']: given }).catch(
          (error: unknown) => error,
        );
        if (page instanceof Error) expect(page).toBeInstanceOf(BadUserInputError);
        else
          expect((page as Awaited<ReturnType<typeof list>>).nodes.every((task) => task.ownerId === owner.id)).toBe(
            true,
          );
      }),
      { numRuns: 300 },
    );
  });

  it('never show what another owns, wherever a cursor is forged to stand', async () => {
    for (const by of orders) {
      const theirs = await listTasks(database.fork(), other.viewer, { orderBy: by });
      expect(theirs.edges).toHaveLength(3);
      const own = new Set(await expectedIds(by));
      for (const { cursor } of theirs.edges) {
        const after = await list({ orderBy: by, after: cursor });
        const before = await list({ orderBy: by, before: cursor });
        expect([...before.nodes, ...after.nodes].map(({ id }) => id)).toEqual([...own]);
        expect(await after.totalCount()).toBe(own.size);
        expect(after.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: before.nodes.length > 0 });
      }
    }
  });

  it('know what lies behind a cursor whose row has gone or moved', async () => {
    const someone = await addUser(database.fork());
    const tasks = [];
    for (const title of ['a', 'b', 'c', 'd', 'e']) tasks.push(await addTask(database.fork(), someone, { title }));
    const read = async (page: object) => {
      const { nodes, pageInfo } = await listTasks(database.fork(), someone.viewer, { orderBy, ...page });
      const { hasPreviousPage, hasNextPage } = pageInfo;
      return [nodes.map(({ title }) => title).join(''), hasPreviousPage, hasNextPage];
    };
    const { edges } = await listTasks(database.fork(), someone.viewer, { orderBy });
    const [a, b, c, , e] = edges.map(({ cursor }) => cursor);
    expect(await read({ first: 2, after: b })).toEqual(['cd', true, true]);
    expect(await read({ first: 2, after: c, before: c })).toEqual(['', false, false]);
    expect(await read({ last: 1, after: a, before: e })).toEqual(['d', true, true]);

    await database.fork().nativeDelete(Task, { id: tasks[1]?.id });
    await database.fork().nativeUpdate(Task, { id: tasks[0]?.id }, { title: 'f' });
    // The list is now c d e f; the cursors stand where a and b were.
    expect(await read({ first: 2, after: a })).toEqual(['cd', false, true]);
    expect(await read({ first: 9, after: b })).toEqual(['cdef', false, false]);
    expect(await read({ last: 9, before: b })).toEqual(['', false, true]);
    expect(await read({ last: 1, after: b, before: e })).toEqual(['d', true, true]);
    expect(await read({ last: 2, after: b, before: e })).toEqual(['cd', false, true]);
  });

  it('take one statement, and count only when asked', async () => {
    const { edges } = await list({ orderBy });
    const cursor = edges[3]?.cursor;
    expect(await statementsOf(database, () => list({ orderBy }))).toHaveLength(1);
    expect(await statementsOf(database, () => list({ orderBy, after: cursor }))).toHaveLength(1);
    expect(await statementsOf(database, () => list({ orderBy, last: 3, before: cursor }))).toHaveLength(1);
    expect(await statementsOf(database, async () => (await list({ orderBy })).totalCount())).toHaveLength(2);
  });
});
