/** The accounts, created through the API as by any user. */
import { type Client, createClient } from './client.ts';
import { checkDone, checkInvalidCredentials, closing, newTask, registration, sessionOf, signIn } from './operations.ts';
import type { ServerSettings } from './settings.ts';

export interface Account {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly userId: string;
  /** The refresh token of the session from the registration. */
  readonly refreshToken: string;
}

/** Names to try to sign in with. All usernames have one length, and so have all addresses. */
export type Name = Pick<Account, 'username' | 'email'>;

export interface Accounts {
  /** Has 50 tasks. */
  readonly reader: Account;
  readonly open: readonly Account[];
  readonly closed: readonly Account[];
  /** Accounts that sign in from many networks. */
  readonly crowd: readonly Account[];
  /** Names without an account. */
  readonly unknown: readonly Name[];
}

const password = 'the quick brown bench 7';
const tasks = 50;

export interface Numbers {
  /** How many accounts of each kind. */
  readonly each: number;
  readonly crowd: number;
}

export async function makeAccounts(
  url: string,
  { administrator }: ServerSettings,
  { each, crowd: many }: Numbers,
): Promise<Accounts> {
  const client = createClient(url);
  try {
    const reader = await register(client, nameOf('reader', 0));
    const { accessToken } = sessionOf(await client.send(signIn(reader.username, password)));
    for (let task = 0; task < tasks; task++) checkDone(await client.send(newTask(`Task ${task}`), accessToken));

    const open = await registerAll(client, 'opened', each);
    const closed = await registerAll(client, 'closed', each);
    const { accessToken: asAdministrator } = sessionOf(
      await client.send(signIn(administrator.username, administrator.password)),
    );
    for (const { userId } of closed) checkDone(await client.send(closing(userId), asAdministrator));
    const crowd = await registerAll(client, 'throng', many);
    const unknown = names('nobody', each);
    for (const { username } of [closed[0] as Name, unknown[0] as Name]) {
      checkInvalidCredentials(await client.send(signIn(username, password)));
    }
    return { reader, open, closed, crowd, unknown };
  } finally {
    client.close();
  }
}

async function registerAll(client: Client, kind: string, each: number): Promise<Account[]> {
  const accounts: Account[] = [];
  for (const name of names(kind, each)) accounts.push(await register(client, name));
  return accounts;
}

async function register(client: Client, name: Name): Promise<Account> {
  const { userId, refreshToken } = sessionOf(await client.send(registration(name.username, name.email, password)));
  return { ...name, password, userId, refreshToken };
}

function names(kind: string, each: number): Name[] {
  return Array.from({ length: each }, (_, number) => nameOf(kind, number));
}

/** `kind`: six letters. */
function nameOf(kind: string, number: number): Name {
  const username = `${kind}${String(number).padStart(4, '0')}`;
  return { username, email: `${username}@bench.example` };
}
