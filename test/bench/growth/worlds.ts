/** The compared databases, each with a server of its own. */
import { Client as PostgresqlClient } from 'pg';
import { fromGlobalId } from '../../../src/database/ids.ts';
import { type ManyTasks, manyTasks } from '../../support/many-tasks.ts';
import type { Cleanup } from '../login/cleanup.ts';
import { type Client, createClient } from '../login/client.ts';
import { createDatabase, type DatabaseServer } from '../login/database.ts';
import { registration, sessionOf, signIn } from '../login/operations.ts';
import { type MeasuredServer, startServer } from '../login/server.ts';
import { serverSettings } from '../login/settings.ts';

export type Viewer = 'reader' | 'heavy' | 'admin';

export interface World {
  /** How many tasks there are. */
  readonly tasks: number;
  /** How many accounts there are, and how many of them share the tasks: `person1` and so on. */
  readonly accounts: number;
  readonly sharing: number;
  readonly client: Client;
  readonly server: MeasuredServer;
  /** Access tokens for a quarter of an hour. */
  tokens: Readonly<Record<Viewer, string>>;
  readonly signIn: () => Promise<void>;
  readonly made: {
    /** Seconds that making the tasks and their indexes took. */
    readonly seconds: number;
    /** The size of the table `tasks`. */
    readonly tableBytes: number;
    readonly indexBytes: number;
  };
}

/** Accounts without tasks, so that the smallest database too has pages of administrators and closed accounts. */
const more = 2000;
const password = 'the quick brown bench 7';

export async function makeWorld(tasks: number, postgresql: DatabaseServer, cleanup: Cleanup): Promise<World> {
  const databaseUrl = await createDatabase(postgresql, cleanup);
  const { environment, administrator } = serverSettings(databaseUrl);
  const server = await startServer(environment, cleanup);
  const client = createClient(server.url);
  cleanup.add('connections are left over', () => client.close());
  const register = async (name: string) => {
    const { userId } = sessionOf(await client.send(registration(name, `${name}@bench.example`, password)));
    return fromGlobalId('user', userId) ?? '';
  };
  const owners = { reader: await register('reader'), heavy: await register('heavy'), former: await register('former') };
  const sharing = tasks / 100;
  const others = sharing + more;
  const made = await fill(databaseUrl, { tasks, others, sharing, owners });

  const tokenOf = async (identifier: string, secret: string) =>
    sessionOf(await client.send(signIn(identifier, secret))).accessToken;
  const world: World = {
    ...{ tasks, accounts: others + 4, sharing, client, server, made },
    tokens: { reader: '', heavy: '', admin: '' },
    signIn: async () => {
      world.tokens = {
        reader: await tokenOf('reader', password),
        heavy: await tokenOf('heavy', password),
        admin: await tokenOf(administrator.username, administrator.password),
      };
    },
  };
  await world.signIn();
  return world;
}

/** Drops the indexes and creates them after the rows, which takes a third of the time. */
async function fill(databaseUrl: string, many: ManyTasks): Promise<World['made']> {
  const database = new PostgresqlClient({ connectionString: databaseUrl });
  await database.connect();
  try {
    const started = performance.now();
    const indexes = await database.query<{ name: string; definition: string }>(
      `select indexname as name, indexdef as definition from pg_indexes
       where tablename = 'tasks' and indexname <> 'tasks_pkey'`,
    );
    for (const { name } of indexes.rows) await database.query(`drop index ${name}`);
    const statements = manyTasks(many);
    const last = statements.pop() ?? '';
    for (const statement of statements) await database.query(statement);
    for (const { definition } of indexes.rows) await database.query(definition);
    await database.query(last);
    const { rows } = await database.query<{ tableBytes: string; indexBytes: string }>(
      `select pg_table_size('tasks') as "tableBytes", pg_indexes_size('tasks') as "indexBytes"`,
    );
    const [tableBytes, indexBytes] = [Number(rows[0]?.tableBytes), Number(rows[0]?.indexBytes)];
    return { seconds: (performance.now() - started) / 1000, tableBytes, indexBytes };
  } finally {
    await database.end();
  }
}
