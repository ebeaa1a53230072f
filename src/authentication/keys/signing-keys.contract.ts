/** What signs access tokens and checks them, wherever the keys are kept. */
import type { JsonWebKeySet, KeyMaterial, SigningMaterial } from './key-material.ts';

export interface SigningKeys {
  /** The key that signs. */
  current(now: Date): SigningMaterial;
  /** The key of that name, if its tokens are accepted, as far as this process knows. */
  known(kid: string, now: Date): KeyMaterial | null;
  /**
   * As `known`; for a name that it has never heard, it reads the table again first, at most once a second.
   * @throws the driver's error if the database cannot be read.
   */
  find(kid: string, now: Date): Promise<KeyMaterial | null>;
  /** The public keys, RFC 7517, also of the key that is yet to sign; empty for HS256. */
  jwks(now: Date): JsonWebKeySet;
  /**
   * Reads the table again; calls at the same time share a reading that began after them.
   * @throws Error if that fails, or a key cannot be decrypted; what is known stays.
   */
  reload(now?: Date): Promise<void>;
  /** Reloads every minute until `close`; does not keep the process alive. */
  watch(options: { now: () => Date; onError: (error: unknown) => void }): void;
  /** Resolves when no reading is under way. */
  close(): Promise<void>;
}
