/** The database as its users see it, on a server or embedded. */
import type { MikroORM, Options } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import type { PoolSettings } from './address/server.ts';
import type { Subscriber, Subscription } from './notifications.ts';

/** The EntityManager that services take, for either database. */
export type EntityManager = SqlEntityManager;

export type DatabaseLocation =
  | ({ kind: 'postgresql'; url: string } & PoolSettings)
  /** `dataDir` is where the files lie. */
  | { kind: 'embedded'; dataDir: string }
  /** Writes nothing to disk. `snapshot` is a dumped data directory to begin with. Tests use it. */
  | { kind: 'memory'; snapshot?: Blob };

export type EmbeddedLocation = Exclude<DatabaseLocation, { kind: 'postgresql' }>;

/** The entities and migrations of mikro-orm.config.ts, the same for every location. */
export type SharedOptions = Pick<Options, 'entities' | 'extensions' | 'migrations' | 'discovery'>;

export interface Database {
  readonly orm: MikroORM;
  /** A fork with an identity map of its own. */
  fork(): EntityManager;
  /** Brings the schema up to date. If several servers start at once, one does it and the others wait. */
  migrate(): Promise<void>;
  /** What an operator should know about the database. */
  readonly warnings: readonly string[];
  /** Resolves if the database answers, lets new sessions in, and takes writes. */
  ping(): Promise<void>;
  /** Receives the messages that triggers send to every node (see notifications.ts). */
  subscribe(subscriber: Subscriber): Promise<Subscription>;
  /** Ends the subscriptions as well. */
  close(): Promise<void>;
}
