/** What every resolver is given. */
import type { Logger } from 'pino';
import type { RequestInfo } from '../audit/request-info.ts';
import type { Authentication } from '../authentication/authentication.ts';
import type { EntityManager } from '../database/database.ts';
import type { Viewer } from '../users/viewer.ts';

export interface GraphQLContext {
  /** Null: nobody is signed in. */
  readonly viewer: Viewer | null;
  /** A fork of its own for each request. */
  readonly em: EntityManager;
  /** What signing in needs: password hashing, tokens, lifetimes. */
  readonly authentication: Authentication;
  /** The clock. Injected, so that tests can turn it. */
  readonly now: () => Date;
  /** When this is asked, by that clock, and from where. */
  readonly request: () => RequestInfo;
  readonly log: Logger;
  readonly requestId: string;
  /** Aborts when the request takes too long, or when its client goes away: work that has not begun need not begin. */
  readonly signal: AbortSignal;
}
