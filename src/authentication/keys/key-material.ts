/** Keys in memory: their ids and their public form. Sources: RFC 7517; RFC 7518; RFC 7638; RFC 5869. */
import { createHash, createPublicKey, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

export type SigningAlgorithm = 'ES256' | 'RS256' | 'HS256';

/** A key that checks tokens. */
export interface KeyMaterial {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly verifyingKey: KeyObject;
}

/** A key that also signs tokens. */
export interface SigningMaterial extends KeyMaterial {
  readonly signingKey: KeyObject;
}

export interface JsonWebKeySet {
  readonly keys: readonly Record<string, unknown>[];
}

/** @throws Error if the secret has less than 256 bits (RFC 7518, section 3.2). `name`: the variable that holds it. */
export function checkSecret(secret: string, name: string): void {
  if (Buffer.byteLength(secret) >= minSecretBytes) return;
  throw new Error(`${name} needs at least ${minSecretBytes} bytes (RFC 7518, section 3.2).`);
}

const minSecretBytes = 32;

/** For HS256. */
export function secretMaterial(secret: string): SigningMaterial {
  const bytes = Buffer.from(secret, 'utf8');
  const key = createSecretKey(bytes);
  // Derived one way, because every client sees the kid.
  const kid = Buffer.from(hkdfSync('sha256', bytes, '', 'gatewright signing key id', 16)).toString('base64url');
  return { kid, algorithm: 'HS256', signingKey: key, verifyingKey: key };
}

export function pairMaterial(privateKey: KeyObject, algorithm: 'ES256' | 'RS256'): SigningMaterial {
  return { ...publicMaterial(createPublicKey(privateKey), algorithm), signingKey: privateKey };
}

export function publicMaterial(publicKey: KeyObject, algorithm: 'ES256' | 'RS256'): KeyMaterial {
  return { kid: thumbprint(publicKey), algorithm, verifyingKey: publicKey };
}

/** The public keys; a secret has none. */
export function keySetOf(materials: readonly KeyMaterial[]): JsonWebKeySet {
  const keys = materials
    .filter(({ algorithm }) => algorithm !== 'HS256')
    .map(({ kid, algorithm, verifyingKey }) => ({
      ...verifyingKey.export({ format: 'jwk' }),
      kid,
      alg: algorithm,
      use: 'sig',
    }));
  return { keys };
}

/** RFC 7638: only the required members, in alphabetical order. */
export function thumbprint(publicKey: KeyObject): string {
  const { kty, crv, x, y, e, n } = publicKey.export({ format: 'jwk' });
  const members = kty === 'EC' ? { crv, kty, x, y } : { e, kty, n };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}
