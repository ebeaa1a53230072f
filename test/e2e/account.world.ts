/** An account as it is stored, and as a broken database leaves it. */
import { sql } from 'kysely';
import { fromGlobalId } from '../../src/database/ids.ts';
import { asAnonymous, type SignedIn } from '../support/personas.ts';
import type { TestServer } from '../support/server.ts';
import { LoginDocument } from './documents/graphql.ts';

/** The account with its tasks and sessions, as text. Equal texts mean that nothing has changed. */
export async function storedAccount({ database }: TestServer, account: SignedIn): Promise<string | undefined> {
  const id = uuidOf(account);
  const { rows } = await sql<{ all: string }>`
    select concat(
      (select to_jsonb(u) from users u where id = ${id}),
      (select jsonb_agg(to_jsonb(t) order by id) from tasks t where owner_id = ${id}),
      (select jsonb_agg(to_jsonb(s) order by id) from sessions s where user_id = ${id})
    ) as all`.execute(database.fork().getKysely());
  return rows[0]?.all;
}

/** The codes of the faults of this sign-in; empty if it succeeds. */
export async function signInFaults(server: TestServer, identifier: string, password: string): Promise<string[]> {
  const { data } = await asAnonymous(server).ask(LoginDocument, { input: { identifier, password } });
  return data!.login.errors.map(({ code }) => code);
}

/** Faults in the form `input.newPassword TOO_SHORT`. */
export function faults(errors: readonly { path: string[]; code: string }[]): string[] {
  return errors.map(({ path, code }) => `${path.join('.')} ${code}`);
}

/** Makes every such statement fail, as a broken disk would. Resolves to a function that repairs it. */
export async function failing(
  { database }: TestServer,
  event: 'insert' | 'update' | 'delete',
  table: string,
  condition: string,
): Promise<() => Promise<unknown>> {
  const run = (statement: string) => sql.raw(statement).execute(database.fork().getKysely());
  await run(
    'create or replace function broken() returns trigger as $$ begin ' +
      `if ${condition} then raise exception 'broken'; end if; ` +
      `return ${event === 'delete' ? 'old' : 'new'}; end; $$ language plpgsql`,
  );
  await run(`create trigger broken before ${event} on ${table} for each row execute function broken()`);
  return () => run(`drop trigger broken on ${table}`);
}

/** The UUID in an account's global id. */
export function uuidOf({ userId }: Pick<SignedIn, 'userId'>): string {
  const uuid = fromGlobalId('user', userId);
  if (uuid === null) throw new Error(`${userId} is no account’s id`);
  return uuid;
}
