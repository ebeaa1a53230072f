/** Who is asking, and with which rights. */
import { CodedError } from '../errors.ts';
import type { Role } from '../graphql/schema-types.ts';

export interface Viewer {
  /** The account's UUID. */
  readonly id: string;
  readonly roles: readonly Role[];
  readonly scopes: readonly string[];
  /** The UUID of the session that the access token belongs to. */
  readonly sessionId: string;
}

/**
 * For operations that need a viewer. The guard has decided that before, but in `report` it lets every caller through.
 *
 * @throws CodedError UNAUTHENTICATED
 */
export function signedIn(viewer: Viewer | null): Viewer {
  return viewer ?? notSignedIn();
}

/** @throws CodedError UNAUTHENTICATED */
export function notSignedIn(): never {
  throw new CodedError('UNAUTHENTICATED', 'Sign in first.', { requires: { scopes: [], roles: [], policies: [] } });
}
