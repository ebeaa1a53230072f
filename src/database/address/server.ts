/** Connections to a PostgreSQL server. */
import type { MikroORM, Options } from '@mikro-orm/core';
import { type PostgreSqlConnection, PostgreSqlDriver } from '@mikro-orm/postgresql';
import { Client, type ClientBase, type ClientConfig, type Pool } from 'pg';
import { isRefusedSession, isShortOfRoom, unconnectedBy } from '../faults.ts';
import { maxUses, PreparingClient } from '../prepared-client.ts';
import { setUpSession } from '../session-settings.ts';
import { parseAddress, type ServerAddress } from './address.ts';

export interface PoolSettings {
  /** Connections at once; 10 if left out. */
  poolSize?: number;
  /** Seconds that a statement may take, or the wait for a connection. No limit if left out. */
  timeout?: number;
}

export interface Server {
  /** Options of MikroORM. */
  readonly options: Pick<Options<PostgreSqlDriver>, 'driver' | 'dbName' | 'host' | 'port' | 'driverOptions'>;
  /** Makes a connection outside the pool. It is not open yet. */
  client(config: ClientConfig): Client;
  /** Makes the pool close connections that will be of no more use. */
  attend(orm: MikroORM): Promise<void>;
  /** Rejects while the server refuses new sessions or has no room, even if open sessions still work. */
  probe(): Promise<void>;
}

/** The database takes no writes. */
export class ReadOnlyError extends Error {
  /** read_only_sql_transaction */
  readonly code = '25006';

  constructor() {
    super('The database takes no writes: it is a standby, its disk is full, or default_transaction_read_only is on.');
  }
}

/** @throws AddressError */
export function serverOf({ url, poolSize = 10, timeout }: { url: string } & PoolSettings): Server {
  const address = parseAddress(url);
  /** The server refused the last attempt to open a session. */
  let isRefused = false;
  /** A statement found no room, and `probe` has found none since. */
  let isShort = false;
  let pool: Pool | null = null;
  /**
   * Sessions that were read-only when they began. They stay so though the server may take writes by now, so each
   * serves once.
   */
  const readOnly = new WeakSet<ClientBase>();

  class PooledClient extends PreparingClient {
    // biome-ignore lint/suspicious/noExplicitAny: two overloads, of which the pool calls the one with a callback
    override connect(callback?: any): any {
      if (!callback) return super.connect();
      super.connect((error: Error | null) => {
        isRefused = isRefusedSession(error);
        unconnectedBy(error);
        callback(error);
      });
    }

    // biome-ignore lint/suspicious/noExplicitAny: seven overloads, all of which fail by a callback or a promise
    override query(...given: any[]): any {
      const callback = given.at(-1);
      if (typeof callback === 'function') {
        given[given.length - 1] = (error: unknown, result: unknown) => {
          note(error);
          callback(error, result);
        };
      }
      const asked = super.query(...given);
      if (asked instanceof Promise) asked.catch(note);
      return asked;
    }
  }

  function note(error: unknown): void {
    isShort ||= isShortOfRoom(error);
  }

  const beside = (config: ClientConfig): Client => new Client({ ...address.client, ...config });

  return {
    options: {
      driver: PostgreSqlDriver,
      ...{ dbName: address.client.database, host: address.client.host, port: address.client.port },
      driverOptions: {
        ...{ ...address.client, ...timeouts(address, timeout), Client: PooledClient, max: poolSize, maxUses },
        onConnect: async (client: ClientBase) => {
          const { isReadOnly } = await setUpSession(client, timeout);
          if (isReadOnly) readOnly.add(client);
          if (isReadOnly && address.needsWrites) throw new ReadOnlyError();
        },
      },
    },
    client: beside,
    attend: async (orm) => {
      pool = await (orm.em.getConnection() as unknown as PostgreSqlConnection).getNativeClient();
      pool.on('release', (_error, client) => {
        if (readOnly.has(client)) void client.end();
      });
    },
    probe: async () => {
      if (isRefused) await openSession(beside({ connectionTimeoutMillis: probeLimit }));
      isRefused = false;
      if (isShort && pool) await takeRoom(pool);
      isShort = false;
    },
  };
}

const probeLimit = 2000;

async function openSession(client: Client): Promise<void> {
  try {
    await client.connect();
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * Writes a megabyte that is deleted at once. A role without the privilege learns of missing room by its next
 * statement.
 */
async function takeRoom(pool: Pool): Promise<void> {
  try {
    await pool.query(
      `create temp table gatewright_room on commit drop as
       select repeat('x', 1000) as filler from generate_series(1, 1000)`,
    );
  } catch (error) {
    if ((error as { code?: unknown }).code !== insufficientPrivilege) throw error;
  }
}

const insufficientPrivilege = '42501';

function timeouts({ client }: ServerAddress, timeout?: number): object {
  if (!timeout) return {};
  const wait = Math.min(timeout * 1000, client.connectionTimeoutMillis || Number.POSITIVE_INFINITY);
  return { connectionTimeoutMillis: wait, answerTimeout: timeout * 1500 };
}
