/** The administrator that the environment names: checks its names, and creates it at the first start. */
import type { Authentication } from '../../authentication/authentication.ts';
import type { Config, NameChecks } from '../../config/config.ts';
import type { Database, EntityManager } from '../../database/database.ts';
import { inTransaction } from '../../database/transaction.ts';
import { checkEmail, checkUsername, type Fault } from '../../users/identifiers/identifiers.ts';
import { hasAdministrator, makeAdministrator } from '../../users/user.accounts.ts';
import { changeInstallation, lockInstallation, readInstallation } from './installation.ts';

/** For `loadConfig`, which reports these faults together with all others. */
export const administratorChecks: NameChecks = {
  username: (text) => sentenceOf(text, checkUsername(text)),
  email: (text) => sentenceOf(text, checkEmail(text)),
};

/** Names that could impersonate the operator. */
export const reservedUsernames = ['admin', 'administrator', 'root', 'system', 'support', 'gatewright'];

export interface ReservedNames {
  reservedUsernames: readonly string[];
  reservedEmails: readonly string[];
}

/** The reserved names. Includes the administrator's names until the first start has created it. */
export async function reservedNames(
  { administrator }: Pick<Config, 'administrator'>,
  database: Pick<Database, 'fork'>,
): Promise<ReservedNames> {
  const { administratorSince } = await readInstallation(database.fork());
  if (administratorSince) return { reservedUsernames, reservedEmails: [] };
  return {
    reservedUsernames: [administrator.username, ...reservedUsernames],
    reservedEmails: [administrator.email],
  };
}

export type Administrator =
  /** No account can administer others. `advice`: what the operator can do about it. */
  | { kind: 'none'; advice: string }
  | { kind: 'known' }
  /** Created by this start. `password`: the generated one, or null if it was given. */
  | { kind: 'made'; username: string; password: string | null };

interface Parts {
  database: Database;
  authentication: Authentication;
  now: () => Date;
}

/**
 * Creates the administrator at the first start, and never again, because the account then belongs to its owner. In
 * production it needs a password; the first start that has one creates the account. If several servers start at once,
 * one creates it.
 */
export async function administratorOf(config: Config, parts: Parts): Promise<Administrator> {
  return await inTransaction(parts.database.fork(), async (tx) => {
    const { administratorSince } = await lockInstallation(tx);
    if (administratorSince) return await laterStart(tx);
    const administrator = await firstStart(tx, config, parts);
    if (administrator.kind !== 'none') await changeInstallation(tx, { administratorSince: parts.now() });
    return administrator;
  });
}

async function laterStart(tx: EntityManager): Promise<Administrator> {
  if (await hasAdministrator(tx)) return { kind: 'known' };
  return { kind: 'none', advice: `A start makes one only once. ${makeOne}` };
}

const makeOne = 'Run `npm run users -- make-administrator USERNAME`, which takes an account or makes one.';

async function firstStart(
  tx: EntityManager,
  { administrator, production }: Config,
  { authentication, now }: Parts,
): Promise<Administrator> {
  if (await hasAdministrator(tx)) return { kind: 'known' };
  const { username, email, password } = administrator;
  if (production && password === null) {
    return { kind: 'none', advice: 'Set ADMIN_PASSWORD and start again: no administrator was made without it.' };
  }
  const given = { username, email, password: password ?? undefined, passwords: authentication.passwords, now: now() };
  const made = await makeAdministrator(tx, given);
  if (!made.taken) return { kind: 'made', username, password: made.generatedPassword };
  const whose = made.taken.includes('username') ? `"${username}"` : `with the address ${email}`;
  const advice =
    `The account ${whose} is not an open account of role ADMIN, and it is left as it is. ` +
    'Set ADMIN_USERNAME and ADMIN_EMAIL to what no account has, and start again.';
  return { kind: 'none', advice };
}

function sentenceOf(text: string, [fault]: Fault[]): string | null {
  return fault ? `"${text.slice(0, 100)}" will not do. ${fault.message}` : null;
}
