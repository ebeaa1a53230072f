/** What every resolver receives. */
import type { Logger } from 'pino';
import type { RequestInfo } from '../audit/request-info.ts';
import type { Authentication } from '../authentication/authentication.ts';
import type { ViewerRows } from '../authorization/guard.ts';
import type { EntityManager } from '../database/database.ts';
import type { Viewer } from '../users/viewer.ts';

export interface GraphQLContext {
  /** Null if nobody is signed in. */
  readonly viewer: Viewer | null;
  /** Each request has its own fork. */
  readonly em: EntityManager;
  /** The rows of a type that exist for the viewer. What was read by them is marked by them. A method: do not detach it. */
  rows(type: string): ViewerRows;
  /** What signing in needs: password hashing, tokens, lifetimes. */
  readonly authentication: Authentication;
  /** The clock. Injected, so that tests can set it. */
  readonly now: () => Date;
  /** When the request came, by that clock, and from where. */
  readonly request: () => RequestInfo;
  readonly log: Logger;
  readonly requestId: string;
  /** Aborts when the request takes too long, or when its client has gone. Work that has not begun need not begin. */
  readonly signal: AbortSignal;
}
