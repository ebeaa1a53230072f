/** Imports accounts from another system, many at a time. */
import { recordEvent } from '../audit/audit.service.ts';
import { byOperator } from '../audit/request-info.ts';
import type { EntityManager } from '../database/database.ts';
import { newId } from '../database/ids.ts';
import { inTransaction } from '../database/transaction.ts';
import { emailKey, tidyDisplayName, usernameKey } from './identifiers/identifiers.ts';
import type { NewAccount, Taken } from './user.accounts.ts';

/** `passwordHash` must pass `importFault` of the authentication room. */
export interface ImportedAccount extends Omit<NewAccount, 'now'> {
  isActive: boolean;
  createdAt: Date;
}

/** The result for one account. `present`: an account with the same username and e-mail address exists. */
export type ImportOutcome = 'made' | 'present' | { taken: Taken };

/** The keys by which names are compared. */
type Keys = { usernameKey: string; emailKey: string };

/**
 * Creates the missing accounts: all, or none if the database fails. Existing accounts stay as they are. No two of
 * `accounts` may share a username or an e-mail address.
 */
export async function importAccounts(
  em: EntityManager,
  accounts: readonly ImportedAccount[],
  now: Date,
): Promise<ImportOutcome[]> {
  if (accounts.length === 0) return [];
  return await inTransaction(em, async (inner) => {
    // In one order, so that two imports cannot wait for each other.
    const rows = accounts.map((account) => toRow(account, now)).sort(byUsernameKey);
    const inserted = await inner
      .getKysely<Tables>()
      .insertInto('users')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .returning(['id', 'username_key', 'role'])
      .execute();
    for (const { id, role } of inserted) {
      if (role !== 'ADMIN') continue;
      await recordEvent(inner, byOperator(now), { type: 'REGISTERED', subjectId: id, detail: 'ADMIN, imported' });
    }
    const made = new Set(inserted.map((row) => row.username_key));
    // The other account may be gone by now. The next import then creates this one.
    return await outcomesOf(inner, accounts, { made, otherwise: { taken: ['username'] } });
  });
}

/** What `importAccounts` would do. Writes nothing. */
export async function foreseeImport(em: EntityManager, accounts: readonly ImportedAccount[]): Promise<ImportOutcome[]> {
  return await outcomesOf(em, accounts, { made: new Set(), otherwise: 'made' });
}

interface Tables {
  users: ReturnType<typeof toRow>;
}

function toRow(account: ImportedAccount, now: Date) {
  return {
    id: newId(),
    username: account.username.normalize('NFC'),
    username_key: usernameKey(account.username),
    email: account.email.normalize('NFC'),
    email_key: emailKey(account.email),
    display_name: tidyDisplayName(account.displayName),
    password_hash: account.passwordHash,
    role: account.role,
    is_active: account.isActive,
    sessions_valid_from: now,
    created_at: account.createdAt,
    updated_at: now,
  };
}

function byUsernameKey(a: { username_key: string }, b: { username_key: string }): number {
  return a.username_key < b.username_key ? -1 : 1;
}

async function outcomesOf(
  em: EntityManager,
  accounts: readonly ImportedAccount[],
  { made, otherwise }: { made: ReadonlySet<string>; otherwise: ImportOutcome },
): Promise<ImportOutcome[]> {
  const keys = accounts.map((account) => ({
    usernameKey: usernameKey(account.username),
    emailKey: emailKey(account.email),
  }));
  const others = await findOthers(
    em,
    keys.filter((key) => !made.has(key.usernameKey)),
  );
  return keys.map((key) => {
    if (made.has(key.usernameKey)) return 'made';
    const taken: Taken = [];
    const emailOfUsername = others.emailOf.get(key.usernameKey);
    if (emailOfUsername === key.emailKey) return 'present';
    if (emailOfUsername !== undefined) taken.push('username');
    if (others.emails.has(key.emailKey)) taken.push('email');
    return taken.length === 0 ? otherwise : { taken };
  });
}

/** The accounts that share a name with any of these. */
async function findOthers(
  em: EntityManager,
  keys: readonly Keys[],
): Promise<{ emailOf: Map<string, string>; emails: Set<string> }> {
  if (keys.length === 0) return { emailOf: new Map(), emails: new Set() };
  const usernames = keys.map((key) => key.usernameKey);
  const emails = keys.map((key) => key.emailKey);
  const rows = await em
    .getKysely<Tables>()
    .selectFrom('users')
    .select(['username_key', 'email_key'])
    .where((where) => where.or([where('username_key', 'in', usernames), where('email_key', 'in', emails)]))
    .execute();
  return {
    emailOf: new Map(rows.map((row) => [row.username_key, row.email_key])),
    emails: new Set(rows.map((row) => row.email_key)),
  };
}
