/** Who is asking, and with which rights. */
import type { Role } from '../graphql/generated.ts';

export interface Viewer {
  /** The account's UUID. */
  readonly id: string;
  readonly roles: readonly Role[];
  readonly scopes: readonly string[];
  /** The UUID of the session that the access token belongs to. */
  readonly sessionId: string;
}
