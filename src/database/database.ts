/** What the database is to those who use it, whichever it is. */
import type { MikroORM, Options } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import type { PoolSettings } from './address/server.ts';
import type { Subscriber, Subscription } from './notifications.ts';

/** The EntityManager that services take, whichever database is behind it. */
export type EntityManager = SqlEntityManager;

export type DatabaseLocation =
  | ({ kind: 'postgresql'; url: string } & PoolSettings)
  /** `dataDir`: where the files lie. */
  | { kind: 'embedded'; dataDir: string }
  /** Nothing on disk; `snapshot`: a dumped data directory to begin with. For tests. */
  | { kind: 'memory'; snapshot?: Blob };

export type EmbeddedLocation = Exclude<DatabaseLocation, { kind: 'postgresql' }>;

/** What mikro-orm.config.ts tells about entities and migrations, the same for every location. */
export type SharedOptions = Pick<Options, 'entities' | 'extensions' | 'migrations' | 'discovery'>;

export interface Database {
  readonly orm: MikroORM;
  /** A fork with an identity map of its own. */
  fork(): EntityManager;
  /** Brings the schema up to date. Of several servers that start at once, one does it and the others wait. */
  migrate(): Promise<void>;
  /** What an operator should know of it. */
  readonly warnings: readonly string[];
  /** Resolves if the database answers, lets new sessions in, and takes writes. */
  ping(): Promise<void>;
  /** Takes what triggers tell every node (see notifications.ts). */
  subscribe(subscriber: Subscriber): Promise<Subscription>;
  /** Ends its subscriptions as well. */
  close(): Promise<void>;
}
