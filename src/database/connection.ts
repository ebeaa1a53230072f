/** Opens the database: a PostgreSQL server, or PostgreSQL embedded in this process (PGlite). */
import { MikroORM } from '@mikro-orm/core';
import type { PgliteConnection } from '@mikro-orm/pglite';
import { sql } from 'kysely';
import { type PoolSettings, ReadOnlyError, type Server, serverOf } from './address/server.ts';
import { withPatience } from './answer-timeout.ts';
import type { Database, DatabaseLocation, EmbeddedLocation, EntityManager, SharedOptions } from './database.ts';
import { keepRoom, reserve, roomOf } from './embedded/disk-room.ts';
import { lockDirectory } from './embedded/lock.ts';
import type { EmbeddedPglite } from './embedded/renewal.ts';
import { examine, UnfitDatabaseError } from './fitness.ts';
import { type Notify, type Subscription, subscribe, subscribeEmbedded } from './notifications.ts';
import { poolOf } from './pool.ts';
import { repeated } from './transaction.ts';

/**
 * @throws AddressError for an address that cannot be used.
 * @throws DataDirectoryLockedError if another process has the embedded database open.
 * @throws UnfitDatabaseError if the database cannot hold what is written to it.
 * @throws the driver's own error if the server cannot be reached.
 */
export async function openDatabase(location: DatabaseLocation, options: SharedOptions): Promise<Database> {
  const server = location.kind === 'postgresql' ? serverOf(location) : null;
  const unlock = location.kind === 'embedded' ? lockDirectory(location.dataDir) : () => {};
  let orm: MikroORM | null = null;
  try {
    orm = await open(server, location, options);
    return await opened(orm, { server, location, unlock });
  } catch (error) {
    if (orm) await close(orm, location);
    unlock();
    throw error;
  }
}

interface Opened {
  server: Server | null;
  location: DatabaseLocation;
  unlock: () => void;
}

async function opened(orm: MikroORM, { server, location, unlock }: Opened): Promise<Database> {
  const fork = (): EntityManager => orm.em.fork() as unknown as EntityManager;
  await server?.attend(orm);
  await ping(fork());
  const warnings = server ? await examine(fork(), location as PoolSettings) : [];
  const subscriptions: Subscription[] = [];
  const stopLooking =
    location.kind === 'embedded' ? keepRoom(await pgliteOf(orm), () => roomOf(location.dataDir)) : async () => {};
  return {
    orm,
    warnings,
    fork,
    migrate: () => withPatience(() => repeated(() => migrate(location, orm))),
    ping: async () => {
      await server?.probe();
      await ping(fork());
    },
    subscribe: async (subscriber) => {
      const subscription = server
        ? await subscribe(server, subscriber, await notifyBy(fork()))
        : await subscribeEmbedded(await pgliteOf(orm), subscriber);
      subscriptions.push(subscription);
      return subscription;
    },
    close: async () => {
      await stopLooking();
      for (const subscription of subscriptions) await subscription.close();
      await close(orm, location);
      unlock();
    },
  };
}

async function open(server: Server | null, location: DatabaseLocation, options: SharedOptions): Promise<MikroORM> {
  if (server) return await MikroORM.init({ ...options, ...server.options });
  if (location.kind === 'embedded') await refuseFull(location.dataDir);
  // A PostgreSQL server does not need PGlite, so it is imported only on demand.
  const { embeddedOptions } = await import('./embedded/embedded.ts');
  return await MikroORM.init({ ...options, ...embeddedOptions(location as EmbeddedLocation) });
}

/** Sends messages by the driver's own pool. No request caused these statements, so the ORM must not log them. */
async function notifyBy(em: EntityManager): Promise<Notify> {
  const pool = await poolOf(em);
  if (!pool) throw new Error('Only a PostgreSQL server has other connections.');
  return (channel, payload) => pool.query({ text: 'select pg_notify($1, $2)', values: [channel, payload] });
}

async function refuseFull(dataDir: string): Promise<void> {
  const room = await roomOf(dataDir);
  if (room >= reserve) return;
  const [has, wants] = [room, reserve].map((bytes) => Math.floor(bytes / 1_048_576));
  throw new UnfitDatabaseError(
    room === 0
      ? 'its disk is full, or can hold no more files. Make room there.'
      : `its disk is full: ${has} MiB are free, and ${wants} MiB are wanted. Make room there.`,
  );
}

async function close(orm: MikroORM, { kind }: DatabaseLocation): Promise<void> {
  // MikroORM did not open PGlite, so it does not close it.
  if (kind === 'embedded') await (await pgliteOf(orm)).close();
  await orm.close(true);
}

function pgliteOf(orm: MikroORM): Promise<EmbeddedPglite> {
  return (orm.em.getConnection() as unknown as PgliteConnection).getNativeClient();
}

async function ping(em: EntityManager): Promise<void> {
  const { rows } = await sql<{ read_only: string }>`
    select current_setting('transaction_read_only') as read_only`.execute(em.getKysely());
  if (rows[0]?.read_only === 'on') throw new ReadOnlyError();
}

/** Any constant will do, if every server uses the same. */
const migrationLock = 4_711_001;

async function migrate(location: DatabaseLocation, orm: MikroORM): Promise<void> {
  // The embedded database has one session. The migrator's own queries would wait for its transaction.
  if (location.kind !== 'postgresql') {
    await orm.migrator.up();
    return;
  }
  await orm.em.fork().transactional(async (em) => {
    // An index of a large table may take any time. So may another server that migrates first.
    for (const wait of ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout']) {
      await (em as unknown as EntityManager).execute(`set local ${wait} = 0`);
    }
    await (em as unknown as EntityManager).execute('select pg_advisory_xact_lock(?)', [migrationLock]);
    await orm.migrator.up();
  });
}
