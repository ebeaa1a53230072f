/** The keys that sign and check access tokens, wherever they are kept. */
import type { JsonWebKeySet, KeyMaterial, SigningMaterial } from './key-material.ts';

export interface SigningKeys {
  /** The key that signs. */
  current(now: Date): SigningMaterial;
  /** The key with this kid, if its tokens are accepted, as far as this process knows. */
  known(kid: string, now: Date): KeyMaterial | null;
  /**
   * As `known`. For an unknown kid it first reads the table again, at most once a second.
   * @throws the driver's error if the database cannot be read.
   */
  find(kid: string, now: Date): Promise<KeyMaterial | null>;
  /** The public keys (RFC 7517), including keys that do not sign yet. Empty for HS256. */
  jwks(now: Date): JsonWebKeySet;
  /**
   * Reads the table again. Calls at the same time share a reading that began after them.
   * @throws Error if that fails, or a key cannot be decrypted; the known keys stay.
   */
  reload(now?: Date): Promise<void>;
  /** Reloads every minute until `close`. Does not keep the process alive. */
  watch(options: { now: () => Date; onError: (error: unknown) => void }): void;
  /** Resolves when no reading is under way. */
  close(): Promise<void>;
}
