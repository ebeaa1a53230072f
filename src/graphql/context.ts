/** What every resolver is given. */
import type { Logger } from 'pino';
import type { Authentication } from '../authentication/authentication.ts';
import type { Viewer } from '../authentication/viewer.ts';
import type { EntityManager } from '../database/connection.ts';

export interface GraphQLContext {
  /** Null: nobody is signed in. */
  readonly viewer: Viewer | null;
  /** A fork of its own for each request. */
  readonly em: EntityManager;
  /** What signing in needs: password hashing, tokens, lifetimes. */
  readonly authentication: Authentication;
  /** The clock. Injected, so that tests can turn it. */
  readonly now: () => Date;
  readonly log: Logger;
  readonly requestId: string;
}
