/** `npm run users -- make-administrator`: creates an administrator when nobody is left who can give that role. */
import { parseArgs } from 'node:util';
import { createPasswordHasher } from '../../src/authentication/passwords/password-hash.ts';
import { loadConfig } from '../../src/config/config.ts';
import { administratorChecks } from '../../src/server/bootstrap/administrator.ts';
import { makeAdministrator } from '../../src/users/user.accounts.ts';
import { promote } from '../../src/users/user.administration.ts';
import { type OpenedDatabase, openConfigured, readEnvironmentFile, requireCurrent } from '../database.ts';
import { UsersError } from './csv.ts';

export interface NewAdministrator {
  username: string;
  /** For a new account. */
  email: string | undefined;
}

/** @throws Error that says what is wrong with the arguments. */
export function readAdministrator(args: string[]): NewAdministrator {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { email: { type: 'string' } } });
  const [username, ...more] = positionals;
  if (!username || more.length > 0) throw new Error('make-administrator takes one username');
  return { username, email: values.email };
}

/**
 * Gives the account of that name the role, and opens it. Without such an account, creates one and prints its password.
 * @throws UsersError if there is no such account, and no address to create it with.
 */
export async function makeOne({ username, email }: NewAdministrator): Promise<void> {
  readEnvironmentFile();
  const { argon2, pepper } = loadConfig(process.env, administratorChecks);
  let opened: OpenedDatabase | null = null;
  try {
    opened = await openConfigured();
    await requireCurrent(opened);
    const em = opened.database.fork();
    const now = new Date();
    const changes = await promote(em, username, now);
    if (changes) {
      const state = changes.length === 0 ? 'is one already' : 'has the role ADMIN now, and is open';
      console.log(`${opened.name}: the account ${username} ${state}`);
      return;
    }
    if (email === undefined) throw new UsersError(`there is no account ${username}: --email ADDRESS would make one`);
    const costs = { memoryCost: argon2.memoryKib, timeCost: argon2.passes, parallelism: 1 };
    const passwords = createPasswordHasher({ ...costs, pepper, maxConcurrent: 1, maxWaiting: 0 });
    const made = await makeAdministrator(em, { username, email, passwords, now });
    if (made.taken)
      throw new UsersError(`another account has that ${made.taken[0] === 'email' ? 'e-mail address' : 'name'}`);
    console.log(
      `${opened.name}: made the administrator ${username}, password ${made.generatedPassword} (shown this once)`,
    );
  } finally {
    await opened?.database.close();
  }
}
