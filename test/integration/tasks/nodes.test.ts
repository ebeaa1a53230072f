import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/database/database.ts';
import { newId, toGlobalId } from '../../../src/database/ids.ts';
import type { TaskRow } from '../../../src/tasks/task.entity.ts';
import { testDatabases } from '../../support/database.ts';
import { type Account, addTask, addUser, ask, statementsOf } from './fixtures.ts';

const nodes = `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Task { title } ... on User { username } } }`;
const node = `query ($id: ID!) { node(id: $id) { __typename id } }`;

describe.each(testDatabases())('on $name', ({ open }) => {
  let database: Database;
  let owner: Account;
  let other: Account;
  let admin: Account;
  let own: TaskRow & { globalId: string };
  let theirs: TaskRow & { globalId: string };
  beforeAll(async () => {
    database = await open();
    const em = database.fork();
    owner = await addUser(em, { username: 'owner' });
    other = await addUser(em, { username: 'other' });
    admin = await addUser(em, { username: 'admin', role: 'ADMIN' });
    own = await addTask(em, owner, { title: 'Own' });
    theirs = await addTask(em, other, { title: 'Theirs' });
  });
  afterAll(() => database.close());

  describe('nodes', () => {
    it('have their types, in the order asked for, and null for a missing row', async () => {
      const ids = [
        owner.globalId,
        theirs.globalId,
        own.globalId,
        other.globalId,
        'x',
        toGlobalId('session', newId()),
        own.globalId,
      ];
      const task = { __typename: 'Task', id: own.globalId, title: 'Own' };
      const self = { __typename: 'User', id: owner.globalId, username: 'owner' };
      expect(await ask(database, owner.viewer, nodes, { ids })).toEqual({
        data: { nodes: [self, null, task, null, null, null, task] },
      });
    });

    it('are all there for an ADMIN, and none for a stranger', async () => {
      const ids = [theirs.globalId, other.globalId];
      const all = [
        { __typename: 'Task', id: theirs.globalId, title: 'Theirs' },
        { __typename: 'User', id: other.globalId, username: 'other' },
      ];
      expect(await ask(database, admin.viewer, nodes, { ids })).toEqual({ data: { nodes: all } });
      expect(await ask(database, null, nodes, { ids })).toEqual({ data: { nodes: [null, null] } });
    });

    it('take one statement for each type, however many they are', async () => {
      const ids = [own.globalId, theirs.globalId, owner.globalId, other.globalId];
      const many = [...ids, ...Array.from({ length: 96 }, (_, i) => toGlobalId(i % 2 ? 'task' : 'user', newId()))];
      for (const asked of [ids, many]) {
        expect(await statementsOf(database, () => ask(database, admin.viewer, nodes, { ids: asked }))).toHaveLength(2);
      }
    });

    it('are at most 100', async () => {
      const ids = Array(101).fill(own.globalId);
      expect((await ask(database, owner.viewer, nodes, { ids })).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
      expect((await ask(database, owner.viewer, nodes, { ids: ids.slice(1) })).errors).toBeUndefined();
      expect(await ask(database, owner.viewer, nodes, { ids: [] })).toEqual({ data: { nodes: [] } });
    });

    it('are found one by one', async () => {
      const of = async (account: Account, id: string) => (await ask(database, account.viewer, node, { id })).data;
      expect(await of(owner, own.globalId)).toEqual({ node: { __typename: 'Task', id: own.globalId } });
      expect(await of(other, own.globalId)).toEqual({ node: null });
      expect(await of(owner, own.id)).toEqual({ node: null });
    });
  });

  describe('a list with owners', () => {
    const tasks = `{ tasks(filter: { everyone: true }, first: 100) { nodes { title owner { id username } } } }`;

    it('takes one statement, however many tasks and owners there are', async () => {
      const count = async () => (await statementsOf(database, () => ask(database, admin.viewer, tasks))).length;
      expect(await count()).toBe(1);
      for (let i = 0; i < 30; i++) await addTask(database.fork(), await addUser(database.fork()));
      expect(await count()).toBe(1);
    });

    it('names the owner of each', async () => {
      const { data } = await ask(database, admin.viewer, tasks);
      const found = (data as { tasks: { nodes: { title: string; owner: unknown }[] } }).tasks.nodes;
      expect(found).toContainEqual({ title: 'Own', owner: { id: owner.globalId, username: 'owner' } });
      expect(found).toContainEqual({ title: 'Theirs', owner: { id: other.globalId, username: 'other' } });
    });

    it('shows the owner as it is after a change in the same operation', async () => {
      const source = `mutation ($task: ID!, $user: ID!) {
        before: updateTask(input: { id: $task }) { task { owner { role } } }
        setUserRole(input: { userId: $user, role: ADMIN }) { errors { code } }
        after: updateTask(input: { id: $task }) { task { owner { role } } }
      }`;
      const em = database.fork();
      const promoted = await addUser(em);
      const { globalId } = await addTask(em, promoted);
      expect((await ask(database, admin.viewer, source, { task: globalId, user: promoted.globalId })).data).toEqual({
        before: { task: { owner: { role: 'USER' } } },
        setUserRole: { errors: [] },
        after: { task: { owner: { role: 'ADMIN' } } },
      });
    });
  });

  it('the tasks of an account are those that the viewer may see', async () => {
    const source = `query ($id: ID!) { node(id: $id) { ... on User { tasks { nodes { title } totalCount } } } }`;
    const of = async (account: Account, id: string) => (await ask(database, account.viewer, source, { id })).data;
    expect(await of(admin, other.globalId)).toEqual({
      node: { tasks: { nodes: [{ title: 'Theirs' }], totalCount: 1 } },
    });
    expect(await of(other, other.globalId)).toEqual({
      node: { tasks: { nodes: [{ title: 'Theirs' }], totalCount: 1 } },
    });
    const throughTask = `query ($id: ID!) { task(id: $id) { owner { tasks { nodes { title } totalCount } } } }`;
    const narrow = { ...owner.viewer, scopes: ['task:read'] };
    expect((await ask(database, narrow, throughTask, { id: own.globalId })).data).toEqual({
      task: { owner: { tasks: { nodes: [{ title: 'Own' }], totalCount: 1 } } },
    });
  });
});
