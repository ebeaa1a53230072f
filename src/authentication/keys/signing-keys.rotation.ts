/** What an operator does with the stored keys: rotate them, retire a leaked one, list them all. */
import { recordEvent } from '../../audit/audit.service.ts';
import { byOperator } from '../../audit/request-info.ts';
import type { KeyPairAlgorithm } from '../../config/pem-keys.ts';
import type { EntityManager } from '../../database/database.ts';
import { inTransaction } from '../../database/transaction.ts';
import { isAccepted, signingTerm, termsOf } from './key-schedule.ts';
import { SigningKey } from './signing-key.entity.ts';
import { generateKey, lockKeys, readKeys, type Secrets, type StoredKey, unlockKey } from './signing-keys.stored.ts';

/** Tells the operator why the keys stay as they are. */
export class SigningKeyError extends Error {}

export interface RotationSettings {
  algorithm: KeyPairAlgorithm;
  /** Seconds, as the servers are configured. */
  accessTokenTtl: number;
  now: Date;
}

/** What `list` shows of a key. */
export interface ListedKey {
  kid: string;
  algorithm: KeyPairAlgorithm;
  createdAt: Date;
  state:
    | { is: 'signing' }
    /** Its tokens are accepted, but none exist yet. */
    | { is: 'published'; signsFrom: Date }
    | { is: 'verifying'; until: Date }
    | { is: 'over' }
    | { is: 'retired'; at: Date }
    /** The key has another algorithm than the servers use. */
    | { is: 'unused' };
}

/**
 * Makes a key that is published at once and signs from `signsFrom` on. If there is no earlier key, it signs at once.
 * Deletes rows that have no more use.
 *
 * @throws Error if the existing keys were encrypted under another secret, because the servers could not read the new
 * key.
 */
export async function rotateSigningKey(
  em: EntityManager,
  { algorithm, now, signsFrom, ...secrets }: RotationSettings & Secrets & { signsFrom: Date },
): Promise<{ kid: string; signsFrom: Date }> {
  const fresh = await generateKey(algorithm, secrets.secret, { signsFrom, now });
  return await inTransaction(em, async (inner) => {
    await lockKeys(inner);
    const rows = (await readKeys(inner)).filter((row) => row.algorithm === algorithm);
    const signing = signingTerm(termsOf(rows, 0), now);
    if (signing) unlockKey(signing.key, secrets);
    else fresh.signsFrom = now;
    while (rows.some((row) => row.signsFrom.getTime() === fresh.signsFrom.getTime())) {
      fresh.signsFrom = new Date(fresh.signsFrom.getTime() + 1);
    }
    await inner.insert(SigningKey, fresh);
    await recordEvent(inner, byOperator(now), { type: 'SIGNING_KEY_ROTATED', detail: fresh.kid });
    const over = rows.filter((row) => isLongOver(row, rows, now)).map(({ kid }) => kid);
    if (over.length > 0) await inner.nativeDelete(SigningKey, { kid: over });
    return { kid: fresh.kid, signsFrom: fresh.signsFrom };
  });
}

/**
 * Refuses a key's tokens from now on, and destroys its private part. Does nothing if the key is retired already.
 *
 * @throws SigningKeyError if there is no such key, or no other key that could sign.
 */
export async function retireSigningKey(
  em: EntityManager,
  kid: string,
  { algorithm, accessTokenTtl, now }: RotationSettings,
): Promise<{ kid: string; retiredAt: Date }> {
  return await inTransaction(em, async (inner) => {
    await lockKeys(inner);
    const rows = await readKeys(inner);
    const row = rows.find((each) => each.kid === kid);
    if (!row) throw new SigningKeyError(`There is no signing key ${kid}. "list" shows those that there are.`);
    if (row.retiredAt) return { kid, retiredAt: row.retiredAt };
    if (row.algorithm === algorithm) {
      const ours = rows.filter((each) => each.algorithm === algorithm);
      const others = termsOf(ours, accessTokenTtl).filter(({ key }) => key.kid !== kid && key.signsFrom <= now);
      if (!others.some((term) => isAccepted(term, now))) {
        throw new SigningKeyError(
          `Without the signing key ${kid} there is none that can sign. Run "rotate --now" first, then retire it.`,
        );
      }
    }
    await inner.nativeUpdate(SigningKey, { kid }, { retiredAt: now, encryptedPrivateKey: null });
    await recordEvent(inner, byOperator(now), { type: 'SIGNING_KEY_RETIRED', detail: kid });
    return { kid, retiredAt: now };
  });
}

/** All keys, newest first. */
export async function listSigningKeys(em: EntityManager, settings: RotationSettings): Promise<ListedKey[]> {
  const rows = await readKeys(em);
  return rows
    .sort((one, other) => other.signsFrom.getTime() - one.signsFrom.getTime())
    .map((row) => {
      const { kid, algorithm, createdAt } = row;
      return { kid, algorithm, createdAt, state: stateOf(row, rows, settings) };
    });
}

function stateOf(
  row: StoredKey,
  rows: readonly StoredKey[],
  { algorithm, accessTokenTtl, now }: RotationSettings,
): ListedKey['state'] {
  if (row.retiredAt) return { is: 'retired', at: row.retiredAt };
  if (row.algorithm !== algorithm) return { is: 'unused' };
  const terms = termsOf(
    rows.filter((each) => each.algorithm === algorithm),
    accessTokenTtl,
  );
  if (signingTerm(terms, now)?.key === row) return { is: 'signing' };
  if (row.signsFrom > now) return { is: 'published', signsFrom: row.signsFrom };
  const until = terms.find(({ key }) => key === row)?.verifiesUntil;
  return until && now < until ? { is: 'verifying', until } : { is: 'over' };
}

/** Longer than any token can live (see ACCESS_TOKEN_TTL), whatever the servers' settings are. */
const longestUse = 2 * 86_400;

function isLongOver(row: StoredKey, rows: readonly StoredKey[], now: Date): boolean {
  if (row.retiredAt) return now.getTime() - row.retiredAt.getTime() > longestUse * 1000;
  const term = termsOf(rows, longestUse).find(({ key }) => key === row);
  return term !== undefined && !isAccepted(term, now);
}
