/** The administrator that the environment names: which names will do, and whether there is one. */
import type { Authentication } from '../../authentication/authentication.ts';
import type { Config, NameChecks } from '../../config/config.ts';
import type { Database, EntityManager } from '../../database/database.ts';
import { inTransaction } from '../../database/transaction.ts';
import { checkEmail, checkUsername, type Fault } from '../../users/identifiers/identifiers.ts';
import { hasAdministrator, makeAdministrator } from '../../users/user.accounts.ts';
import { changeInstallation, lockInstallation, readInstallation } from './installation.ts';

/** For `loadConfig`, so that these faults are told with all others. */
export const administratorChecks: NameChecks = {
  username: (text) => sentenceOf(text, checkUsername(text)),
  email: (text) => sentenceOf(text, checkEmail(text)),
};

/** What no stranger is to be called. */
export const reservedUsernames = ['admin', 'administrator', 'root', 'system', 'support', 'gatewright'];

export interface ReservedNames {
  reservedUsernames: readonly string[];
  reservedEmails: readonly string[];
}

/** The names of the administrator as well, until the first start has made it. */
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
  /** Nobody can administer accounts; `advice`: what an operator can do about it. */
  | { kind: 'none'; advice: string }
  | { kind: 'known' }
  /** Made by this start; `password`: the generated one, null if it was given. */
  | { kind: 'made'; username: string; password: string | null };

interface Parts {
  database: Database;
  authentication: Authentication;
  now: () => Date;
}

/**
 * Makes the administrator at the first start, and never again: what became of that account is its owner's affair. In
 * production it takes a password, and the first start that has one makes it. One of several servers does.
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
