/**
 * Hashes passwords with argon2id, within a limit on parallel hashes. Verifies them against stored hashes that may have
 * other parameters, another pepper, or come from another system. Sources: NIST SP 800-63B-4, section 3.1.1.2; RFC 9106;
 * OWASP Password Storage Cheat Sheet.
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
  /** The password matches, but `hash` would make another hash today. */
  needsRehash: boolean;
  /** The hash was made with a pepper that is not configured. Nothing matches until the operator configures it. */
  problem?: 'UNKNOWN_PEPPER';
}

/** A place among the passwords that are hashed. No call in it is refused. */
export type HashingSlot = Pick<PasswordHasher, 'hash' | 'verify'>;

export interface PasswordHasher {
  /** How many places there are, for passwords being hashed and for those that wait. */
  readonly capacity: number;
  /** What `withHashingSlot` would throw now; null while slots are free. */
  readonly refusal: TooManyRequestsError | null;
  /**
   * Claims a place for the duration of the work. Call it before any other work, so that a refusal costs nothing.
   * @throws TooManyRequestsError at once, if too many are waiting.
   */
  withHashingSlot<Result>(work: (slot: HashingSlot) => Promise<Result>): Promise<Result>;
  /**
   * argon2id, in the PHC string format; `keyid` names the pepper, if any.
   * @throws TooManyRequestsError if too many are waiting.
   */
  hash(password: string): Promise<string>;
  /**
   * For an unknown account (`null`) it does the work of one hash of today, and finds no match. A hash with other
   * parameters takes another time until its account has signed in once. An attacker who measures that learns that the
   * account exists, and came from another system or was long unused.
   * @throws TooManyRequestsError if too many wait, or too many with expensive hashes.
   * @throws Error if the hash has no known form.
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
  /** The secret of the hashes, and the one before it. Default: none. */
  pepper?: { current: string | null; previous: string | null };
  /** Called each time that a hash was made with an unknown pepper. */
  onUnknownPepper?: (keyId: string) => void;
  /** How many passwords are hashed at once. */
  maxConcurrent: number;
  /** How many more may wait for their turn. */
  maxWaiting: number;
}

/** Seconds after which a refused client may try again. A full queue is done by then. */
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
  // Made at the start, so that the first unknown account takes no longer than the second.
  const dummy = make('');

  async function make(password: string): Promise<string> {
    const salt = randomBytes(saltLength);
    const raw = await argon2.hash(password, { ...settings, salt, raw: true, ...(pepper && { secret: pepper.secret }) });
    // Not the library's own string, because other systems refuse its order of parameters.
    const parameters = `m=${memoryCost},t=${timeCost},p=${parallelism}${pepper ? `,keyid=${pepper.keyId}` : ''}`;
    return `$argon2id$v=${version}$${parameters}$${base64(salt)}$${base64(raw)}`;
  }

  /** Whether `hash` would make the hash with the same parameters today. */
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
    // Also as it was typed, because other systems do not normalise. An unknown account is checked as often.
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

  const slot: HashingSlot = {
    hash: (password) => inLane(today, () => make(normalizePassword(password))),
    verify,
  };
  const capacity = maxConcurrent + maxWaiting;
  let claimed = 0;

  function refusalNow(): TooManyRequestsError | null {
    if (claimed < capacity) return null;
    return new TooManyRequestsError('Too many people are signing in. Try again in a moment.', retryAfter);
  }

  async function withHashingSlot<Result>(work: (slot: HashingSlot) => Promise<Result>): Promise<Result> {
    const refusal = refusalNow();
    if (refusal) throw refusal;
    claimed++;
    try {
      return await work(slot);
    } finally {
      claimed--;
    }
  }

  return {
    capacity,
    get refusal() {
      return refusalNow();
    },
    withHashingSlot,
    hash: (password) => withHashingSlot(({ hash }) => hash(password)),
    verify: (passwordHash, password) => withHashingSlot(({ verify }) => verify(passwordHash, password)),
  };
}

interface Stored {
  stored: string;
  form: PasswordHashForm;
  /** False for an unknown account. */
  isKnown: boolean;
}

/** Base64 as the PHC string format writes it. */
function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

interface Pepper {
  /** Derived one way, because each hash holds it. */
  keyId: string;
  /** The secret value K of RFC 9106, section 3.1. */
  secret: Buffer;
}

function toPepper(pepper: string | null | undefined): Pepper | null {
  if (pepper === null || pepper === undefined) return null;
  const secret = Buffer.from(pepper, 'utf8');
  const keyId = Buffer.from(hkdfSync('sha256', secret, '', 'gatewright password pepper id', 6)).toString('base64');
  return { keyId, secret };
}
