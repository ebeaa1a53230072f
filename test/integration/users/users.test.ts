import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/database/database.ts';
import { newId, toGlobalId } from '../../../src/database/ids.ts';
import { BadUserInputError } from '../../../src/errors.ts';
import type { QueryUsersArgs } from '../../../src/graphql/schema-types.ts';
import { ownersOfUsers } from '../../../src/users/user.ownership.ts';
import { findUser, findViewer, listUsers, loadOwner } from '../../../src/users/user.service.ts';
import { testDatabases } from '../../support/database.ts';
import { type Account, addUser, later, viewerOf, walk } from '../tasks/fixtures.ts';

describe.each(testDatabases())('accounts on $name', ({ open }) => {
  let database: Database;
  let admin: Account;
  let ada: Account;
  let bob: Account;
  let eve: Account;
  beforeAll(async () => {
    database = await open();
    const em = database.fork();
    admin = await addUser(em, { username: 'root', displayName: 'The 100% Admin', role: 'ADMIN', createdAt: later(1) });
    ada = await addUser(em, { username: 'Ada_L', displayName: 'Countess', createdAt: later(3) });
    bob = await addUser(em, { username: 'bob', displayName: 'Bob the ADAmant', createdAt: later(2) });
    eve = await addUser(em, { username: 'Eve', displayName: 'E', isActive: false, createdAt: later(2) });
  });
  afterAll(() => database.close());

  const missing = toGlobalId('user', newId());

  describe('that hold a row', () => {
    it('are found for it', async () => {
      const em = database.fork();
      expect(await Promise.all([bob.id, eve.id, bob.id].map((id) => loadOwner(em, id)))).toMatchObject([
        { username: 'bob' },
        { username: 'Eve' },
        { username: 'bob' },
      ]);
    });

    it('may be gone since it was read, which is no fault, and no fault of the others', async () => {
      const em = database.fork();
      const [gone, there] = await Promise.allSettled([loadOwner(em, newId()), loadOwner(em, bob.id)]);
      expect(gone).toMatchObject({ status: 'rejected', reason: { code: 'CONFLICT' } });
      expect(there).toMatchObject({ status: 'fulfilled', value: { username: 'bob' } });
    });
  });

  describe('looked up', () => {
    it("are found when one's own, without the hash of the password", async () => {
      expect(await findUser(database.fork(), ada.viewer, ada.globalId)).toEqual({
        id: ada.id,
        username: 'Ada_L',
        displayName: 'Countess',
        email: `${ada.id}@example.com`,
        role: 'USER',
        isActive: true,
        createdAt: later(3).toISOString(),
      });
    });

    it('are all found by an ADMIN with scope user:read:any', async () => {
      expect((await findUser(database.fork(), admin.viewer, ada.globalId))?.username).toBe('Ada_L');
    });

    it("are null when another's, missing, malformed or of another type, alike", async () => {
      const noScope = { ...admin.viewer, scopes: ['user:read'] };
      const noRole = { ...admin.viewer, roles: ['USER'] as const };
      for (const viewer of [bob.viewer, noScope, noRole, null]) {
        for (const id of [ada.globalId, missing, ada.id, '', 'user_', toGlobalId('task', ada.id)]) {
          expect(await findUser(database.fork(), viewer, id)).toBeNull();
        }
      }
      expect(await findUser(database.fork(), admin.viewer, missing)).toBeNull();
    });

    it('are one’s own for every viewer who asks for `me`', async () => {
      expect((await findViewer(database.fork(), bob.viewer)).username).toBe('bob');
      for (const nobody of [null, viewerOf(newId())]) {
        await expect(findViewer(database.fork(), nobody)).rejects.toMatchObject({
          code: 'UNAUTHENTICATED',
          extensions: { requires: { scopes: [], roles: [], policies: [] } },
        });
      }
    });

    it('own themselves', async () => {
      const ids = [bob.globalId, missing, ada.globalId, 'x', bob.id, bob.globalId];
      expect(await ownersOfUsers(ids, { em: database.fork() })).toEqual([bob.id, null, ada.id, null, null, bob.id]);
    });
  });

  describe('listed', () => {
    const read = (args: QueryUsersArgs, viewer = admin.viewer) => listUsers(database.fork(), viewer, args);
    async function names(args: QueryUsersArgs, viewer = admin.viewer) {
      const page = await read(args, viewer);
      expect(await page.totalCount()).toBe(page.nodes.length);
      return page.nodes.map(({ username }) => username);
    }

    it('are the newest first, equals the younger id first', async () => {
      expect(await names({})).toEqual(['Ada_L', 'Eve', 'bob', 'root']);
    });

    it('are ordered by name, whatever the case', async () => {
      expect(await names({ orderBy: { field: 'USERNAME', direction: 'ASC' } })).toEqual([
        'Ada_L',
        'bob',
        'Eve',
        'root',
      ]);
      expect(await names({ orderBy: { field: 'USERNAME' } })).toEqual(['root', 'Eve', 'bob', 'Ada_L']);
    });

    it.each(['forward', 'backward'] as const)('in pages are the whole list, %s', async (way) => {
      for (const field of ['CREATED_AT', 'USERNAME'] as const) {
        for (const direction of ['ASC', 'DESC'] as const) {
          const orderBy = { field, direction };
          for (let size = 1; size <= 5; size++) {
            const rows = await walk(way, size, (page) => read({ orderBy, ...page }));
            expect(rows.map(({ username }) => username)).toEqual(await names({ orderBy }));
          }
        }
      }
    });

    it('contain the text in username or display name, as it stands, whatever the case', async () => {
      expect(await names({ filter: { text: 'ada' } })).toEqual(['Ada_L', 'bob']);
      expect(await names({ filter: { text: '%' } })).toEqual(['root']);
      expect(await names({ filter: { text: '_' } })).toEqual(['Ada_L']);
      expect(await names({ filter: { text: '@example.com' } })).toEqual([]);
      for (const text of ['', 'x'.repeat(101), '\0']) {
        await expect(read({ filter: { text } })).rejects.toThrow(BadUserInputError);
      }
    });

    it('have the role and the state that are asked for', async () => {
      expect(await names({ filter: { role: ['ADMIN'] } })).toEqual(['root']);
      expect(await names({ filter: { role: ['ADMIN', 'USER'], isActive: true } })).toEqual(['Ada_L', 'bob', 'root']);
      expect(await names({ filter: { isActive: false } })).toEqual(['Eve']);
      expect(await names({ filter: { role: [] } })).toEqual([]);
      expect(await names({ filter: { role: null, isActive: null, text: null } })).toHaveLength(4);
    });

    it("are one's own alone without the rights of an administrator", async () => {
      for (const viewer of [ada.viewer, { ...ada.viewer, scopes: ['user:read:any'] }]) {
        expect(await names({}, viewer)).toEqual(['Ada_L']);
        expect(await names({ filter: { text: 'bob' } }, viewer)).toEqual([]);
      }
      const page = await listUsers(database.fork(), null, {});
      expect([page.nodes, await page.totalCount()]).toEqual([[], 0]);
    });

    it('refuse a cursor of another list', async () => {
      const { pageInfo } = await read({});
      await expect(read({ after: pageInfo.endCursor, orderBy: { field: 'USERNAME' } })).rejects.toThrow(
        BadUserInputError,
      );
      expect((await read({ after: pageInfo.startCursor })).nodes).toHaveLength(3);
    });
  });

  it('keep the closed ones listed', async () => {
    expect((await findUser(database.fork(), admin.viewer, eve.globalId))?.isActive).toBe(false);
  });
});
