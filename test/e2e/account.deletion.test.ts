import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testDatabases } from '../support/database.ts';
import { asAdmin, asAnonymous, asOwner, asUser, type SignedIn, signIn } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { expectEnded, expectLive } from '../support/sessions.ts';
import { failing, faults, signInFaults, storedAccount, uuidOf } from './account.world.ts';
import {
  AuditEventsDocument,
  DeleteAccountDocument,
  RegisterDocument,
  SetUserActiveDocument,
  SetUserRoleDocument,
} from './documents/graphql.ts';

const newPassword = 'nine purple lanterns';

describe.each(testDatabases())('deleting one’s own account on $name', (database) => {
  let server: TestServer;
  let ada: SignedIn;
  beforeAll(async () => {
    server = await startTestServer({ database });
  });
  afterAll(() => server?.close());
  beforeEach(async () => {
    ada = await asUser(server);
  });

  const stored = (account: SignedIn) => storedAccount(server, account);
  const signInErrors = (identifier: string, password: string) => signInFaults(server, identifier, password);
  const remove = async (viewer: SignedIn, password = viewer.password) => {
    const { data, errors } = await viewer.ask(DeleteAccountDocument, { input: { password } });
    expect(errors).toEqual([]);
    return data!.deleteAccount;
  };
  const rowsOf = async (account: SignedIn) => {
    const id = uuidOf(account);
    const { rows } = await sql<{ count: number }>`
      select (select count(*) from users where id = ${id})
        + (select count(*) from tasks where owner_id = ${id})
        + (select count(*) from sessions where user_id = ${id}) as count`.execute(server.database.fork().getKysely());
    return Number(rows[0]?.count);
  };

  it('deletes everything that the account owns, and nothing of others', async () => {
    const [owner, bob, admin] = [await asOwner(server), await asOwner(server), await asAdmin(server)];
    const other = await signIn(server, owner);
    expect(await remove(owner)).toEqual({ deletedUserId: owner.userId, errors: [] });
    await expectEnded(server, owner, other);
    expect(await rowsOf(owner)).toBe(0);
    expect(await signInErrors(owner.username, owner.password)).toEqual(['INVALID_CREDENTIALS']);
    const query = 'query ($user: ID!, $task: ID!) { user(id: $user) { id } node(id: $task) { id } }';
    const gone = await admin.ask(query, { user: owner.userId, task: owner.taskId });
    expect([gone.data, gone.errors]).toEqual([{ user: null, node: null }, []]);
    await expectLive(server, bob);
    const there = await admin.ask(query, { user: bob.userId, task: bob.taskId });
    expect(there.data).toEqual({ user: { id: bob.userId }, node: { id: bob.taskId } });
  });

  it('frees the names, whose next owner sees nothing of the deleted account', async () => {
    const owner = await asOwner(server);
    await remove(owner);
    const input = { username: owner.username, email: `${owner.username}@example.com`, password: newPassword };
    const { data } = await asAnonymous(server).ask(RegisterDocument, { input });
    expect(data?.register.errors).toEqual([]);
    const next = await signIn(server, { username: owner.username, password: newPassword });
    expect(next.userId).not.toBe(owner.userId);
    const seen = await next.ask('{ tasks { totalCount } me { securityEvents { nodes { type } } } }');
    expect(seen.data).toEqual({
      tasks: { totalCount: 0 },
      me: { securityEvents: { nodes: [{ type: 'SIGNED_IN' }, { type: 'REGISTERED' }] } },
    });
  });

  it('leaves in the security log what happened to the account', async () => {
    await remove(ada, 'not it');
    await remove(ada);
    const { data } = await (await asAdmin(server)).ask(AuditEventsDocument, { filter: { subjectId: ada.userId } });
    const events = data!.auditEvents.nodes;
    expect(events.map(({ type }) => type)).toEqual(['ACCOUNT_DELETED', 'PASSWORD_REJECTED', 'REGISTERED']);
    for (const { actorId, subjectId } of events) expect([actorId, subjectId]).toEqual([ada.userId, ada.userId]);
  });

  it('needs the password', async () => {
    const owner = await asOwner(server);
    const before = await stored(owner);
    for (const password of ['', 'not it', ada.password, 'x'.repeat(10_000)]) {
      const { deletedUserId, errors } = await remove(owner, password);
      expect([deletedUserId, faults(errors)]).toEqual([null, ['input.password INVALID_CREDENTIALS']]);
    }
    expect(await stored(owner)).toBe(before);
    await expectLive(server, owner);
    expect(
      (await asAnonymous(server).ask(DeleteAccountDocument, { input: { password: owner.password } })).codes,
    ).toEqual(['UNAUTHENTICATED']);
    expect((await remove(owner)).errors).toEqual([]);
  });

  it.each([
    ['in the middle', 'delete', 'tasks', 'true'],
    ['at the end', 'insert', 'audit_events', "new.type = 'ACCOUNT_DELETED'"],
  ] as const)('deletes nothing where a statement fails %s', async (_when, event, table, condition) => {
    const owner = await asOwner(server);
    const other = await signIn(server, owner);
    const before = await stored(owner);
    const restore = await failing(server, event, table, condition);
    try {
      const input = { password: owner.password };
      const { data, codes } = await owner.ask(DeleteAccountDocument, { input });
      expect([data, codes]).toEqual([null, ['INTERNAL_SERVER_ERROR']]);
    } finally {
      await restore();
    }
    expect(await stored(owner)).toBe(before);
    await expectLive(server, owner, other);
    expect((await remove(owner)).errors).toEqual([]);
    expect(await rowsOf(owner)).toBe(0);
  });

  it.each([
    ['createTask', 'createTask(input: { title: "From beyond" }) { errors { code } }', 'UNAUTHENTICATED'],
    ['updateTask', 'updateTask(input: { id: $id, title: "From beyond" }) { errors { code } }', 'FORBIDDEN'],
    ['deleteTask', 'deleteTask(input: { id: $id }) { errors { code } }', 'FORBIDDEN'],
  ])('denies %s after it in the same request, and allows it after a refusal', async (field, selection, code) => {
    const owner = await asOwner(server);
    const query = `mutation ($password: String!${selection.includes('$id') ? ', $id: ID!' : ''}) {
      deleteAccount(input: { password: $password }) { deletedUserId }
      ${selection}
    }`;
    const twin = await asOwner(server);
    const allowed = await twin.ask(query, { password: 'not it', id: twin.taskId });
    expect(allowed.data?.[field]).toEqual({ errors: [] });
    const { errors } = await owner.ask(query, { password: owner.password, id: owner.taskId });
    expect(errors[0]).toMatchObject({ path: [field], extensions: { code } });
    expect(await rowsOf(owner)).toBe(0);
  });

  it('refuses to delete the last open administrator, until there is another', async () => {
    const admin = await asAdmin(server);
    const lone = await remove(admin);
    expect([lone.deletedUserId, faults(lone.errors)]).toEqual([null, ['input.password INVALID']]);
    await expectLive(server, admin);

    const second = await asUser(server);
    await admin.ask(SetUserRoleDocument, { input: { userId: second.userId, role: 'ADMIN' } });
    await admin.ask(SetUserActiveDocument, { input: { userId: second.userId, isActive: false } });
    expect(faults((await remove(admin)).errors)).toEqual(['input.password INVALID']);
    await admin.ask(SetUserActiveDocument, { input: { userId: second.userId, isActive: true } });
    expect((await remove(await signIn(server, second))).errors).toEqual([]);
    await expectLive(server, admin);
  });
});
