/**
 * Which names users may choose, and the one spelling (the key) that all spellings of a name share. Sources: UTS 39,
 * sections 3 and 5 (one script, no invisible characters); HTML, "valid e-mail address"; RFC 5321, section 4.5.3.1.3
 * (254 characters).
 */
import type { InputError } from '../../graphql/schema-types.ts';
import { countCharacters, isLine } from '../../text.ts';
import { asciiDomain } from './email-domain.ts';

/** What is wrong with one value. */
export type Fault = Pick<InputError, 'code' | 'message'>;

/** The longest identifier that can belong to an account. */
export const maxIdentifierLength = 254;

const minUsername = 3;
const maxUsername = 32;
const maxDisplayName = 64;

/** Empty when the username is allowed. Anything of any length may be passed. */
export function checkUsername(username: string): Fault[] {
  // At most two UTF-16 units a character, so the checks below never read a long text.
  if (username.length > 2 * maxUsername) return [tooLongUsername];
  const name = username.normalize('NFC');
  const length = [...name].length;
  if (length > maxUsername) return [tooLongUsername];
  if (length < minUsername) {
    return [{ code: 'TOO_SHORT', message: `A username has at least ${minUsername} characters.` }];
  }
  return isPlainName(name) && isOfOneScript(name) ? [] : [invalidUsername];
}

/** Empty when the e-mail address is allowed. Does not check whether it receives mail. */
export function checkEmail(email: string): Fault[] {
  if (email.length > maxIdentifierLength) {
    return [{ code: 'TOO_LONG', message: `An e-mail address has at most ${maxIdentifierLength} characters.` }];
  }
  if (parseEmail(email)) return [];
  return [{ code: 'INVALID', message: 'This is not an e-mail address, such as ada@example.org.' }];
}

/** Empty when the display name is allowed. White space around it does not count. */
export function checkDisplayName(displayName: string): Fault[] {
  // A visible character rarely has more than a dozen UTF-16 units (emoji of families).
  if (displayName.length > 16 * maxDisplayName) return [tooLongDisplayName];
  const name = tidyDisplayName(displayName);
  if (name === '') return [{ code: 'TOO_SHORT', message: 'A display name has at least 1 character.' }];
  if (!isLine(name)) {
    return [{ code: 'INVALID', message: 'A display name has no control characters, line breaks or bidi overrides.' }];
  }
  return countCharacters(name) > maxDisplayName ? [tooLongDisplayName] : [];
}

/** A display name in its stored form. */
export function tidyDisplayName(displayName: string): string {
  return displayName.normalize('NFC').trim();
}

/** The key that all spellings of a username share. */
export function usernameKey(username: string): string {
  return fold(username);
}

/**
 * The key that all spellings of an e-mail address share, with the domain in ASCII. Any text may be passed. A text that
 * is not an address gives a key that no address has.
 */
export function emailKey(email: string): string {
  const address = parseEmail(email);
  return address ? `${fold(address.local)}@${address.domain}` : `@${email}`;
}

/** The key of a typed identifier: an e-mail address if it contains an `@`, otherwise a username. */
export function identifierKey(identifier: string): { emailKey: string } | { usernameKey: string } {
  return identifier.includes('@') ? { emailKey: emailKey(identifier) } : { usernameKey: usernameKey(identifier) };
}

/** A typed identifier without the spaces around it. Phone keyboards put a space after a suggestion. */
export function tidyIdentifier(identifier: string): string {
  let [start, end] = [0, identifier.length];
  while (identifier[start] === ' ') start++;
  while (end > start && identifier[end - 1] === ' ') end--;
  return identifier.slice(start, end);
}

/**
 * Folds compatibility forms and case. It goes through upper case, which joins letters that lower case keeps apart
 * (final sigma, long s, dotless i). It repeats, because folding can produce text that folds again. An i with a dot is
 * an i.
 */
function fold(text: string): string {
  let key = text;
  for (let round = 0; round < 4; round++) {
    const lower = key.normalize('NFKC').toUpperCase().toLowerCase();
    const folded = lower
      .normalize('NFKD')
      .replace(/(?<=i\p{M}*)\u0307/gu, '')
      .normalize('NFKC');
    if (folded === key) break;
    key = folded;
  }
  return key;
}

const tooLongUsername: Fault = { code: 'TOO_LONG', message: `A username has at most ${maxUsername} characters.` };
const tooLongDisplayName: Fault = {
  code: 'TOO_LONG',
  message: `A display name has at most ${maxDisplayName} characters.`,
};
const invalidUsername: Fault = {
  code: 'INVALID',
  message: 'A username is made of letters and digits of one script, with single dots, underscores or hyphens between.',
};

const ignorable = /\p{Default_Ignorable_Code_Point}/u;

/** Two marks without a script of their own in a row, or more marks than any script needs. */
const piled = /\p{Script=Inherited}{2}|\p{M}{5}/u;

/**
 * Letters that look like others of their script: phonetic alphabets (small capitals, script a and g), clicks, a j
 * without its dot, letters above or beside others. Letters of living languages in the same blocks are allowed.
 */
const lookalike = new RegExp(
  [
    // Azerbaijani, Hausa, Akan, Ewe.
    '(?![ɓɔɖɗəɛɲ])[\\u01c0-\\u01c3\\u0237\\u0250-\\u02ff\\u1d00-\\u1dbf]',
    // Latin Extended-C, -D, -E, -F and -G.
    '[\\u2c60-\\u2c7f\\ua720-\\ua7ff\\uab30-\\uab6f\\u{10780}-\\u{107bf}\\u{1df00}-\\u{1dfff}]',
    '(?![々〻ゝゞー-ヾๆໆៗ])\\p{Lm}',
  ].join('|'),
  'u',
);

function isPlainName(name: string): boolean {
  return (
    /^[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}]*(?:[._-][\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}]*)*$/u.test(name) &&
    !ignorable.test(name) &&
    !piled.test(name) &&
    !lookalike.test(name) &&
    name.normalize('NFKC') === name
  );
}

// Scripts in use for living languages (UAX 31, table 5). Scripts that are written together count as one.
const scripts = [
  'Latin Greek Cyrillic Armenian Hebrew Arabic Thaana Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada',
  'Malayalam Sinhala Thai Lao Tibetan Myanmar Georgian Ethiopic Khmer',
]
  .flatMap((line) => line.split(' '))
  .map((script) => [script])
  .concat([
    ['Han', 'Hiragana', 'Katakana'],
    ['Han', 'Bopomofo'],
    ['Han', 'Hangul'],
  ])
  .map((together) => {
    const letters = together.map((script) => `\\p{Script_Extensions=${script}}`).join('');
    let written: RegExp | null = null;
    // Made on demand: each takes a millisecond, and most names need only the first.
    return (name: string): boolean => {
      written ??= new RegExp(`^[${letters}\\p{Script=Inherited}0-9._-]+$`, 'u');
      return written.test(name);
    };
  });

function isOfOneScript(name: string): boolean {
  return scripts.some((isWrittenIn) => isWrittenIn(name));
}

interface Address {
  local: string;
  /** In ASCII. */
  domain: string;
}

/** Null if the text is not an e-mail address. */
function parseEmail(email: string): Address | null {
  if (email.length > maxIdentifierLength) return null;
  const [local = '', domain = '', ...rest] = email.normalize('NFC').split('@');
  const ascii = rest.length === 0 && isLocalPart(local) ? asciiDomain(domain) : null;
  return ascii === null ? null : { local, domain: ascii };
}

function isLocalPart(local: string): boolean {
  return /^[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_`{|}~-]+$/u.test(local) && !ignorable.test(local);
}
