/**
 * The domain of an e-mail address in ASCII. RFC 5891 says which text is a domain. RFC 5895 says which spellings are the
 * same one (case, width and full stops).
 */
import { domainToASCII, domainToUnicode } from 'node:url';

/**
 * Null if the text is not a domain. Does not fold case further, because fass.de and faß.de are different domains. A
 * label that is typed in ASCII (xn--) stays as it is.
 */
export function asciiDomain(text: string): string | null {
  const domain = mapSpelling(text);
  // domainToASCII parses the host of a URL: it drops paths and tabs, and decodes percent signs. So it never receives
  // any of these.
  if (!writable.test(domain) || ignorable.test(domain)) return null;
  const ascii = domainToASCII(domain);
  if (!hostName.test(ascii) || ascii.length > 253 || /\.\d+$/.test(ascii)) return null;
  const asciiLabels = ascii.split('.');
  return domain.split('.').every((label, at) => isOwnForm(label, asciiLabels[at] ?? '')) ? ascii : null;
}

/**
 * The steps of RFC 5895, section 2. Letter by letter, because lower-casing a whole text changes a sigma at the end of a
 * word.
 */
function mapSpelling(text: string): string {
  const narrow = text.replace(/[\uff01-\uffef]+/g, (wide) => wide.normalize('NFKC')).replaceAll('\u3002', '.');
  return [...narrow.normalize('NFC')]
    .map((letter) => letter.toLowerCase())
    .join('')
    .normalize('NFC');
}

/** False if domainToASCII changed the label (such as ① into 1), or if a character stands out of place. */
function isOwnForm(label: string, ascii: string): boolean {
  return label === ascii || (mapSpelling(domainToUnicode(ascii)) === label && !misplaced.test(label));
}

/** The signs that RFC 5892 allows, sections 2.6 and A.1 to A.7. */
const writable = /^[\p{L}\p{M}\p{N}\p{Join_Control}.\-\u00b7\u0375\u05f3\u05f4\u06fd\u06fe\u0f0b\u30fb]+$/u;

/** domainToASCII checks joiners: it refuses them outside the words that need them (RFC 5892, A.1 and A.2). */
const ignorable = /(?!\p{Join_Control})\p{Default_Ignorable_Code_Point}/u;

/** RFC 5892, A.3 to A.7: the middle dot, the Greek numeral sign, the Hebrew marks, the katakana middle dot. */
const misplaced = new RegExp(
  [
    '(?<!l)\\u00b7|\\u00b7(?!l)',
    '\\u0375(?!\\p{Script=Greek})',
    '(?<!\\p{Script=Hebrew})[\\u05f3\\u05f4]',
    '^(?!.*[\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Han}]).*\\u30fb',
  ].join('|'),
  'u',
);

const hostName = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
