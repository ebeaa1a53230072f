/** The administrator that the environment names: which names will do, and whether there is one. */
import type { Authentication } from '../authentication/authentication.ts';
import type { Config, NameChecks } from '../config.ts';
import type { Database } from '../database/connection.ts';
import { ensureAdministrator, hasAdministrator } from '../users/user.accounts.ts';
import { checkEmail, checkUsername, type Fault } from '../users/user.identifiers.ts';

/** For `loadConfig`, so that these faults are told with all others. */
export const administratorChecks: NameChecks = {
  username: (text) => sentenceOf(text, checkUsername(text)),
  email: (text) => sentenceOf(text, checkEmail(text)),
};

/** What no stranger is to be called, beside `ADMIN_USERNAME`. */
export const reservedUsernames = ['admin', 'administrator', 'root', 'system', 'support', 'gatewright'];

export type Administrator =
  /** Nobody can administer accounts; `advice`: what an operator can do about it. */
  { kind: 'none'; advice: string } | { kind: 'known' } | { kind: 'generated'; username: string; password: string };

interface Parts {
  database: Database;
  authentication: Authentication;
  now: () => Date;
}

/**
 * Makes the administrator if no account has that name; in production only with a password.
 *
 * @throws Error if another account has the e-mail address, and nobody is an administrator.
 */
export async function administratorOf(
  { administrator, production }: Config,
  { database, authentication, now }: Parts,
): Promise<Administrator> {
  const { username, email, password } = administrator;
  const isAwaited = production && password === null;
  let generated: string | null = null;
  try {
    const given = { username, email, password: password ?? undefined, passwords: authentication.passwords, now: now() };
    if (!isAwaited) generated = await ensureAdministrator(database.fork(), given);
  } catch (error) {
    // The administrator may go by another name by now, with the same address.
    if (!(await hasAdministrator(database.fork()))) throw error;
  }
  if (generated !== null) return { kind: 'generated', username, password: generated };
  if (await hasAdministrator(database.fork())) return { kind: 'known' };
  const advice = isAwaited
    ? 'Set ADMIN_PASSWORD and start again: no administrator was made without it.'
    : `The account "${username}" is not an open account of role ADMIN, and it is left as it is. ` +
      'Set ADMIN_USERNAME and ADMIN_EMAIL to what no account has, and start again.';
  return { kind: 'none', advice };
}

function sentenceOf(text: string, [fault]: Fault[]): string | null {
  return fault ? `"${text.slice(0, 100)}" will not do. ${fault.message}` : null;
}
