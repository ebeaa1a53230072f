/** The stored keys as a running server knows them: a copy of the table, which is read again after a change. */
import type { KeyPairAlgorithm } from '../../config/pem-keys.ts';
import type { EntityManager } from '../../database/database.ts';
import { type KeyMaterial, keySetOf, type SigningMaterial } from './key-material.ts';
import { isAccepted, signingTerm, type Term, termsOf } from './key-schedule.ts';
import type { SigningKeys } from './signing-keys.contract.ts';
import { readKeys, type Secrets, type StoredKey, unlockKey } from './signing-keys.stored.ts';

export interface LiveKeySettings extends Secrets {
  algorithm: KeyPairAlgorithm;
  /** Seconds. */
  accessTokenTtl: number;
}

/** In milliseconds. */
const watchInterval = 60_000;
/** The shortest time between two readings for unknown kids, in milliseconds. */
const unknownInterval = 1000;
/** The form of a thumbprint. Other texts are not looked up. */
const kidForm = /^[\w-]{43}$/;

type KeyTerm = Term<StoredKey & { material: SigningMaterial }>;

interface Picture {
  /** The keys that can sign or verify, in the order in which they sign. */
  terms: KeyTerm[];
  byKid: ReadonlyMap<string, KeyTerm>;
  /** Every kid in the table, also of retired keys. */
  heard: ReadonlySet<string>;
}

/** Knows no key until the first `reload`. */
export function liveSigningKeys(em: EntityManager, settings: LiveKeySettings): SigningKeys {
  let picture: Picture = { terms: [], byKid: new Map(), heard: new Set() };
  let asked: { at: number; answer: Promise<void> } | null = null;
  let timer: NodeJS.Timeout | undefined;

  const flight = singleFlight(async (now) => {
    const drawn = draw(await readKeys(em.fork()), { ...settings, former: picture, now });
    // A retirement takes effect even if another key cannot be decrypted.
    picture = drawn.picture;
    if (drawn.fault) throw drawn.fault;
  });

  const known = (kid: string, now: Date): KeyMaterial | null => {
    const term = picture.byKid.get(kid);
    return term && isAccepted(term, now) ? term.key.material : null;
  };

  return {
    known,
    current: (now) => {
      const term = signingTerm(picture.terms, now);
      if (!term) throw new Error('There is no signing key.');
      return term.key.material;
    },
    find: async (kid, now) => {
      if (picture.heard.has(kid) || !kidForm.test(kid)) return known(kid, now);
      if (!asked || Math.abs(now.getTime() - asked.at) >= unknownInterval) {
        asked = { at: now.getTime(), answer: flight.run(now) };
      }
      await asked.answer;
      return known(kid, now);
    },
    jwks: (now) => keySetOf(picture.terms.filter((term) => isAccepted(term, now)).map(({ key }) => key.material)),
    reload: (now = new Date()) => flight.run(now),
    watch: ({ now, onError }) => {
      timer ??= setInterval(() => flight.run(now()).catch(onError), watchInterval).unref();
    },
    close: async () => {
      clearInterval(timer);
      await flight.ended();
    },
  };
}

function draw(
  rows: readonly StoredKey[],
  { algorithm, accessTokenTtl, former, now, ...secrets }: LiveKeySettings & { former: Picture; now: Date },
): { picture: Picture; fault: Error | null } {
  let fault: Error | null = null;
  const ours = rows.filter((row) => row.algorithm === algorithm);
  const terms = termsOf(ours, accessTokenTtl).flatMap((term): KeyTerm[] => {
    try {
      // Compared by the kid alone, because another server may have encrypted the key under another secret since.
      const material = former.byKid.get(term.key.kid)?.key.material ?? unlockKey(term.key, secrets);
      return [{ ...term, key: { ...term.key, material } }];
    } catch (error) {
      if (isAccepted(term, now)) fault ??= error as Error;
      return [];
    }
  });
  const byKid = new Map(terms.map((term) => [term.key.kid, term]));
  return { picture: { terms, byKid, heard: new Set(ours.map(({ kid }) => kid)) }, fault };
}

/**
 * Allows one run at a time. A call during a run gets the next run, because this run may have missed the change that the
 * caller knows of.
 */
function singleFlight(work: (now: Date) => Promise<void>) {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const start = (now: Date): Promise<void> => {
    running = work(now).finally(() => {
      running = null;
    });
    return running;
  };
  return {
    run: (now: Date): Promise<void> => {
      if (!running) return start(now);
      next ??= running
        .catch(() => {})
        .then(() => {
          next = null;
          return start(now);
        });
      return next;
    },
    /** Resolves when no run is under way, whether it succeeded or failed. */
    ended: async (): Promise<void> => {
      await Promise.allSettled([running, next]);
    },
  };
}
