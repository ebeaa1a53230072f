/** Opens the database: a PostgreSQL server, or PostgreSQL embedded in this process (PGlite). */
import type { PGlite } from '@electric-sql/pglite';
import { MikroORM, type Options } from '@mikro-orm/core';
import type { PgliteConnection } from '@mikro-orm/pglite';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { CompiledQuery, type DatabaseConnection, sql } from 'kysely';
import { lockDirectory } from './lock.ts';
import { type Notify, type Subscriber, type Subscription, subscribe, subscribeEmbedded } from './notifications.ts';
import { poolOf } from './pool.ts';
import { PreparingClient, withPatience } from './prepared-client.ts';

/** The EntityManager that services take, whichever database is behind it. */
export type EntityManager = SqlEntityManager;

export type DatabaseLocation =
  | ({ kind: 'postgresql'; url: string } & PoolSettings)
  /** `dataDir`: where the files lie. */
  | { kind: 'embedded'; dataDir: string }
  /** Nothing on disk; `snapshot`: a dumped data directory to begin with. For tests. */
  | { kind: 'memory'; snapshot?: Blob };

export interface PoolSettings {
  /** Connections at once; 10 if left out. */
  poolSize?: number;
  /** Seconds that a statement may take, or the wait for a connection; without end if left out. */
  timeout?: number;
}

/** What mikro-orm.config.ts tells about entities and migrations, the same for every location. */
export type SharedOptions = Pick<Options, 'entities' | 'extensions' | 'migrations' | 'discovery'>;

export interface Database {
  readonly orm: MikroORM;
  /** A fork with an identity map of its own. */
  fork(): EntityManager;
  /** Brings the schema up to date. Of several servers that start at once, one does it and the others wait. */
  migrate(): Promise<void>;
  /** Resolves if the database answers. */
  ping(): Promise<void>;
  /** Takes what triggers tell every node (see notifications.ts). */
  subscribe(subscriber: Subscriber): Promise<Subscription>;
  /** Ends its subscriptions as well. */
  close(): Promise<void>;
}

/**
 * @throws DataDirectoryLockedError if another process has the embedded database open.
 * @throws the driver's own error if the server cannot be reached.
 */
export async function openDatabase(location: DatabaseLocation, options: SharedOptions): Promise<Database> {
  const unlock = location.kind === 'embedded' ? lockDirectory(location.dataDir) : () => {};
  try {
    const orm = await open(location, options);
    const fork = (): EntityManager => orm.em.fork() as unknown as EntityManager;
    await ping(fork());
    const subscriptions: Subscription[] = [];
    return {
      orm,
      fork,
      migrate: () => withPatience(() => migrate(location, orm)),
      ping: () => ping(fork()),
      subscribe: async (subscriber) => {
        const subscription =
          location.kind === 'postgresql'
            ? await subscribe(location.url, subscriber, await notifyBy(fork()))
            : await subscribeEmbedded(await pgliteOf(orm), subscriber);
        subscriptions.push(subscription);
        return subscription;
      },
      close: async () => {
        for (const subscription of subscriptions) await subscription.close();
        await orm.close(true);
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

async function open(location: DatabaseLocation, options: SharedOptions): Promise<MikroORM> {
  if (location.kind !== 'postgresql') {
    // A server has no need of it, and loads it not.
    const { embeddedOptions } = await import('./embedded.ts');
    return await MikroORM.init({ ...options, ...embeddedOptions(location) });
  }
  return await MikroORM.init({
    ...options,
    driver: PostgreSqlDriver,
    clientUrl: location.url,
    driverOptions: poolOptions(location),
    onCreateConnection: (connection) => setSession(connection, location),
  });
}

function poolOptions({ poolSize = 10, timeout }: PoolSettings): object {
  const timeouts = timeout && { connectionTimeoutMillis: timeout * 1000, answerTimeout: timeout * 1500 };
  return { Client: PreparingClient, max: poolSize, ...timeouts };
}

/**
 * In other zones old dates are printed with seconds in their offset, which no parser here reads. Locks are not waited for
 * as long as a statement: who holds one is to be heard of. Source: PostgreSQL, statement_timeout and after.
 */
async function setSession(connection: unknown, { timeout }: PoolSettings): Promise<void> {
  const settings = ["set time zone 'UTC'"];
  if (timeout) {
    settings.push(
      `set statement_timeout = ${timeout * 1000}`,
      `set lock_timeout = ${timeout * 500}`,
      `set idle_in_transaction_session_timeout = ${timeout * 2000}`,
    );
  }
  await (connection as DatabaseConnection).executeQuery(CompiledQuery.raw(settings.join('; ')));
}

/** By the driver's own pool: nobody asked for these statements, and the ORM tells of none of them. */
async function notifyBy(em: EntityManager): Promise<Notify> {
  const pool = await poolOf(em);
  if (!pool) throw new Error('Only a PostgreSQL server has other connections.');
  return (channel, payload) => pool.query({ text: 'select pg_notify($1, $2)', values: [channel, payload] });
}

function pgliteOf(orm: MikroORM): Promise<PGlite> {
  return (orm.em.getConnection() as unknown as PgliteConnection).getNativeClient();
}

async function ping(em: EntityManager): Promise<void> {
  await sql`select 1`.execute(em.getKysely());
}

/** Any constant does, as long as every server takes the same. */
const migrationLock = 4_711_001;

async function migrate(location: DatabaseLocation, orm: MikroORM): Promise<void> {
  // The embedded database has one session, whose transaction the migrator's own queries would wait for.
  if (location.kind !== 'postgresql') {
    await orm.migrator.up();
    return;
  }
  await orm.em.fork().transactional(async (em) => {
    // An index of a large table takes as long as it takes, and so does the server that migrates before this one.
    for (const wait of ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout']) {
      await (em as unknown as EntityManager).execute(`set local ${wait} = 0`);
    }
    await (em as unknown as EntityManager).execute('select pg_advisory_xact_lock(?)', [migrationLock]);
    await orm.migrator.up();
  });
}
