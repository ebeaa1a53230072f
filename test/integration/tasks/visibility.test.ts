import * as fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/database/database.ts';
import { newId, toGlobalId } from '../../../src/database/ids.ts';
import { BadUserInputError } from '../../../src/errors.ts';
import type { TaskFilter } from '../../../src/graphql/schema-types.ts';
import { containing } from '../../../src/lists/conditions.ts';
import type { TaskRow } from '../../../src/tasks/task.entity.ts';
import { ownersOfTasks, ownsTask } from '../../../src/tasks/task.ownership.ts';
import { findTask, listTasks } from '../../../src/tasks/task.service.ts';
import { testDatabases } from '../../support/database.ts';
import { type Account, addTask, addUser, later, start, viewerOf, written } from './fixtures.ts';

describe.each(testDatabases())('tasks on $name', ({ open }) => {
  let database: Database;
  let owner: Account;
  let other: Account;
  let admin: Account;
  let own: (TaskRow & { globalId: string })[];
  let theirs: TaskRow & { globalId: string };
  let adminsOwn: TaskRow & { globalId: string };
  beforeAll(async () => {
    database = await open();
    const em = database.fork();
    owner = await addUser(em);
    other = await addUser(em);
    admin = await addUser(em, { role: 'ADMIN' });
    own = [
      await addTask(em, owner, { title: 'Buy 100% milk', notes: 'secret word', status: 'TODO', priority: 'LOW' }),
      await addTask(em, owner, { title: 'buy_bread', description: 'a\\b', status: 'DONE', dueAt: later(1) }),
      await addTask(em, owner, { title: 'Sleep', description: 'MILKY way', status: 'IN_PROGRESS', dueAt: later(2) }),
    ];
    theirs = await addTask(em, other, { title: 'Theirs', notes: 'secret word', dueAt: later(1) });
    adminsOwn = await addTask(em, admin, { title: 'Of the admin' });
  });
  afterAll(() => database.close());

  const idsOf = (tasks: { id: string }[]) => tasks.map(({ id }) => id).sort();
  async function list(account: Account, filter: TaskFilter | null = null, ownerId?: string) {
    const page = await listTasks(database.fork(), account.viewer, { filter }, ownerId === undefined ? {} : { ownerId });
    expect(await page.totalCount()).toBe(page.nodes.length);
    return idsOf(page.nodes);
  }

  describe('looked up', () => {
    it('are found by their owner, complete', async () => {
      const { globalId, ...row } = theirs;
      expect(await findTask(database.fork(), other.viewer, globalId)).toEqual(written(row));
    });

    it("are found by a viewer with scope task:read:any, another's too", async () => {
      expect((await findTask(database.fork(), admin.viewer, theirs.globalId))?.id).toBe(theirs.id);
    });

    it("are null when another's, missing, malformed or of another type, alike", async () => {
      const account = owner.globalId;
      const ids = [
        theirs.globalId,
        toGlobalId('task', newId()),
        theirs.id,
        '',
        'task_',
        account,
        `${theirs.globalId}0`,
      ];
      for (const id of ids) expect(await findTask(database.fork(), owner.viewer, id)).toBeNull();
      expect(await findTask(database.fork(), null, theirs.globalId)).toBeNull();
    });

    it('are hidden from an ADMIN whose token lacks the scope', async () => {
      const narrow = { ...admin.viewer, scopes: ['task:read', 'task:write:any'] };
      expect(await findTask(database.fork(), narrow, theirs.globalId)).toBeNull();
      expect((await findTask(database.fork(), narrow, adminsOwn.globalId))?.id).toBe(adminsOwn.id);
    });
  });

  describe('listed', () => {
    it("are the viewer's own, an ADMIN's as well", async () => {
      expect(await list(owner)).toEqual(idsOf(own));
      expect(await list(admin)).toEqual([adminsOwn.id]);
      expect(await list(admin, { everyone: false })).toEqual([adminsOwn.id]);
    });

    it("are nobody's for nobody", async () => {
      const page = await listTasks(database.fork(), null, { filter: { everyone: true } });
      expect(page.nodes).toEqual([]);
      expect(await page.totalCount()).toBe(0);
    });

    it("are everyone's when asked for with the scope, and one's own without it", async () => {
      expect(await list(admin, { everyone: true })).toEqual(idsOf([...own, theirs, adminsOwn]));
      expect(await list(owner, { everyone: true })).toEqual(idsOf(own));
    });

    it("are another's when asked for with the scope, and none without it", async () => {
      expect(await list(admin, { ownerId: other.globalId })).toEqual([theirs.id]);
      expect(await list(owner, { ownerId: other.globalId })).toEqual([]);
      expect(await list(owner, { ownerId: other.globalId, everyone: true })).toEqual([]);
      expect(await list(owner, { ownerId: owner.globalId })).toEqual(idsOf(own));
    });

    it('are none for an owner id that names nobody', async () => {
      for (const ownerId of ['', 'nobody', other.id, theirs.globalId, toGlobalId('user', newId())]) {
        expect(await list(admin, { ownerId })).toEqual([]);
        expect(await list(admin, { ownerId, everyone: true })).toEqual([]);
      }
    });

    it('of an account are those of its tasks that the viewer may see', async () => {
      expect(await list(admin, null, other.id)).toEqual([theirs.id]);
      expect(await list(owner, null, other.id)).toEqual([]);
      expect(await list(owner, null, owner.id)).toEqual(idsOf(own));
    });

    it('of an account stay its own, whatever the filter says of owners', async () => {
      expect(await list(admin, { everyone: true }, other.id)).toEqual([theirs.id]);
      expect(await list(owner, { everyone: true }, other.id)).toEqual([]);
      expect(await list(admin, { ownerId: owner.globalId }, other.id)).toEqual([]);
      expect(await list(admin, { ownerId: other.globalId }, other.id)).toEqual([theirs.id]);
    });

    it('have one of the statuses and one of the priorities', async () => {
      expect(await list(owner, { status: ['TODO', 'DONE', 'TODO'] })).toEqual(idsOf([own[0]!, own[1]!]));
      expect(await list(owner, { priority: ['LOW'] })).toEqual(idsOf([own[0]!]));
      expect(await list(owner, { status: ['DONE'], priority: ['LOW'] })).toEqual([]);
    });

    it('have one of the priorities in their order too, whichever are asked for', async () => {
      const someone = await addUser(database.fork());
      const priorities = ['LOW', 'NORMAL', 'HIGH', 'URGENT'] as const;
      for (const priority of [...priorities, ...priorities]) await addTask(database.fork(), someone, { priority });
      for (let chosen = 0; chosen < 2 ** priorities.length; chosen++) {
        const priority = priorities.filter((_, place) => chosen & (1 << place));
        const orderBy = { field: 'PRIORITY', direction: 'ASC' } as const;
        const page = await listTasks(database.fork(), someone.viewer, { filter: { priority }, orderBy });
        expect(page.nodes.map((task) => task.priority)).toEqual(priority.flatMap((each) => [each, each]));
        expect(await page.totalCount()).toBe(2 * priority.length);
      }
    });

    it('are none for an empty list of statuses or priorities, and all for null', async () => {
      expect(await list(owner, { status: [] })).toEqual([]);
      expect(await list(owner, { priority: [] })).toEqual([]);
      expect(await list(owner, { status: null, priority: null, dueAfter: null, text: null })).toEqual(idsOf(own));
    });

    it('are due from a moment on, up to before another; without a date, never', async () => {
      expect(await list(owner, { dueAfter: later(1) })).toEqual(idsOf([own[1]!, own[2]!]));
      expect(await list(owner, { dueAfter: later(2) })).toEqual(idsOf([own[2]!]));
      expect(await list(owner, { dueBefore: later(2) })).toEqual(idsOf([own[1]!]));
      expect(await list(owner, { dueBefore: later(1) })).toEqual([]);
      expect(await list(owner, { dueAfter: later(1), dueBefore: later(2) })).toEqual(idsOf([own[1]!]));
    });

    it('are served for moments beyond what can be stored', async () => {
      const [dated, year0, farFuture] = [idsOf([own[1]!, own[2]!]), new Date(-62167219200000), new Date(8.64e15)];
      expect(await list(owner, { dueAfter: year0 })).toEqual(dated);
      expect(await list(owner, { dueBefore: farFuture })).toEqual(dated);
      expect(await list(owner, { dueAfter: farFuture })).toEqual([]);
      expect(await list(owner, { dueBefore: year0 })).toEqual([]);
    });

    it('contain the text in title or description, whatever the case, and as it stands', async () => {
      expect(await list(owner, { text: 'mIlK' })).toEqual(idsOf([own[0]!, own[2]!]));
      expect(await list(owner, { text: '%' })).toEqual(idsOf([own[0]!]));
      expect(await list(owner, { text: '_' })).toEqual(idsOf([own[1]!]));
      expect(await list(owner, { text: 'a\\b' })).toEqual(idsOf([own[1]!]));
      expect(await list(owner, { text: 'buy%' })).toEqual([]);
    });

    it('are never found by their notes, not even by their owner', async () => {
      expect(await list(owner, { text: 'secret' })).toEqual([]);
      expect(await list(admin, { text: 'secret', everyone: true })).toEqual([]);
    });

    it.each(['', 'x'.repeat(101), '😀'.repeat(101), 'a\0b', '\ud800'])('refuse the text %j', async (text) => {
      await expect(list(owner, { text })).rejects.toThrow(BadUserInputError);
    });

    it.each(['x'.repeat(100), '😀'.repeat(100)])('take 100 characters of text (%#)', async (text) => {
      expect(await list(owner, { text })).toEqual([]);
    });
  });

  it('are matched by text exactly as text contains text', async () => {
    const text = fc.string({ unit: fc.constantFrom('%', '_', '\\', 'a', '😀', "'"), maxLength: 8 });
    const em = database.fork().getKysely();
    await fc.assert(
      fc.asyncProperty(text, text, async (whole, part) => {
        const { rows } = await sql<{ found: boolean }>`select ${whole} ilike ${containing(part)} as found`.execute(em);
        expect(rows[0]?.found).toBe(whole.includes(part));
      }),
      { numRuns: 200 },
    );
  });

  describe('have owners', () => {
    it('told in the order asked for, null for an id that names no task', async () => {
      const em = database.fork();
      const missing = toGlobalId('task', newId());
      const ids = [theirs.globalId, missing, own[0]!.globalId, 'x', theirs.globalId, owner.globalId, theirs.id];
      expect(await ownersOfTasks(ids, { em })).toEqual([other.id, null, owner.id, null, other.id, null, null]);
      expect(await ownersOfTasks(['x'], { em })).toEqual([null]);
      expect(await ownersOfTasks([], { em })).toEqual([]);
    });

    it('and the policy ownsTask allows nobody else', async () => {
      const em = database.fork();
      const decide = (viewer: Account['viewer'] | null, id: string) =>
        ownsTask(null, { input: { id } }, { em, viewer });
      expect(await decide(other.viewer, theirs.globalId)).toBe(true);
      expect(await decide(owner.viewer, theirs.globalId)).toBe(false);
      expect(await decide(admin.viewer, theirs.globalId)).toBe(false);
      expect(await decide(null, theirs.globalId)).toBe(false);
      for (const id of ['', 'task_1', theirs.globalId.toUpperCase(), toGlobalId('task', newId())]) {
        expect(await decide(other.viewer, id)).toBe(false);
      }
      expect(await ownsTask(null, {}, { em, viewer: viewerOf(other.id) })).toBe(false);
    });
  });

  it('keep the moment they are due at to the millisecond', async () => {
    const task = await addTask(database.fork(), other, { dueAt: later(123), completedAt: start });
    const found = await findTask(database.fork(), other.viewer, task.globalId);
    expect(found).toMatchObject(written({ dueAt: later(123), completedAt: start, createdAt: start }));
  });
});
