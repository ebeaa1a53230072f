/**
 * Hashing passwords with argon2id, never more at once than the server can bear, and verifying them against whatever
 * was stored: with other parameters, another pepper or none, or by another system.
 * Sources: NIST SP 800-63B-4, section 3.1.1.2; RFC 9106; OWASP Password Storage Cheat Sheet.
 */
import { hkdfSync, randomBytes } from 'node:crypto';
import argon2 from 'argon2';
import { TooManyRequestsError } from '../../errors.ts';
import { matchesBcrypt } from './bcrypt.ts';
import { type PasswordHashForm, readPasswordHash, workOf } from './hash-forms.ts';
import { hashLanes } from './hash-lanes.ts';
import { normalizePassword } from './password.ts';

export interface Verification {
  matches: boolean;
  /** It matches, and is not as `hash` would make it today. */
  needsRehash: boolean;
  /** The hash was made with a pepper that is not configured: the operator's to mend, so nothing matches until then. */
  problem?: 'UNKNOWN_PEPPER';
}

/** A place among those whose passwords are hashed, in which nobody is refused. */
export type Place = Pick<PasswordHasher, 'hash' | 'verify'>;

export interface PasswordHasher {
  /** How many places there are, for those whose passwords are hashed and those who wait. */
  readonly capacity: number;
  /** What `inPlace` would throw now; null while there are places. */
  readonly refusal: TooManyRequestsError | null;
  /**
   * Claims a place for as long as the work takes. Do so before any other work: what is refused then has cost nothing.
   * @throws TooManyRequestsError at once, if too many are waiting.
   */
  inPlace<Result>(work: (place: Place) => Promise<Result>): Promise<Result>;
  /**
   * argon2id, in the PHC string format; `keyid` tells which pepper it was made with, if any.
   * @throws TooManyRequestsError if too many are waiting.
   */
  hash(password: string): Promise<string>;
  /**
   * Does the work of a hash of today for an unknown account (`null`), and finds no match. A hash that was made
   * otherwise takes another time, until its account has signed in once: whoever measures it learns that the account is
   * there and came from another system, or that it has not been used for long.
   * @throws TooManyRequestsError if too many are waiting, or too many whose hashes cost much.
   * @throws Error if the hash has none of the forms that are known.
   */
  verify(passwordHash: string | null, password: string): Promise<Verification>;
}

export interface PasswordHasherOptions {
  /** KiB for each hash. */
  memoryCost: number;
  /** Passes. */
  timeCost: number;
  /** Lanes. */
  parallelism: number;
  /** A secret that hashes are made with, and the one before it; none if left out. */
  pepper?: { current: string | null; previous: string | null };
  /** Told of a hash that was made with another pepper than these, each time that it is met. */
  onUnknownPepper?: (keyId: string) => void;
  /** How many hashes are made at once. */
  maxConcurrent: number;
  /** How many more may wait for their turn. */
  maxWaiting: number;
}

/** Seconds after which a refused client may try again: a full queue is worked off by then. */
const retryAfter = 2;

/** Bytes, and the version of the algorithm in RFC 9106. */
const hashLength = 32;
const saltLength = 16;
const version = 19;

