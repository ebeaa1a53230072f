/** Key pairs in the database. Their private parts are encrypted under JWT_SECRET. */
import { createPrivateKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { KeyPairAlgorithm } from '../../config/pem-keys.ts';
import type { EntityManager } from '../../database/database.ts';
import { inTransaction } from '../../database/transaction.ts';
import { decrypt, encrypt } from './encryption.ts';
import { pairMaterial, type SigningMaterial } from './key-material.ts';
import { SigningKey } from './signing-key.entity.ts';

export interface StoredKey {
  kid: string;
  algorithm: KeyPairAlgorithm;
  /** Null once the key is retired. */
  encryptedPrivateKey: string | null;
  signsFrom: Date;
  createdAt: Date;
  retiredAt: Date | null;
}

export interface Secrets {
  /** JWT_SECRET. */
  readonly secret: string;
  /** JWT_SECRET_PREVIOUS: only decrypts. */
  readonly previousSecret: string | null;
}

/** All stored keys: every algorithm, and retired keys too. */
export async function readKeys(em: EntityManager): Promise<StoredKey[]> {
  const rows = await em.find(SigningKey, {}, { disableIdentityMap: true });
  return rows.map(({ kid, algorithm, encryptedPrivateKey, signsFrom, createdAt, retiredAt }) => ({
    ...{ kid, algorithm, signsFrom, createdAt },
    encryptedPrivateKey: encryptedPrivateKey ?? null,
    retiredAt: retiredAt ?? null,
  }));
}

/** Held until the transaction ends, so only one process changes keys at a time. */
export async function lockKeys(em: EntityManager): Promise<void> {
  await em.execute('select pg_advisory_xact_lock(?)', [signingKeyLock]);
}

/** An arbitrary constant. Every server uses the same one, and no other lock uses it. */
const signingKeyLock = 4_711_002;

/** Call it outside transactions, because an RSA key takes long to make. */
export async function generateKey(
  algorithm: KeyPairAlgorithm,
  secret: string,
  { signsFrom, now }: { signsFrom: Date; now: Date },
): Promise<StoredKey> {
  const { privateKey } =
    algorithm === 'ES256'
      ? await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
      : await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const { kid } = pairMaterial(privateKey, algorithm);
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  const encryptedPrivateKey = encrypt(pkcs8, secret, context({ kid, algorithm }));
  return { kid, algorithm, encryptedPrivateKey, signsFrom, createdAt: now, retiredAt: null };
}

/** @throws Error if the key was encrypted with neither secret. */
export function unlockKey(row: StoredKey, { secret, previousSecret }: Secrets): SigningMaterial {
  const pkcs8 = open(row, secret) ?? open(row, previousSecret);
  if (!pkcs8) {
    throw new Error(
      `The signing key ${row.kid} in the table signing_keys cannot be decrypted: JWT_SECRET is not the one that it ` +
        'was encrypted with. Set JWT_SECRET_PREVIOUS to the former JWT_SECRET, or delete that row: a new key is then ' +
        'made, and clients refresh their access tokens.',
    );
  }
  return pairMaterial(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }), row.algorithm);
}

/** If several servers start at once on one database, all use the same first key. */
export async function ensureKey(
  em: EntityManager,
  { algorithm, secret, now }: { algorithm: KeyPairAlgorithm; secret: string; now: Date },
): Promise<void> {
  const isThere = async (inner: EntityManager): Promise<boolean> =>
    (await readKeys(inner)).some((row) => row.algorithm === algorithm && row.retiredAt === null);
  if (await isThere(em)) return;
  const fresh = await generateKey(algorithm, secret, { signsFrom: now, now });
  await inTransaction(em, async (inner) => {
    await lockKeys(inner);
    if (!(await isThere(inner))) await inner.insert(SigningKey, fresh);
  });
}

/** Encrypts under JWT_SECRET all keys that the previous secret encrypted, or none. */
export async function reencryptKeys(em: EntityManager, { secret, previousSecret }: Secrets): Promise<void> {
  if (previousSecret === null) return;
  const stale = async (inner: EntityManager): Promise<{ row: StoredKey; pkcs8: Buffer }[]> =>
    (await readKeys(inner)).flatMap((row) => {
      const pkcs8 = open(row, secret) ? null : open(row, previousSecret);
      return pkcs8 ? [{ row, pkcs8 }] : [];
    });
  if ((await stale(em)).length === 0) return;
  await inTransaction(em, async (inner) => {
    await lockKeys(inner);
    for (const { row, pkcs8 } of await stale(inner)) {
      const encryptedPrivateKey = encrypt(pkcs8, secret, context(row));
      await inner.nativeUpdate(SigningKey, { kid: row.kid }, { encryptedPrivateKey });
    }
  });
}

function open(row: StoredKey, secret: string | null): Buffer | null {
  if (row.encryptedPrivateKey === null || secret === null) return null;
  return decrypt(row.encryptedPrivateKey, secret, context(row));
}

/** Ties a ciphertext to its row. In another row it does not decrypt. */
function context({ kid, algorithm }: Pick<StoredKey, 'kid' | 'algorithm'>): string {
  return `${algorithm} ${kid}`;
}
