/** Which passwords are allowed. Source: NIST SP 800-63B-4, section 3.1.1.2. */
import { createRequire } from 'node:module';
import type * as LanguageCommon from '@zxcvbn-ts/language-common';
import type { InputError } from '../../graphql/schema-types.ts';
import { charactersOf } from '../../text.ts';

/** What is wrong with a password. */
export interface PasswordFault {
  code: Extract<InputError['code'], 'TOO_SHORT' | 'TOO_LONG' | 'TOO_COMMON' | 'INVALID'>;
  message: string;
}

const require = createRequire(import.meta.url);

const minLength = 8;
const maxLength = 256;

/** In UTF-16 units. A character, as people count them, rarely has more than a dozen. */
const maxUnits = 16 * maxLength;

/**
 * Empty if the password may be chosen. Anything of any length may be passed. `ownNames`: names of the account, which
 * may not be the password.
 */
export function checkPassword(password: string, ownNames: readonly string[]): PasswordFault[] {
  if (password.length > maxUnits) return [tooLong];
  if (!isHashable(password)) {
    return [{ code: 'INVALID', message: 'A password has no NUL characters and no broken surrogate pairs.' }];
  }
  const normalized = normalizePassword(password);
  const characters = charactersOf(normalized);
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
  if (commonPasswords().has(folded)) {
    return [{ code: 'TOO_COMMON', message: 'Many people use this password, and attackers try it first.' }];
  }
  if (isName(password, ownNames)) {
    return [{ code: 'TOO_COMMON', message: 'A password is not your own name, username or e-mail address.' }];
  }
  return [];
}

/** Whether the password is one of the names, in any spelling. */
export function isName(password: string, names: readonly string[]): boolean {
  const folded = normalizePassword(password).toLowerCase();
  return names.some((name) => name.length <= maxUnits && normalizePassword(name).toLowerCase() === folded);
}

/** Whether an account can have this password. If not, it is refused before the work of hashing. */
export function isHashable(password: string): boolean {
  return password.length <= maxUnits && password.isWellFormed() && !password.includes('\0');
}

/** Keyboards encode one text in different ways. Source: NIST SP 800-63B-4, section 3.1.1.2. */
export function normalizePassword(password: string): string {
  return password.normalize('NFC');
}

const tooLong: PasswordFault = { code: 'TOO_LONG', message: `A password has at most ${maxLength} characters.` };

/** A character that is not white space, ignorable, a control, a format character or the blank of Braille. */
const visible = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\u2800]/u;

let common: ReadonlySet<string> | undefined;

/** Unpacked when the first password is chosen, so that it does not slow the start. */
function commonPasswords(): ReadonlySet<string> {
  if (common) return common;
  const { dictionary } = require('@zxcvbn-ts/language-common') as typeof LanguageCommon;
  common = new Set(
    dictionary['passwords-common'].filter((word) => word.length >= minLength).map((word) => word.toLowerCase()),
  );
  return common;
}