export function createPasswordHasher(options: PasswordHasherOptions): PasswordHasher {
  const { memoryCost, timeCost, parallelism, maxConcurrent, maxWaiting, onUnknownPepper } = options;
  const settings = { type: argon2.argon2id, version, hashLength, memoryCost, timeCost, parallelism } as const;
  const today = workOf({ kind: 'argon2', memoryCost, timeCost });
  const inLane = hashLanes(maxConcurrent, today);
  const [pepper, previous] = [options.pepper?.current, options.pepper?.previous].map(toPepper);
  const peppers = new Map([pepper, previous].flatMap((each) => (each ? [[each.keyId, each.secret]] : [])));
  // Made now, not when it is first needed: the first unknown account must not take longer than the second.
  const dummy = make('');

  async function make(password: string): Promise<string> {
    const salt = randomBytes(saltLength);
    const raw = await argon2.hash(password, { ...settings, salt, raw: true, ...(pepper && { secret: pepper.secret }) });
    // Not the library's own string: it orders the parameters as others refuse them.
    const parameters = `m=${memoryCost},t=${timeCost},p=${parallelism}${pepper ? `,keyid=${pepper.keyId}` : ''}`;
    return `$argon2id$v=${version}$${parameters}$${base64(salt)}$${base64(raw)}`;
  }

  /** Whether the hash is as it would be made today. */
  function isCurrent(form: PasswordHashForm): boolean {
    return (
      form.kind === 'argon2' &&
      form.type === 'argon2id' &&
      form.version === version &&
      form.memoryCost === memoryCost &&
      form.timeCost === timeCost &&
      form.parallelism === parallelism &&
      form.hashBytes === hashLength &&
      form.saltBytes >= saltLength &&
      form.isOrdered &&
      form.keyId === (pepper?.keyId ?? null)
    );
  }

  async function verify(passwordHash: string | null, password: string): Promise<Verification> {
    const stored = passwordHash ?? (await dummy);
    const form = readPasswordHash(stored);
    if (!form) throw new Error('A stored password hash has none of the forms that are known.');
    const isKnown = passwordHash !== null;
    return await inLane(workOf(form), () => compare(password, { stored, form, isKnown }));
  }

  async function compare(password: string, { stored, form, isKnown }: Stored): Promise<Verification> {
    const keyId = form.kind === 'argon2' ? form.keyId : null;
    const secret = keyId === null ? undefined : peppers.get(keyId);
    const isUnknown = keyId !== null && secret === undefined;
    if (isUnknown) onUnknownPepper?.(keyId);

    const normalized = normalizePassword(password);
    // As it was typed as well: other systems do not normalise. An unknown account is asked as often.
    const spellings = new Set([normalized, password]);
    for (const spelling of spellings) {
      const matches =
        form.kind === 'bcrypt'
          ? await matchesBcrypt(form, spelling)
          : await argon2.verify(stored, spelling, secret && { secret });
      if (!matches || !isKnown || isUnknown) continue;
      return { matches, needsRehash: !isCurrent(form) || spelling !== normalized };
    }
    return { matches: false, needsRehash: false, ...(isUnknown && { problem: 'UNKNOWN_PEPPER' }) };
  }

  const place: Place = {
    hash: (password) => inLane(today, () => make(normalizePassword(password))),
    verify,
  };
  const capacity = maxConcurrent + maxWaiting;
  let claimed = 0;

  function refusalNow(): TooManyRequestsError | null {
    if (claimed < capacity) return null;
    return new TooManyRequestsError('Too many people are signing in. Try again in a moment.', retryAfter);
  }

  async function inPlace<Result>(work: (place: Place) => Promise<Result>): Promise<Result> {
    const refusal = refusalNow();
    if (refusal) throw refusal;
    claimed++;
    try {
      return await work(place);
    } finally {
      claimed--;
    }
  }

  return {
    capacity,
    get refusal() {
      return refusalNow();
    },
    inPlace,
    hash: (password) => inPlace(({ hash }) => hash(password)),
    verify: (passwordHash, password) => inPlace(({ verify }) => verify(passwordHash, password)),
  };
}

interface Stored {
  stored: string;
  form: PasswordHashForm;
  /** False: of no account. */
  isKnown: boolean;
}

/** As the PHC string format has it. */
function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

interface Pepper {
  /** Stored with each hash, so derived one way. */
  keyId: string;
  /** K of RFC 9106, section 3.1. */
  secret: Buffer;
}

function toPepper(pepper: string | null | undefined): Pepper | null {
  if (pepper === null || pepper === undefined) return null;
  const secret = Buffer.from(pepper, 'utf8');
  const keyId = Buffer.from(hkdfSync('sha256', secret, '', 'gatewright password pepper id', 6)).toString('base64');
  return { keyId, secret };
}
