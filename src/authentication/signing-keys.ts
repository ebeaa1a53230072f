/**
 * The keys that access tokens are signed with.
 *
 * ES256 and RS256: a key pair is made at the first start and kept in the database, the private key encrypted
 * under JWT_SECRET. HS256: the bytes of JWT_SECRET. Sources: RFC 7518, section 3; RFC 7638; RFC 5869.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPair,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { EntityManager } from '../database/connection.ts';
import { decrypt, encrypt } from './encryption.ts';
import { SigningKey } from './signing-key.entity.ts';

export type SigningAlgorithm = 'ES256' | 'RS256' | 'HS256';

export interface KeyMaterial {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly signingKey: KeyObject;
  readonly verifyingKey: KeyObject;
}

export interface SigningKeys {
  /** The newest: it signs. */
  readonly current: KeyMaterial;
  /** Every key that a token may be signed with, by its `kid`. */
  readonly byKid: ReadonlyMap<string, KeyMaterial>;
  /** The public keys, RFC 7517; empty for HS256. */
  readonly jwks: { keys: Record<string, unknown>[] };
}

export interface SigningKeySettings {
  algorithm: SigningAlgorithm;
  /** JWT_SECRET. */
  secret: string;
  now: Date;
}

/**
 * Of several servers that start at once on one database, all end up with the same key.
 * @throws Error if the secret is too short, or is not the one that the stored key was encrypted with.
 */
export async function loadSigningKeys(em: EntityManager, settings: SigningKeySettings): Promise<SigningKeys> {
  const { algorithm, secret, now } = settings;
  if (Buffer.byteLength(secret) < minSecretBytes) {
    throw new Error(`JWT_SECRET needs at least ${minSecretBytes} bytes (RFC 7518, section 3.2).`);
  }
  if (algorithm === 'HS256') return collect([secretKey(secret)]);

  const stored = await read(em, algorithm);
  if (stored.length > 0) return collect(stored.map((row) => unlock(row, secret)));

  // Outside the transaction: an RSA key takes its time.
  const fresh = await generate(algorithm, secret, now);
  const rows = await em.transactional(async (inner) => {
    await inner.execute('select pg_advisory_xact_lock(?)', [signingKeyLock]);
    const others = await read(inner, algorithm);
    if (others.length > 0) return others;
    await inner.insert(SigningKey, fresh);
    return [fresh];
  });
  return collect(rows.map((row) => unlock(row, secret)));
}

/** Any constant does, as long as every server takes the same, and nothing else takes it. */
const signingKeyLock = 4_711_002;

const minSecretBytes = 32;

interface StoredKey {
  kid: string;
  algorithm: 'ES256' | 'RS256';
  encryptedPrivateKey: string;
  createdAt: Date;
}

async function read(em: EntityManager, algorithm: 'ES256' | 'RS256'): Promise<StoredKey[]> {
  return await em.find(
    SigningKey,
    { algorithm },
    { disableIdentityMap: true, orderBy: { createdAt: 'desc', kid: 'asc' } },
  );
}

function collect(materials: KeyMaterial[]): SigningKeys {
  const [current] = materials;
  if (!current) throw new Error('There is no signing key.');
  const keys = materials
    .filter((material) => material.algorithm !== 'HS256')
    .map(({ kid, algorithm, verifyingKey }) => ({
      ...verifyingKey.export({ format: 'jwk' }),
      kid,
      alg: algorithm,
      use: 'sig',
    }));
  return { current, byKid: new Map(materials.map((material) => [material.kid, material])), jwks: { keys } };
}

function secretKey(secret: string): KeyMaterial {
  const bytes = Buffer.from(secret, 'utf8');
  const key = createSecretKey(bytes);
  // Told to every client, so derived one way.
  const kid = Buffer.from(hkdfSync('sha256', bytes, '', 'gatewright signing key id', 16)).toString('base64url');
  return { kid, algorithm: 'HS256', signingKey: key, verifyingKey: key };
}

async function generate(algorithm: 'ES256' | 'RS256', secret: string, now: Date): Promise<StoredKey> {
  const { privateKey, publicKey } =
    algorithm === 'ES256'
      ? await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
      : await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const kid = thumbprint(publicKey);
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  return { kid, algorithm, encryptedPrivateKey: encrypt(pkcs8, secret, context(kid, algorithm)), createdAt: now };
}

function unlock({ kid, algorithm, encryptedPrivateKey }: StoredKey, secret: string): KeyMaterial {
  const pkcs8 = decrypt(encryptedPrivateKey, secret, context(kid, algorithm));
  if (!pkcs8) {
    throw new Error(
      `The signing key ${kid} in the table signing_keys cannot be decrypted: JWT_SECRET is not the one that it was ` +
        'encrypted with. Start with the former JWT_SECRET, or delete that row: a new key is then made, and ' +
        'clients refresh their access tokens.',
    );
  }
  const signingKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  return { kid, algorithm, signingKey, verifyingKey: createPublicKey(signingKey) };
}

/** Ties a ciphertext to its row: moved to another, it does not decrypt. */
function context(kid: string, algorithm: string): string {
  return `${algorithm} ${kid}`;
}

/** RFC 7638: the required members only, in the order of the alphabet. */
function thumbprint(publicKey: KeyObject): string {
  const { kty, crv, x, y, e, n } = publicKey.export({ format: 'jwk' });
  const members = kty === 'EC' ? { crv, kty, x, y } : { e, kty, n };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}
