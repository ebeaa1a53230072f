/**
 * Passwords: which are allowed, and hashing with argon2id, never more at once than the server can bear.
 * Sources: NIST SP 800-63B-4, section 3.1.1.2; RFC 9106; OWASP Password Storage Cheat Sheet.
 */
import { dictionary } from '@zxcvbn-ts/language-common';
import argon2 from 'argon2';
import pLimit from 'p-limit';
import { TooManyRequestsError } from '../errors.ts';
import type { InputError } from '../graphql/generated.ts';

export interface PasswordHasher {
  /**
   * argon2id, in the PHC string format.
   * @throws TooManyRequestsError if too many are waiting.
   */
  hash(password: string): Promise<string>;
  /**
   * Does the same work for an unknown account (`null`), and answers false.
   * @throws TooManyRequestsError if too many are waiting.
   */
  verify(passwordHash: string | null, password: string): Promise<boolean>;
}

export interface PasswordHasherOptions {
  /** KiB for each hash. */
  memoryCost: number;
  /** Passes. */
  timeCost: number;
  /** Lanes. */
  parallelism: number;
  /** How many hashes are made at once. */
  maxConcurrent: number;
  /** How many more may wait for their turn. */
  maxWaiting: number;
}

/** Seconds after which a refused client may try again: a full queue is worked off by then. */
const retryAfter = 2;

export function createPasswordHasher(options: PasswordHasherOptions): PasswordHasher {
  const { memoryCost, timeCost, parallelism, maxConcurrent, maxWaiting } = options;
  const settings = { type: argon2.argon2id, memoryCost, timeCost, parallelism } as const;
  const limit = pLimit(maxConcurrent);
  // Made now, not when it is first needed: the first unknown account must not take longer than the second.
  const dummy = argon2.hash('', settings);

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (limit.activeCount + limit.pendingCount >= maxConcurrent + maxWaiting) {
      throw new TooManyRequestsError('Too many people are signing in. Try again in a moment.', retryAfter);
    }
    return await limit(work);
  }

  return {
    hash: (password) => inTurn(() => argon2.hash(normalize(password), settings)),
    verify: (passwordHash, password) =>
      inTurn(async () => {
        const matches = await argon2.verify(passwordHash ?? (await dummy), normalize(password));
        return matches && passwordHash !== null;
      }),
  };
}

/** What is wrong with a password. */
export interface PasswordFault {
  code: Extract<InputError['code'], 'TOO_SHORT' | 'TOO_LONG' | 'TOO_COMMON' | 'INVALID'>;
  message: string;
}

const minLength = 8;
const maxLength = 256;

/** In UTF-16 units. Of characters as people count them, few have more than a dozen. */
const maxUnits = 16 * maxLength;

/**
 * Empty when the password may be chosen. Anything of any length may be passed.
 * `ownNames`: the account's names, none of which may be the password.
 */
export function checkPassword(password: string, ownNames: readonly string[]): PasswordFault[] {
  if (password.length > maxUnits) return [tooLong];
  if (!isHashable(password)) {
    return [{ code: 'INVALID', message: 'A password has no NUL characters and no broken surrogate pairs.' }];
  }
  const normalized = normalize(password);
  const characters = Array.from(graphemes.segment(normalized), ({ segment }) => segment);
  if (characters.length > maxLength) return [tooLong];
  if (characters.length < minLength) {
    return [{ code: 'TOO_SHORT', message: `A password has at least ${minLength} characters.` }];
  }
  if (!visible.test(normalized)) {
    return [{ code: 'INVALID', message: 'A password has at least one character that can be seen.' }];
  }
  if (new Set(characters).size === 1) {
    return [{ code: 'TOO_COMMON', message: 'A password is not one character again and again.' }];
  }
  const folded = normalized.toLowerCase();
  if (commonPasswords.has(folded)) {
    return [{ code: 'TOO_COMMON', message: 'Many people use this password, and attackers try it first.' }];
  }
  if (ownNames.some((name) => name.length <= maxUnits && normalize(name).toLowerCase() === folded)) {
    return [{ code: 'TOO_COMMON', message: 'A password is not your own username or e-mail address.' }];
  }
  return [];
}

/** Whether a password can belong to any account: what cannot is refused without the work of hashing it. */
export function isHashable(password: string): boolean {
  return password.length <= maxUnits && password.isWellFormed() && !password.includes('\0');
}

const tooLong: PasswordFault = { code: 'TOO_LONG', message: `A password has at most ${maxLength} characters.` };

/** Neither white space nor ignorable, a control, a format character or the blank of Braille. */
const visible = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\u2800]/u;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

const commonPasswords = new Set(
  dictionary['passwords-common'].filter((word) => word.length >= minLength).map((word) => word.toLowerCase()),
);

/** Keyboards spell one text differently. Source: NIST SP 800-63B-4, section 3.1.1.2. */
function normalize(password: string): string {
  return password.normalize('NFC');
}
