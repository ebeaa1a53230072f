/** Which text may be stored, and how many characters people see in it. */

/** PostgreSQL stores neither NUL nor half a surrogate pair. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** Well-formed, with a visible character, and without controls, line breaks and overrides of direction. */
export function isLine(text: string): boolean {
  return text.isWellFormed() && !deceptive.test(text) && visible.test(text);
}

/** Counts graphemes, as people do. */
export function countCharacters(text: string): number {
  return charactersOf(text).length;
}

/** Graphemes: what people take for one character each. Source: UAX 29. */
export function charactersOf(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Controls, line and paragraph separators, embeddings, overrides and isolates of direction. */
const deceptive = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
const visible = /[\p{L}\p{N}\p{P}\p{S}]/u;
