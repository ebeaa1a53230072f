/** The accounts, their rows and the tokens that the permission matrix is asked with. */
import { sql } from 'kysely';
import { AuditEvent } from '../../src/audit/audit-event.entity.ts';
import { fromGlobalId, newId, toGlobalId } from '../../src/database/ids.ts';
import type { TestDatabase } from '../support/database.ts';
import { asAdmin, asUser, type SignedIn, signIn } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { CreateTaskDocument } from './documents/graphql.ts';
import { type Column, columns } from './permission-matrix.table.ts';

/** The time of everything, by the server's clock. */
export const moment = '2026-03-01T09:30:00.000Z';

/** Of the first event in everybody's security log, before they registered. */
export const firstEventAt = '2026-02-28T23:00:00.000Z';

export interface Account extends SignedIn {
  readonly email: string;
  readonly role: 'USER' | 'ADMIN';
  readonly taskId: string;
  /** The global id of their first session. */
  readonly sessionId: string;
  /** The global id of their first event, which has something in every field. */
  readonly eventId: string;
}

export interface World {
  readonly server: TestServer;
  readonly ada: Account;
  readonly bob: Account;
  readonly admin: Account;
  /** An account that administrators change. */
  readonly eve: SignedIn;
  /** The access token of a column, null for nobody. */
  tokenOf(column: Column): string | null;
  /** All that there is but denials, as text: equal when nothing has changed. */
  contents(): Promise<string>;
}

export async function createWorld(database: TestDatabase): Promise<World> {
  const server = await startTestServer({ database, now: () => new Date(moment) });
  const ada = await withRows(server, await asUser(server, { username: 'ada' }), 'USER');
  const bob = await withRows(server, await asUser(server, { username: 'bob' }), 'USER');
  const admin = await withRows(server, await asAdmin(server), 'ADMIN');
  const eve = await asUser(server, { username: 'eve' });

  const tokens = new Map<Column, string>();
  for (const column of columns) {
    const account = column.account && { ada, admin }[column.account];
    if (account) tokens.set(column, (await signInto(server, account, column)).session.accessToken);
  }
  return {
    server,
    ada,
    bob,
    admin,
    eve,
    tokenOf: (column) => tokens.get(column) ?? null,
    contents: () => contentsOf(server),
  };
}

/** A new session for a column's account. */
export function signInto(server: TestServer, { username, password }: SignedIn, column: Column): Promise<SignedIn> {
  return signIn(server, { username, password, ...(column.scopes && { scopes: [...column.scopes] }) });
}

/** A task with something in every field, made with all of its owner's scopes. */
export async function makeTask(owner: SignedIn, title: string): Promise<string> {
  const { username } = owner;
  const { data, errors } = await owner.ask(CreateTaskDocument, {
    input: {
      title,
      description: `What ${username} describes`,
      notes: `What ${username} notes`,
      status: 'DONE',
      priority: 'URGENT',
      dueAt: '2026-04-02T10:00:00Z',
    },
  });
  const id = data?.createTask.task?.id;
  if (!id) throw new Error(`The task was not made: ${JSON.stringify([data, errors])}`);
  return id;
}

/** A stored row, by its global id. */
export async function storedRow(
  { server }: Pick<World, 'server'>,
  type: 'task' | 'user' | 'session',
  id: string,
): Promise<Record<string, unknown> | undefined> {
  const query = sql<
    Record<string, unknown>
  >`select * from ${sql.table(`${type}s`)} where id = ${fromGlobalId(type, id)}`;
  return (await query.execute(server.database.fork().getKysely())).rows[0];
}

async function withRows(server: TestServer, user: SignedIn, role: Account['role']): Promise<Account> {
  const taskId = await makeTask(user, `Report of ${user.username}`);
  const { data } = await user.ask('{ sessions(last: 1) { nodes { id } } }');
  const sessionId: string = data.sessions.nodes[0].id;
  const [account, id] = [fromGlobalId('user', user.userId) as string, newId()];
  await server.database.fork().insert(AuditEvent, {
    ...{ id, type: 'REFRESH_TOKEN_REUSED', createdAt: new Date(firstEventAt), actorId: account, subjectId: account },
    ...{ sessionId: fromGlobalId('session', sessionId), address: '192.0.2.1', userAgent: `Phone of ${user.username}` },
    ...{ requestId: `Request of ${user.username}`, cause: 'LATE_RETRY', detail: `What happened to ${user.username}` },
  });
  const eventId = toGlobalId('event', id);
  return { ...user, email: `${user.username}@example.com`, role, taskId, sessionId, eventId };
}

/** A new account in the place of a column's, for what would take from the others who ask as it. */
export async function standIn({ server }: Pick<World, 'server'>, column: Column): Promise<SignedIn> {
  const user = await asUser(server);
  if (column.account === 'admin') {
    await sql`update users set role = 'ADMIN' where username = ${user.username}`.execute(
      server.database.fork().getKysely(),
    );
  }
  return signInto(server, user, column);
}

async function contentsOf(server: TestServer): Promise<string> {
  const { rows } = await sql<{ contents: string }>`
    select concat(
      (select jsonb_agg(to_jsonb(u) order by id) from users u),
      (select jsonb_agg(to_jsonb(t) order by id) from tasks t),
      (select jsonb_agg(to_jsonb(s) order by id) from sessions s),
      (select jsonb_agg(to_jsonb(r) order by token_hash) from refresh_tokens r),
      (select jsonb_agg(to_jsonb(e) order by id) from audit_events e where type <> 'ADMINISTRATION_DENIED')
    ) as contents`.execute(server.database.fork().getKysely());
  return rows[0]?.contents ?? '';
}
