import { dictionary } from '@zxcvbn-ts/language-common';
import { describe, expect, it } from 'vitest';
import { checkPassword, isHashable } from '../../../../src/authentication/passwords/password.ts';

describe('a password', () => {
  it.each([
    'seven green bottles',
    'k7!pQz0w',
    'пароль на русском',
    '👩‍👩‍👧‍👦🐈🐕🦊🐻🐼🐨🐯',
    'x y'.repeat(85),
    '        ?',
    'aaaaaaab',
  ])('may be %j', (password) => {
    expect(checkPassword(password, ['ada', 'ada@example.org'])).toEqual([]);
  });

  it.each([
    ['empty', '', 'TOO_SHORT'],
    ['7 characters', 'k7!pQz0', 'TOO_SHORT'],
    ['8 code points that are 7 characters', 'k7!pQze\u0301', 'TOO_SHORT'],
    ['1 character of many code points', `e${'\u0301'.repeat(500)}`, 'TOO_SHORT'],
    ['257 characters', 'xy z'.repeat(64).concat('!'), 'TOO_LONG'],
    ['ten million characters', 'x'.repeat(10_000_000), 'TOO_LONG'],
    ['common', 'iloveyou', 'TOO_COMMON'],
    ['common but for its case', 'PassWord1', 'TOO_COMMON'],
    ['one letter', 'a'.repeat(64), 'TOO_COMMON'],
    ['one emoji of many code points', '👩‍👩‍👧‍👦'.repeat(8), 'TOO_COMMON'],
    ['white space', ' \u00a0\u2003\u3000'.repeat(3), 'INVALID'],
    ['invisible', '\u2060\u00ad\u3164\u2800 \u200b'.repeat(8), 'INVALID'],
    ['the username', 'Ada.Lovelace', 'TOO_COMMON'],
    ['the e-mail address', 'ADA@example.org', 'TOO_COMMON'],
    ['the display name', 'The Countess', 'TOO_COMMON'],
    ['with a lone surrogate', 'seven green\ud800', 'INVALID'],
    ['with a NUL', 'seven\0green', 'INVALID'],
  ])('is refused when it is %s', (_what, password, code) => {
    const faults = checkPassword(password, ['ada.lovelace', 'ada@example.org', 'the countess']);
    expect(faults.map((fault) => fault.code)).toEqual([code]);
  });

  it('is none of more than 10,000 common ones', () => {
    const words = new Set(dictionary['passwords-common'].filter((word) => word.length >= 8));
    const refused = [...words].filter((word) => checkPassword(word, [])[0]?.code === 'TOO_COMMON');
    expect(refused).toHaveLength(words.size);
    expect(refused.length).toBeGreaterThan(10_000);
    // With one more letter they may be used, so the words themselves are not refused.
    expect(checkPassword(`${refused[0]} ${refused[1]}`, [])).toEqual([]);
  });

  it('may contain the username', () => {
    expect(checkPassword('ada.lovelace was here', ['ada.lovelace'])).toEqual([]);
  });

  it.each([
    ['with a lone surrogate', 'a\udc00'],
    ['with a NUL', '\0'],
    ['of ten million characters', 'x'.repeat(10_000_000)],
  ])('is not hashed %s', (_what, password) => {
    expect(isHashable(password)).toBe(false);
    expect(isHashable('x'.repeat(256))).toBe(true);
  });
});
