import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/database/database.ts';
import { fromGlobalId, newId, toGlobalId } from '../../../src/database/ids.ts';
import { CodedError } from '../../../src/errors.ts';
import type { CreateTaskInput, UpdateTaskInput } from '../../../src/graphql/schema-types.ts';
import { createTask, deleteTask, findTask, updateTask } from '../../../src/tasks/task.service.ts';
import type { Viewer } from '../../../src/users/viewer.ts';
import { testDatabases } from '../../support/database.ts';
import { type Account, addTask, addUser, later, start, storedTask, written } from './fixtures.ts';

const missing = toGlobalId('task', newId());

describe.each(testDatabases())('on $name, a task', ({ open }) => {
  let database: Database;
  let owner: Account;
  let other: Account;
  let admin: Account;
  beforeAll(async () => {
    database = await open();
    owner = await addUser(database.fork());
    other = await addUser(database.fork());
    admin = await addUser(database.fork(), { role: 'ADMIN' });
  });
  afterAll(() => database.close());

  const create = (input: CreateTaskInput, viewer: Viewer | null = owner.viewer) =>
    createTask(database.fork(), viewer, input, start);
  const update = (input: UpdateTaskInput, viewer: Viewer | null = owner.viewer, now = later(1000)) =>
    updateTask(database.fork(), viewer, input, now);
  const remove = (id: string, viewer: Viewer | null = owner.viewer) => deleteTask(database.fork(), viewer, { id });
  const add = (changes: Parameters<typeof addTask>[2] = {}) => addTask(database.fork(), owner, changes);
  const refusalOf = (work: Promise<unknown>) =>
    work.then(
      () => null,
      (error: unknown) => error,
    );
  const codesOf = (errors: { path: string[]; code: string }[]) =>
    errors.map(({ path, code }) => `${path.join('.')} ${code}`);

  describe('that is new', () => {
    it("is the viewer's, with what was left out filled in", async () => {
      const { task, errors } = await create({ title: '  A title \n' });
      expect(errors).toEqual([]);
      const expected = written({
        ownerId: owner.id,
        title: 'A title',
        description: null,
        notes: null,
        status: 'TODO',
        priority: 'NORMAL',
        dueAt: null,
        completedAt: null,
        version: 1,
        createdAt: start,
        updatedAt: start,
      });
      expect(task).toMatchObject(expected);
      expect(await findTask(database.fork(), owner.viewer, toGlobalId('task', task?.id ?? ''))).toEqual(task);
    });

    it('keeps all that it is given', async () => {
      const given = {
        title: '😀'.repeat(200),
        description: 'd'.repeat(10_000),
        notes: '',
        status: 'DONE',
        priority: 'URGENT',
        dueAt: new Date('9999-12-31T23:59:59.999Z'),
      } as const;
      const { task } = await create(given);
      expect(task).toMatchObject(written({ ...given, completedAt: start }));
      expect(await findTask(database.fork(), owner.viewer, toGlobalId('task', task?.id ?? ''))).toEqual(task);
    });

    it('is due when it was said to be, wherever the process runs', async () => {
      const { TZ } = process.env;
      // Its offset was not a whole number of minutes until 1937.
      process.env.TZ = 'Europe/Amsterdam';
      try {
        const dueAt = new Date('1880-06-01T12:00:00.000Z');
        const { task } = await create({ title: 'A title', dueAt });
        expect(task).toMatchObject({ dueAt: dueAt.toISOString() });
      } finally {
        if (TZ === undefined) delete process.env.TZ;
        else process.env.TZ = TZ;
      }
    });

    it('takes no field that clients do not have', async () => {
      const forged = {
        title: 'Forged',
        ownerId: other.id,
        owner: other.id,
        version: 7,
        id: newId(),
        createdAt: later(9),
      };
      const { task } = await create(forged);
      expect(task).toMatchObject(written({ ownerId: owner.id, version: 1, createdAt: start }));
      expect(task?.id).not.toBe(forged.id);
    });

    it('is not made when anything is wrong, and all of it is told at once', async () => {
      const before = await database.fork().execute('select count(*) from tasks');
      const { task, errors } = await create({
        title: '\u00a0 ',
        description: 'x'.repeat(10_001),
        notes: 'a\0b',
        dueAt: new Date('0999-12-31T23:59:59.999Z'),
      });
      expect(task).toBeNull();
      expect(codesOf(errors)).toEqual([
        'input.title TOO_SHORT',
        'input.description TOO_LONG',
        'input.notes INVALID',
        'input.dueAt INVALID',
      ]);
      expect(await database.fork().execute('select count(*) from tasks')).toEqual(before);
    });

    it('cannot be created by a stranger', async () => {
      expect(await refusalOf(create({ title: 'A title' }, null))).toMatchObject({
        code: 'UNAUTHENTICATED',
        extensions: { requires: { scopes: [['task:write']], roles: [], policies: [] } },
      });
    });
  });

  describe('that is changed', () => {
    it('keeps what is left out, and counts the change', async () => {
      const { globalId, ...task } = await add({ description: 'd', notes: 'n', dueAt: later(5), priority: 'HIGH' });
      const changed = await update({ id: globalId, title: ' Another ' });
      expect(changed).toMatchObject({ errors: [] });
      const expected = { ...task, title: 'Another', version: 2, updatedAt: later(1000) };
      expect(changed.task).toMatchObject(expected);
      expect(await findTask(database.fork(), owner.viewer, globalId)).toEqual(written(expected));
    });

    it('is emptied by null where it can be empty', async () => {
      const { globalId, id } = await add({ description: 'd', notes: 'n', dueAt: later(5) });
      const { task } = await update({ id: globalId, description: null, notes: null, dueAt: null });
      expect(task).toMatchObject({ description: null, notes: null, dueAt: null, version: 2 });
      expect(await storedTask(database, id)).toMatchObject({ description: null, notes: null, dueAt: null, version: 2 });
    });

    it('is not emptied where it cannot be empty', async () => {
      const { globalId, id } = await add();
      const { task, errors } = await update({ id: globalId, title: null, status: null, priority: null });
      expect(task).toBeNull();
      expect(codesOf(errors)).toEqual(['input.title INVALID', 'input.status INVALID', 'input.priority INVALID']);
      expect(await storedTask(database, id)).toMatchObject({ version: 1 });
    });

    it('keeps its version and its date when nothing is different', async () => {
      const { globalId, ...task } = await add({
        description: 'd',
        dueAt: later(5),
        status: 'DONE',
        completedAt: start,
      });
      const same = { title: ' A title', description: 'd', notes: null, status: 'DONE', dueAt: later(5) } as const;
      expect((await update({ id: globalId, ...same })).task).toMatchObject(task);
      expect((await update({ id: globalId })).task).toMatchObject(task);
      expect(await findTask(database.fork(), owner.viewer, globalId)).toEqual(written(task));
    });

    it('is completed when it becomes DONE, until it is no longer', async () => {
      const { globalId: id } = await add();
      expect((await update({ id, status: 'DONE' })).task).toMatchObject({ completedAt: later(1000), version: 2 });
      expect((await update({ id, status: 'DONE', title: 'Else' }, owner.viewer, later(2000))).task).toMatchObject({
        completedAt: later(1000),
        updatedAt: later(2000),
        version: 3,
      });
      expect((await update({ id, status: 'IN_PROGRESS' })).task).toMatchObject({ completedAt: null, version: 4 });
    });

    it('takes no field that clients do not have', async () => {
      const { globalId, ...task } = await add();
      const forged = { id: globalId, ownerId: other.id, version: 7, createdAt: later(9), completedAt: later(9) };
      expect((await update(forged)).task).toMatchObject(task);
      expect(await findTask(database.fork(), owner.viewer, globalId)).toEqual(written(task));
    });

    it('is changed at the version that is expected, and no other', async () => {
      const { globalId, id } = await add();
      for (const expectedVersion of [0, 2, -1, 2 ** 31 - 1]) {
        const { task, errors } = await update({ id: globalId, title: 'Else', expectedVersion });
        expect(task).toBeNull();
        expect(codesOf(errors)).toEqual(['input.expectedVersion CONFLICT']);
      }
      expect(await storedTask(database, id)).toMatchObject({ title: 'A title', version: 1, updatedAt: start });
      expect((await update({ id: globalId, title: 'Else', expectedVersion: 1 })).task?.version).toBe(2);
      expect((await update({ id: globalId, title: 'More', expectedVersion: null })).task?.version).toBe(3);
    });

    it('is changed once, of many who expect the same version at once', async () => {
      const { globalId, id } = await add();
      const changes = await Promise.all(
        Array.from({ length: 8 }, (_, i) => update({ id: globalId, title: `Title ${i}`, expectedVersion: 1 })),
      );
      const won = changes.filter(({ task }) => task !== null);
      expect(won).toHaveLength(1);
      expect(changes.flatMap(({ errors }) => codesOf(errors))).toEqual(Array(7).fill('input.expectedVersion CONFLICT'));
      expect(await storedTask(database, id)).toMatchObject({ title: won[0]?.task?.title, version: 2 });
    });

    it('loses no change of many that expect no version', async () => {
      const { globalId, id } = await add();
      await Promise.all(Array.from({ length: 8 }, (_, i) => update({ id: globalId, title: `Title ${i}` })));
      expect((await storedTask(database, id))?.version).toBe(9);
    });

    it('is what the same request reads after it', async () => {
      const { globalId: id } = await add();
      const em = database.fork();
      await updateTask(em, owner.viewer, { id, title: 'First' }, later(1));
      await update({ id, title: 'Between' });
      const { task } = await updateTask(em, owner.viewer, { id, description: 'd' }, later(2));
      expect(task).toMatchObject({ title: 'Between', description: 'd', version: 4 });
      expect(await findTask(em, owner.viewer, id)).toMatchObject({ title: 'Between', version: 4 });
    });
  });

  describe("that is another's", () => {
    it('is changed and deleted with scope task:write:any', async () => {
      const { globalId, id } = await add({ notes: 'n' });
      expect((await update({ id: globalId, title: 'Moderated' }, admin.viewer)).task).toMatchObject({
        title: 'Moderated',
        notes: 'n',
        ownerId: owner.id,
      });
      expect(await remove(globalId, admin.viewer)).toEqual({ deletedTaskId: globalId, errors: [] });
      expect(await storedTask(database, id)).toBeNull();
    });

    it('is neither changed nor deleted without it, and is denied exactly as a missing one', async () => {
      const { globalId, id } = await add();
      const narrow = { ...admin.viewer, scopes: ['task:read', 'task:write', 'task:read:any'] };
      for (const viewer of [other.viewer, narrow, null]) {
        for (const change of [
          (task: string) => update({ id: task, title: 'Mine' }, viewer),
          (task: string) => remove(task, viewer),
        ]) {
          const [denied, ...alike] = await Promise.all(
            [globalId, missing, 'x', id, other.globalId].map((task) => refusalOf(change(task))),
          );
          expect(denied).toBeInstanceOf(CodedError);
          expect(denied).toMatchObject({ code: 'FORBIDDEN' });
          for (const error of alike) {
            expect(error).toMatchObject({
              code: 'FORBIDDEN',
              message: (denied as CodedError).message,
              extensions: (denied as CodedError).extensions,
            });
          }
        }
      }
      expect(await storedTask(database, id)).toMatchObject({ title: 'A title', version: 1 });
    });

    it('is denied before its input is looked at', async () => {
      const { globalId } = await add();
      expect(await refusalOf(update({ id: globalId, title: '', expectedVersion: 9 }, other.viewer))).toMatchObject({
        code: 'FORBIDDEN',
      });
    });

    it('has private notes that no scope can set, not even to null', async () => {
      const { globalId, id } = await add({ notes: 'n' });
      for (const notes of ['read me', '', null]) {
        expect(await refusalOf(update({ id: globalId, title: 'Else', notes }, admin.viewer))).toMatchObject({
          code: 'FORBIDDEN',
        });
      }
      expect(await storedTask(database, id)).toMatchObject({ title: 'A title', notes: 'n', version: 1 });
      expect((await update({ id: globalId, notes: 'mine' })).task?.notes).toBe('mine');
    });

    it('is denied when it changes hands between the check and the lock', async () => {
      for (const change of [(id: string) => update({ id, title: 'Mine' }), (id: string) => remove(id)]) {
        const { globalId, id } = await add();
        let attempt: Promise<unknown> = Promise.resolve();
        await database.fork().transactional(async (tx) => {
          await tx.execute('update tasks set owner_id = ? where id = ?', [other.id, id]);
          attempt = refusalOf(change(globalId));
          // Long enough to reach the lock. The outcome does not depend on it.
          await new Promise((resolve) => setTimeout(resolve, 50));
        });
        expect(await attempt).toMatchObject({ code: 'FORBIDDEN' });
        expect(await storedTask(database, id)).toMatchObject({ title: 'A title', ownerId: other.id, version: 1 });
      }
    });
  });

  describe('that is deleted', () => {
    it('is gone, and denied to its former owner from then on', async () => {
      const { globalId, id } = await add();
      const kept = await add();
      expect(await remove(globalId)).toEqual({ deletedTaskId: globalId, errors: [] });
      expect(await storedTask(database, id)).toBeNull();
      expect(await storedTask(database, kept.id)).not.toBeNull();
      expect(await refusalOf(remove(globalId))).toMatchObject({ code: 'FORBIDDEN' });
    });

    it('is deleted once, of many who try at once', async () => {
      const { globalId } = await add();
      const outcomes = await Promise.all([1, 2, 3, 4].map(() => remove(globalId, admin.viewer)));
      expect(outcomes.filter(({ deletedTaskId }) => deletedTaskId === globalId)).toHaveLength(1);
      expect(outcomes.flatMap(({ errors }) => codesOf(errors))).toEqual(Array(3).fill('input.id NOT_FOUND'));
    });
  });

  it('that is missing is told to be so to a viewer with scope task:write:any', async () => {
    for (const id of [missing, 'x', fromGlobalId('task', missing) ?? '', owner.globalId]) {
      expect(codesOf((await update({ id, title: 'Else' }, admin.viewer)).errors)).toEqual(['input.id NOT_FOUND']);
      expect(codesOf((await remove(id, admin.viewer)).errors)).toEqual(['input.id NOT_FOUND']);
    }
  });
});
