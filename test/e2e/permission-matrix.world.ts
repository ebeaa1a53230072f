/** The accounts, their rows and the tokens that the permission matrix is asked with. */
import { sql } from 'kysely';
import { nouns } from '../../src/api/nouns.ts';
import { type Account, type Column, execute, moment, signInto, type World } from '../nouns/noun-table.ts';
import { tables } from '../nouns/tables.ts';
import type { TestDatabase } from '../support/database.ts';
import { asAdmin, asUser, type SignedIn } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { columns } from './permission-matrix.table.ts';

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

async function withRows(server: TestServer, user: SignedIn, role: Account['role']): Promise<Account> {
  const ids: Record<string, string> = {};
  const account = { ...user, email: `${user.username}@example.com`, role, ids };
  for (const { noun, make } of tables) if (make) ids[noun] = await make(account, server);
  return account;
}

async function contentsOf(server: TestServer): Promise<string> {
  const metadata = server.database.fork().getMetadata();
  const tables = nouns.flatMap(({ entities }) => entities.map((entity) => metadata.get(entity).tableName));
  const stored = tables.map((table) => sql`select ${table} as name, to_jsonb(t) as row from ${sql.table(table)} t`);
  const all = sql`select name, row::text from (${sql.join(stored, sql` union all `)}) stored
    where row ->> 'type' is distinct from 'ADMINISTRATION_DENIED' order by 1, 2`;
  return JSON.stringify(await execute(server, all));
}
