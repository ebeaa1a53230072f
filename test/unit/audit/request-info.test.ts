import { expect, it } from 'vitest';
import { tidyUserAgent } from '../../../src/audit/request-info.ts';

it('a User-Agent header is kept as it is', () => {
  expect(tidyUserAgent('curl/8.5.0 (x86_64) libcurl/8.5.0')).toBe('curl/8.5.0 (x86_64) libcurl/8.5.0');
});

it('a User-Agent header is cut to 256 characters, and nothing that follows is read', () => {
  expect(tidyUserAgent('x'.repeat(1_000_000))).toBe('x'.repeat(256));
});

it.each([
  ['a\u0000b\u001b[31mc\r\nd', 'a b [31mc d'],
  ['a\u202eb\u2066c\u200bd', 'a b c d'],
  ['a\u2028b\u2029c', 'a b c'],
  ['  a\tb  ', 'a b'],
])('of %j, invisible characters and overrides of direction are left out', (header, kept) => {
  expect(tidyUserAgent(header)).toBe(kept);
});

it('a User-Agent header that is cut within a character is still text', () => {
  expect(tidyUserAgent(`${'x'.repeat(255)}💥`)?.isWellFormed()).toBe(true);
});

it.each([undefined, '', ' \t ', '\u0000\u200b'])('%j is none', (header) => expect(tidyUserAgent(header)).toBeNull());
