/**
 * The keys that sign and check access tokens.
 *
 * ES256 and RS256 use the operator's own keys, or key pairs that the server makes and keeps in the database. HS256 uses
 * the bytes of JWT_SECRET. docs/key-rotation.md is the operator's guide.
 */
import { parseKeys } from '../../config/pem-keys.ts';
import type { EntityManager } from '../../database/database.ts';
import {
  checkSecret,
  type KeyMaterial,
  keySetOf,
  pairMaterial,
  publicMaterial,
  type SigningAlgorithm,
  type SigningMaterial,
  secretMaterial,
} from './key-material.ts';
import type { SigningKeys } from './signing-keys.contract.ts';
import { liveSigningKeys } from './signing-keys.live.ts';
import { ensureKey, reencryptKeys } from './signing-keys.stored.ts';

export interface SigningKeySettings {
  algorithm: SigningAlgorithm;
  /** JWT_SECRET. */
  secret: string;
  /** JWT_SECRET_PREVIOUS: HS256 tokens by it are accepted. Stored keys that it encrypted are encrypted again. */
  previousSecret?: string | null;
  /** JWT_PRIVATE_KEYS, as `parseKeys` reads it: only these keys are used, and none from the database. */
  privateKeys?: string | null;
  /** Seconds. */
  accessTokenTtl: number;
  now: Date;
}

/** @throws Error if a secret is too short, a key is weak, or a stored key cannot be decrypted. */
export async function loadSigningKeys(em: EntityManager, settings: SigningKeySettings): Promise<SigningKeys> {
  const { algorithm, secret, previousSecret = null, accessTokenTtl, now } = settings;
  checkSecret(secret, 'JWT_SECRET');
  if (previousSecret !== null) checkSecret(previousSecret, 'JWT_SECRET_PREVIOUS');
  // Also when no stored key is in use now. One may be used later, when the former secret is gone.
  await reencryptKeys(em, { secret, previousSecret });
  const given = givenKeys(settings);
  if (given) return fixedSigningKeys(...given);
  if (algorithm === 'HS256') throw new Error('HS256 signs with JWT_SECRET.');

  await ensureKey(em, { algorithm, secret, now });
  const keys = liveSigningKeys(em, { algorithm, secret, previousSecret, accessTokenTtl });
  await keys.reload(now);
  return keys;
}

/**
 * The keys from the configuration: the first signs, the others verify. Null if the database keeps the keys.
 * @throws Error as `parseKeys` does.
 */
export function givenKeys({
  algorithm,
  secret,
  previousSecret = null,
  privateKeys = null,
}: Pick<SigningKeySettings, 'algorithm' | 'secret' | 'previousSecret' | 'privateKeys'>):
  | [SigningMaterial, ...KeyMaterial[]]
  | null {
  if (algorithm === 'HS256') {
    return [secretMaterial(secret), ...(previousSecret === null ? [] : [secretMaterial(previousSecret)])];
  }
  if (privateKeys === null) return null;
  const [first, ...others] = parseKeys(privateKeys, algorithm);
  return [pairMaterial(first.privateKey, algorithm), ...others.map((key) => publicMaterial(key.publicKey, algorithm))];
}

/** Keys that do not change while the process lives. */
export function fixedSigningKeys(current: SigningMaterial, ...others: KeyMaterial[]): SigningKeys {
  const byKid = new Map([...others, current].map((material) => [material.kid, material]));
  const known = (kid: string): KeyMaterial | null => byKid.get(kid) ?? null;
  const jwks = keySetOf([...byKid.values()].reverse());
  return {
    current: () => current,
    known,
    find: async (kid) => known(kid),
    jwks: () => jwks,
    reload: async () => {},
    watch: () => {},
    close: async () => {},
  };
}
