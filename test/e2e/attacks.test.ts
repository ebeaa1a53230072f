/** Attempts to reach another's rows, each with an allowed twin. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, toGlobalId } from '../../src/database/ids.ts';
import { testDatabases } from '../support/database.ts';
import { asAdmin, asAnonymous, asOwner, type Owner, type SignedIn, signIn } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const nothing = { scopes: [], roles: [], policies: [] };

describe.each(testDatabases())('reaching for another’s rows, on $name', (database) => {
  let server: TestServer;
  let owner: Owner;
  let stranger: Owner;
  let admin: SignedIn;
  beforeAll(async () => {
    server = await startTestServer({ database });
    owner = await asOwner(server, { title: 'Plan of the garden', notes: 'a xylophone is buried', description: 'beds' });
    stranger = await asOwner(server, { title: 'Something else' });
    admin = await asAdmin(server);
  });
  afterAll(() => server?.close());

  /** Every task as it is stored. */
  const stored = async (): Promise<string | undefined> => {
    const query = sql<{ all: string }>`select jsonb_agg(to_jsonb(t) order by id)::text as all from tasks t`;
    return (await query.execute(server.database.fork().getKysely())).rows[0]?.all;
  };

  describe('by id', () => {
    const ask = 'query ($id: ID!) { task(id: $id) { title } node(id: $id) { id } nodes(ids: [$id]) { id } }';

    it('reads another’s row as missing', async () => {
      const missing = await stranger.ask(ask, { id: toGlobalId('task', newId()) });
      expect(missing.data).toEqual({ task: null, node: null, nodes: [null] });
      const anothers = await stranger.ask(ask, { id: owner.taskId });
      expect([anothers.status, anothers.data, anothers.errors]).toEqual([missing.status, missing.data, missing.errors]);
    });

    it('reads one’s own row', async () => {
      const { taskId: id } = owner;
      const { data } = await owner.ask(ask, { id });
      expect(data).toEqual({ task: { title: 'Plan of the garden' }, node: { id }, nodes: [{ id }] });
    });

    it('gives null for another’s row among one’s own', async () => {
      const ids = [stranger.taskId, owner.taskId, stranger.userId, owner.userId, stranger.taskId];
      const { data } = await stranger.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids });
      const [task, user] = [{ id: stranger.taskId }, { id: stranger.userId }];
      expect(data).toEqual({ nodes: [task, null, user, null, task] });
    });

    it.each([
      ['updateTask', 'mutation ($id: ID!) { updateTask(input: { id: $id, title: "Mine" }) { errors { code } } }'],
      ['deleteTask', 'mutation ($id: ID!) { deleteTask(input: { id: $id }) { errors { code } } }'],
    ])('%s is denied for another’s and for a missing row alike, and changes nothing', async (_name, query) => {
      const before = await stored();
      const anothers = await stranger.ask(query, { id: owner.taskId });
      expect(anothers.codes).toEqual(['FORBIDDEN']);
      const missing = await stranger.ask(query, { id: toGlobalId('task', newId()) });
      expect([missing.status, missing.data, missing.errors]).toEqual([anothers.status, anothers.data, anothers.errors]);
      expect(await stored()).toBe(before);
    });

    it('changes only one’s own row when one request names another’s too', async () => {
      const { taskId: id } = await asOwner(server);
      const query = `mutation ($own: ID!, $other: ID!) {
        other: updateTask(input: { id: $other, title: "Taken" }) { task { title } }
        own: updateTask(input: { id: $own, title: "Changed" }) { task { title } }
      }`;
      const { codes, errors } = await stranger.ask(query, { own: stranger.taskId, other: id });
      expect([codes, errors[0]?.path]).toEqual([['FORBIDDEN'], ['other']]);
      const { data } = await admin.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Task { title } } }', {
        ids: [id, stranger.taskId],
      });
      expect(data.nodes).toEqual([{ title: 'A task of mine' }, { title: expect.not.stringMatching('Taken') }]);
    });
  });

  describe('by ids that do not exist', () => {
    const uuid = newId();
    const typeId = toGlobalId('task', uuid);
    const nonsense = [
      ...['', 'task', 'task_', '-1', '0', '9'.repeat(400), uuid, `${typeId}\u0000`, `task_${'z'.repeat(26)}`],
      ...[typeId.toUpperCase(), ` ${typeId}`, typeId.replace('task_', 'user_task_'), `task_${'0'.repeat(25)}é`],
      ...["' or true --", '../../etc/passwd', '💥', '__proto__', 'x'.repeat(100_000)],
    ];

    it('nothing is found, and nothing breaks', async () => {
      for (const id of [...nonsense, stranger.userId, stranger.session.userId.replace('user_', 'session_')]) {
        const { data, errors } = await stranger.ask('query ($id: ID!) { task(id: $id) { id } }', { id });
        expect({ id, data, errors }).toEqual({ id, data: { task: null }, errors: [] });
      }
      for (const id of nonsense) {
        const { data, errors } = await admin.ask(
          'query ($id: ID!) { node(id: $id) { id } user(id: $id) { id } nodes(ids: [$id]) { id } }',
          { id },
        );
        expect({ id, data, errors }).toEqual({ id, data: { node: null, user: null, nodes: [null] }, errors: [] });
      }
    });

    it('nothing is changed: a viewer who needs an own row is denied, and one who does not finds none', async () => {
      const before = await stored();
      const query = `mutation ($id: ID!) {
        updateTask(input: { id: $id, title: "New" }) { errors { code } }
        deleteTask(input: { id: $id }) { errors { code } }
      }`;
      for (const id of [...nonsense, stranger.userId]) {
        expect((await stranger.ask(query, { id })).codes).toContain('FORBIDDEN');
        const { data, errors } = await admin.ask(query, { id });
        const notFound = { errors: [{ code: 'NOT_FOUND' }] };
        expect({ id, data, errors }).toEqual({
          id,
          data: { updateTask: notFound, deleteTask: notFound },
          errors: [],
        });
      }
      expect(await stored()).toBe(before);
    });

    it('a task’s id is not an account’s id', async () => {
      const { data } = await admin.ask(
        `mutation ($userId: ID!) {
          setUserRole(input: { userId: $userId, role: ADMIN }) { user { id } errors { code } }
          setUserActive(input: { userId: $userId, isActive: false }) { user { id } errors { code } }
        }`,
        { userId: owner.taskId },
      );
      const notFound = { user: null, errors: [{ code: 'NOT_FOUND' }] };
      expect(data).toEqual({ setUserRole: notFound, setUserActive: notFound });
    });
  });

  describe('by fields that the input does not have', () => {
    const create = 'mutation ($input: CreateTaskInput!) { createTask(input: $input) { task { owner { id } } } }';

    it.each(['ownerId', 'owner', 'id', 'version', 'createdAt', 'completedAt'])(
      'a task is not made with %s',
      async (field) => {
        const before = await stored();
        const literal = `mutation { createTask(input: { title: "x", ${field}: "${owner.userId}" }) { task { id } } }`;
        expect((await stranger.ask(literal)).codes).toEqual(['GRAPHQL_VALIDATION_FAILED']);
        const { codes } = await stranger.ask(create, { input: { title: 'x', [field]: owner.userId } });
        expect(codes).toEqual(['BAD_USER_INPUT']);
        expect(await stored()).toBe(before);
      },
    );

    it('a task is created without them, and belongs to the viewer', async () => {
      const { data } = await stranger.ask(create, { input: { title: 'x' } });
      expect(data.createTask.task.owner.id).toBe(stranger.userId);
    });

    it('a task cannot be given to another', async () => {
      const query = 'mutation ($input: UpdateTaskInput!) { updateTask(input: $input) { task { id } } }';
      const { codes } = await owner.ask(query, { input: { id: owner.taskId, ownerId: stranger.userId } });
      expect(codes).toEqual(['BAD_USER_INPUT']);
    });

    it.each([{ role: 'ADMIN' }, { isActive: true }, { scopes: ['user:read:any'] }, { id: 'user_1' }])(
      'an account is not made with %o, and is of role USER without',
      async (more) => {
        const query =
          'mutation ($input: RegisterInput!) { register(input: $input) { session { role scope } errors { code } } }';
        const username = `u${randomBytes(6).toString('hex')}`;
        const input = { username, email: `${username}@example.com`, password: randomBytes(12).toString('hex') };
        const refused = await asAnonymous(server).ask(query, { input: { ...input, ...more } });
        expect(refused.codes).toEqual(['BAD_USER_INPUT']);
        const made = await asAnonymous(server).ask(query, { input });
        expect(made.data.register).toEqual({
          session: { role: 'USER', scope: 'task:read task:write user:read' },
          errors: [],
        });
      },
    );
  });

  describe('by payloads and back-references', () => {
    it('a token that may write and not read makes no task whose fields it asks for', async () => {
      const writer = await signIn(server, { ...stranger, scopes: ['task:write'] });
      const before = await stored();
      const denied = await writer.ask('mutation { createTask(input: { title: "Unseen" }) { task { id title } } }');
      expect(denied.data).toBeNull();
      const forbidden = (...scopes: string[]) => ({
        code: 'FORBIDDEN',
        requires: { ...nothing, scopes: [scopes] },
      });
      expect(denied.errors.map(({ path, extensions }) => [path, extensions])).toEqual([
        [['createTask', 'task'], forbidden('task:read', 'task:write')],
        [['createTask', 'task', 'id'], forbidden('task:read')],
        [['createTask', 'task', 'title'], forbidden('task:read')],
      ]);
      expect(await stored()).toBe(before);
      const allowed = await writer.ask('mutation { createTask(input: { title: "Unseen" }) { errors { code } } }');
      expect(allowed.data).toEqual({ createTask: { errors: [] } });
    });

    it('an administrator who changes another’s task never sees its notes, by any name or fragment', async () => {
      const query = `mutation ($id: ID!) {
        updateTask(input: { id: $id, priority: LOW }) { task { priority secret: notes ... on Node { ...N } } }
      }
      fragment N on Task { notes }`;
      const { data, errors } = await admin.ask(query, { id: owner.taskId });
      expect(data).toEqual({ updateTask: { task: { priority: 'LOW', secret: null, notes: null } } });
      expect(errors.map(({ path, extensions }) => [path, extensions])).toEqual(
        ['secret', 'notes'].map((key) => [['updateTask', 'task', key], { code: 'FORBIDDEN', requires: nothing }]),
      );
      expect((await owner.ask(query, { id: owner.taskId })).data.updateTask.task.notes).toBe('a xylophone is buried');
    });

    it('an account that is reached through its task keeps its private fields', async () => {
      const query =
        '{ tasks(filter: { text: "garden", everyone: true }) { nodes { owner { username email isActive } } } }';
      const scopes = ['task:read', 'task:read:any'];
      const reader = await signIn(server, { ...admin, scopes });
      const denied = await reader.ask(query);
      expect(denied.data.tasks.nodes).toEqual([{ owner: { username: owner.username, email: null, isActive: true } }]);
      expect(denied.errors).toMatchObject([
        { path: ['tasks', 'nodes', '@', 'owner', 'email'], extensions: { code: 'FORBIDDEN' } },
      ]);
      const { data } = await admin.ask(query);
      expect(data.tasks.nodes[0].owner.email).toBe(`${owner.username}@example.com`);
    });
  });
});
