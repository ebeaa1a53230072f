import { domainToUnicode } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkDisplayName,
  checkEmail,
  checkUsername,
  emailKey,
  type Fault,
  identifierKey,
  tidyIdentifier,
  usernameKey,
} from '../../../../src/users/identifiers/identifiers.ts';

const codes = (faults: Fault[]): string[] => faults.map(({ code }) => code);

describe('a username', () => {
  it.each([
    'ada',
    'Ada.Lovelace',
    'a-b_c.d',
    '007',
    'a'.repeat(32),
    'zoë',
    'zoe\u0308',
    'Łukasz',
    'Əliyev',
    'əliyev',
    'kɔfi',
    'Nguyễn',
    'm\u0331aria',
    'наташа',
    'Ελένη42',
    'محمد',
    'नमस्ते',
    '山田たろう',
    '佐々木',
    'ローラ',
    'नहीं',
    '김철수',
    'สมชาย',
    'ชื่น',
  ])('may be %j', (username) => {
    expect(checkUsername(username)).toEqual([]);
  });

  it.each([
    ['ab', 'TOO_SHORT'],
    ['', 'TOO_SHORT'],
    ['e\u0301a', 'TOO_SHORT'],
    ['a'.repeat(33), 'TOO_LONG'],
    ['a'.repeat(10_000_000), 'TOO_LONG'],
  ])('is refused for its length: %#', (username, code) => {
    expect(codes(checkUsername(username))).toEqual([code]);
  });

  it.each([
    ['a space', 'ada lovelace'],
    ['white space around it', ' ada'],
    ['an at sign', 'ada@home'],
    ['punctuation at the start', '.ada'],
    ['punctuation at the end', 'ada-'],
    ['doubled punctuation', 'ada..lovelace'],
    ['letters of two scripts', 'аdmin'],
    ['Greek among Latin', 'αdmin'],
    ['digits of another script', 'ada٣'],
    ['a mark at the start', '\u0301ada'],
    ['a pile of marks', 'ad\u0323\u0323\u0324\u0325\u032d\u0330a'],
    ['a mark upon a mark', 'admi\u0331\u0324n'],
    ['small capitals', 'ᴀᴅᴍɪɴ'],
    ['a small capital', 'admɪn'],
    ['a script a', 'ɑdmin'],
    ['a script g', 'eu\u0261ene'],
    ['a click', 'a\u01c0ice'],
    ['a j without its dot', '\u0237ohn'],
    ['a small capital of Latin Extended-D', 'je\ua731\ua731e'],
    ['a letter of Latin Extended-E', 'ada\uab31'],
    ['a modifier letter', 'adaʼs'],
    ['a tatweel', 'مح\u0640مد'],
    ['a zero-width joiner', 'ad\u200da'],
    ['a soft hyphen', 'ad\u00ada'],
    ['an invisible letter', 'ad\u3164a'],
    ['a variation selector', 'ad\ufe0fa'],
    ['a compatibility form', 'ａｄａ'],
    ['a ligature', 'ﬁona'],
    ['mathematical letters', '𝐚𝐝𝐚'],
    ['an emoji', 'ada😀'],
    ['a NUL', 'ada\0'],
    ['a line break', 'ada\n'],
    ['a lone surrogate', 'ada\ud800'],
    ['a bidi override', 'ad\u202ea'],
  ])('is refused with %s', (_what, username) => {
    expect(codes(checkUsername(username))).toEqual(['INVALID']);
  });
});

describe('an e-mail address', () => {
  it.each([
    'ada@example.org',
    'Ada.Lovelace+tasks@mail.example.co.uk',
    "o'hara@example.org",
    'josé@correo.example',
    'почта@пример.рф',
    'ada@xn--mnchen-3ya.example',
    `${'a'.repeat(242)}@example.org`,
  ])('may be %j', (email) => {
    expect(checkEmail(email)).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['no at sign', 'ada.example.org'],
    ['two at signs', 'ada@home@example.org'],
    ['no local part', '@example.org'],
    ['no domain', 'ada@'],
    ['a domain without a dot', 'ada@localhost'],
    ['an empty label', 'ada@example..org'],
    ['a dot at the end', 'ada@example.org.'],
    ['a hyphen at the start of a label', 'ada@-example.org'],
    ['an overlong label', `ada@${'a'.repeat(64)}.org`],
    ['an address of IPv4', 'ada@127.0.0.1'],
    ['an address in brackets', 'ada@[127.0.0.1]'],
    ['a space', 'ada lovelace@example.org'],
    ['white space around it', 'ada@example.org '],
    ['a line break', 'ada@example.org\nBcc:eve@example.org'],
    ['a quoted local part', '"ada"@example.org'],
    ['a display name', 'Ada <ada@example.org>'],
    ['a NUL', 'ada\0@example.org'],
    ['an invisible character', 'a\u200bda@example.org'],
    ['a lone surrogate', 'ada\ud800@example.org'],
  ])('is refused with %s', (_what, email) => {
    expect(codes(checkEmail(email))).toEqual(['INVALID']);
  });

  it('has at most 254 characters', () => {
    expect(codes(checkEmail(`${'a'.repeat(243)}@example.org`))).toEqual(['TOO_LONG']);
    expect(codes(checkEmail('@'.repeat(10_000_000)))).toEqual(['TOO_LONG']);
  });
});

/** Spellings that the parser of URLs drops, decodes or stops at. */
const looseSpellings = [
  'ada@example.org/path',
  'ada@example.org?x',
  'ada@example.org#x',
  'ada@example.org\\x',
  'ada@example.org:25',
  'ada@ex%61mple.org',
  'ada@example%2eorg',
  'ada@exam\tple.org',
  'ada@exam\nple.org',
  'ada@example.org\r',
  'ada@example.org\t',
  'ada@\texample.org',
  'ada@example.org\u00a0',
  'ada@exam\u00adple.org',
  'ada@exam\u200dple.org',
  'ada@example.org.',
  'ada@exam\u200cple.org',
  'ada@example\uff0forg',
  'ada@example.org\uff1a25',
  'ada@ex\uff0561mple.org',
  'ada@example\uff20example.org',
  'ada@\uff3bexample.org\uff3d',
  'ada@example\u2024org',
  'ada@//example.org',
  'ada@eve@example.org',
  'ada\uff20example.org',
  'ada%40example.org',
  'mailto:ada@example.org',
  'Ada <ada@example.org>',
  '"ada"@example.org',
  'ada(home)@example.org',
  'ada @example.org',
  'ada@ example.org',
  'ada@example.org\0',
  'ada@example.org\ud800',
];

describe('a text that only a parser of URLs would take for an address', () => {
  it.each(looseSpellings)('is not an address, and has another key: %j', (text) => {
    expect(codes(checkEmail(text))).toEqual(['INVALID']);
    expect(emailKey(text)).not.toBe(emailKey('ada@example.org'));
    expect(identifierKey(text)).not.toEqual(identifierKey('ada@example.org'));
  });

  it.each(['ada@0x7f.1', 'ada@127.1', 'ada@2130706433', 'ada@017700000001'])(
    'is none where it is a number: %j',
    (text) => {
      expect(codes(checkEmail(text))).toEqual(['INVALID']);
      expect(emailKey(text)).not.toBe(emailKey('ada@127.0.0.1'));
    },
  );
});

describe('an address with an international domain', () => {
  it.each([
    ['a middle dot between two l', 'a@paral·lel.cat', 'a@xn--parallel-koa.cat'],
    ['a middle dot in capitals', 'a@PARAL·LEL.cat', 'a@xn--parallel-koa.cat'],
    ['a katakana middle dot', 'a@テスト・テスト.jp', 'a@xn--zcka1bbjc86a.jp'],
    ['a geresh', 'a@צ׳ק.com', 'a@xn--rebc9a.com'],
    ['a gershayim', 'a@צה״ל.com', 'a@xn--8dbq2a9c.com'],
    ['a Greek numeral sign', 'a@͵αβ.gr', 'a@xn--wva4jd.gr'],
    ['a non-joiner', 'a@نامه\u200cای.com', 'a@xn--mgba3gch31f060k.com'],
    ['a joiner', 'a@क्\u200dष.com', 'a@xn--11b2ezcw70k.com'],
    ['a Tibetan tsheg', 'a@བོད་ཡིག.com', 'a@xn--nbd4itbt1dwfyc.com'],
    ['a Sindhi sign', 'a@س۽س.com', 'a@xn--ygba91d.com'],
    ['a zero of Chinese', 'a@二〇.com', 'a@xn--w6jt23g.com'],
  ])('may have %s, and shares its key with the ASCII form', (_what, email, ascii) => {
    expect([email, ascii].flatMap(checkEmail)).toEqual([]);
    expect(emailKey(email)).toBe(ascii);
    expect(emailKey(ascii)).toBe(ascii);
  });

  it.each([
    ['a middle dot before another letter', 'a@l·b.cat'],
    ['a middle dot after another letter', 'a@b·l.cat'],
    ['a middle dot alone', 'a@·.cat'],
    ['a letter that holds a middle dot', 'a@paraŀlel.cat'],
    ['a katakana middle dot in Latin', 'a@a・b.jp'],
    ['a katakana middle dot in a label of its own', 'a@テスト.・.jp'],
    ['a geresh at the start', 'a@׳ק.com'],
    ['a geresh in Latin', 'a@a׳b.com'],
    ['a gershayim in Latin', 'a@a״b.com'],
    ['a Greek numeral sign at the end', 'a@α͵.gr'],
    ['a Greek numeral sign in Latin', 'a@͵a.com'],
    ['a non-joiner in Latin', 'a@a\u200cb.com'],
    ['a non-joiner at the end', 'a@ب\u200c.com'],
    ['a joiner in Latin', 'a@a\u200db.com'],
    ['a joiner of Arabic', 'a@ب\u200dب.com'],
    ['digits of two Arabic kinds', 'a@ب٣۳.com'],
    ['another sign', 'a@a♥b.com'],
  ])('is refused with %s', (_what, email) => {
    expect(codes(checkEmail(email))).toEqual(['INVALID']);
  });

  it.each([
    ['ａｄａ０.com', 'ada0.com'],
    ['ＡＤＡ－１.com', 'ada-1.com'],
    ['ﾊﾞﾃｽﾄ･ｱ.jp', 'バテスト・ア.jp'],
    ['例え\u3002jp', '例え.jp'],
    ['例え\uff0ejp', '例え.jp'],
    ['例え\uff61jp', '例え.jp'],
    ['mu\u0308nchen.de', 'xn--mnchen-3ya.de'],
    ['\u212aoeln.de', 'koeln.de'],
    ['STRAẞE.de', 'straße.de'],
    ['ΣΑΣ.gr', 'σασ.gr'],
    ['ᎣᏏᏲ.com', 'ꭳꮟᏺ.com'],
  ])('is the same in another width, case or normal form, or with a full stop of CJK: %j', (one, other) => {
    expect(checkEmail(`a@${one}`)).toEqual([]);
    expect(identifierKey(`a@${one}`)).toEqual(identifierKey(`a@${other}`));
  });

  it.each([
    ['ℂ.com', 'c.com'],
    ['①.com', '1.com'],
    ['ª.com', 'a.com'],
    ['ﬁx.com', 'fix.com'],
    ['𝐚𝐝𝐚.com', 'ada.com'],
    ['paſs.com', 'pass.com'],
    ['Ⅷ.com', 'viii.com'],
    ['ᾳ.gr', 'αι.gr'],
    ['ﺏ.com', 'ب.com'],
    ['xn--mnchen-3ya.①.com', 'xn--mnchen-3ya.1.com'],
  ])('is refused, and names nobody, in a compatibility form: %j', (form, domain) => {
    expect(codes(checkEmail(`a@${form}`))).toEqual(['INVALID']);
    expect(checkEmail(`a@${domain}`)).toEqual([]);
    expect(identifierKey(`a@${form}`)).not.toEqual(identifierKey(`a@${domain}`));
  });

  it.each(['xn--ab-0ea.com', 'xn--n3h.com', 'xn--a.com'])('keeps a label that is ASCII already: %j', (domain) => {
    expect(emailKey(`a@${domain.toUpperCase()}`)).toBe(`a@${domain}`);
  });

  it('is in ASCII only for ASCII, its full width, and the signs that are canonically the same', () => {
    const others = [];
    for (let code = 0x80; code < 0x20000; code++) {
      const sign = String.fromCodePoint(code);
      if (sign.normalize('NFKC') === sign && sign.toLowerCase() === sign) continue;
      if (/^a@[a-z0-9.-]+$/.test(emailKey(`a@x${sign}y.com`)) && !emailKey(`a@x${sign}y.com`).includes('xn--')) {
        others.push(sign);
      }
    }
    const fullWidth = 'ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ';
    expect(others.sort().join('')).toBe(
      `\u212a｡－．０１２３４５６７８９${fullWidth}${fullWidth.toLowerCase()}`.split('').sort().join(''),
    );
  });
});

describe('an identifier', () => {
  it.each(['ada@example.org ', ' ada@example.org', '   ada@example.org  '])('may have spaces around it: %j', (text) => {
    expect(tidyIdentifier(text)).toBe('ada@example.org');
  });

  it.each(['ada\t', 'ada\n', '\u00a0ada', 'ada\u3000', 'a da', '\u200bada'])(
    'keeps whatever else is in it: %j',
    (text) => {
      expect(tidyIdentifier(text)).toBe(text);
    },
  );

  it('may be only spaces, and may be long', () => {
    expect(tidyIdentifier(' '.repeat(1_000_000))).toBe('');
    expect(tidyIdentifier(`${' '.repeat(1_000_000)}x${' '.repeat(1_000_000)}`)).toBe('x');
  });

  it.each([
    ['Ada@Example.ORG', { emailKey: 'ada@example.org' }],
    ['ADA@XN--MNCHEN-3YA.example', { emailKey: emailKey('ada@münchen.example') }],
    ['Ada', { usernameKey: 'ada' }],
  ])('gives one key: %j', (text, key) => {
    expect(identifierKey(text)).toEqual(key);
  });
});

const character = fc.oneof(
  fc.integer({ min: 0, max: 0x7f }).map((code) => String.fromCharCode(code)),
  fc.constantFrom(
    ...'\u00a0\u00ad\u0131\u017f\u200b\u200d\u2024\u212a\u3002\uff05\uff0e\uff0f\uff1f\uff20\ufe6b\u{1d41a}',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }),
);

describe('any text', () => {
  it('with the key of an address is an address', () => {
    const edit = fc.record({ at: fc.nat(20), drop: fc.nat(2), put: fc.array(character, { maxLength: 3 }) });
    fc.assert(
      fc.property(
        fc.constantFrom('ada@example.org', 'ada@xn--mnchen-3ya.example', 'j.o@a-b.de'),
        edit,
        (email, edit) => {
          const text = email.slice(0, edit.at) + edit.put.join('') + email.slice(edit.at + edit.drop);
          if (emailKey(text) === emailKey(email)) expect(codes(checkEmail(text))).toEqual([]);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('that counts as a domain has a key that is an address with that key', () => {
    const letters = fc.constantFrom(...'abl·・׳״͵αצאテ二〇्क्षبام\u200c\u200dßẞΣςＡ１①ℂﬁſ.\u3002-－\u0301é'.split(''));
    const domain = fc.array(fc.oneof(letters, character), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(domain, (signs) => {
        const email = `a@${signs.join('')}.com`;
        if (checkEmail(email).length > 0) return;
        const key = emailKey(email);
        expect(key).toMatch(/^a@[a-z0-9.-]+$/);
        expect(emailKey(key)).toBe(key);
        expect(emailKey(`A@${domainToUnicode(key.slice(2))}`)).toBe(key);
      }),
      { numRuns: 5000 },
    );
  });

  it('of ASCII has the key of an address only where it differs in case alone', () => {
    const ascii = fc
      .array(fc.integer({ min: 0, max: 0x7f }), { maxLength: 3 })
      .map((codes) => String.fromCharCode(...codes));
    fc.assert(
      fc.property(fc.nat(15), ascii, (at, put) => {
        const email = 'ada@example.org';
        const text = email.slice(0, at) + put + email.slice(at);
        expect(emailKey(text) === email).toBe(text.toLowerCase() === email);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('a display name', () => {
  it.each([
    'A',
    'Ada Lovelace',
    ' Ada ',
    '山田 太郎',
    '👩‍👩‍👧‍👦',
    'x'.repeat(64),
    '👩‍👩‍👧‍👦'.repeat(64),
    'محمد علی',
    'a\u200db',
  ])('may be %j', (displayName) => {
    expect(checkDisplayName(displayName)).toEqual([]);
  });

  it.each([
    ['', 'TOO_SHORT'],
    [' \u00a0\t', 'TOO_SHORT'],
    ['x'.repeat(65), 'TOO_LONG'],
    ['👩‍👩‍👧‍👦'.repeat(65), 'TOO_LONG'],
    [`a${'\u0301'.repeat(10_000_000)}`, 'TOO_LONG'],
    ['\u200d\u200d', 'INVALID'],
    ['Ada\u0000', 'INVALID'],
    ['Ada\nLovelace', 'INVALID'],
    ['Ada\u2028Lovelace', 'INVALID'],
    ['Ada \u202Elevart', 'INVALID'],
    ['Ada \u2066x', 'INVALID'],
    ['Ada \ud800', 'INVALID'],
  ])('is refused: %#', (displayName, code) => {
    expect(codes(checkDisplayName(displayName))).toEqual([code]);
  });
});

describe('a key', () => {
  it.each([
    ['Ada', 'ADA'],
    ['zoë', 'zoe\u0308'],
    ['Straße', 'STRASSE'],
    ['ΟΔΥΣΣΕΥΣ', 'οδυσσευς'],
    ['Иван', 'ИВАН'],
    ['admin', 'ADMİN'],
    ['admin', 'admın'],
    ['i\u0331', 'İ\u0331'],
  ])('is the same for %j and %j', (one, other) => {
    expect(usernameKey(one)).toBe(usernameKey(other));
  });

  it('differs for different names', () => {
    expect(usernameKey('ada')).not.toBe(usernameKey('adá'));
    expect(usernameKey('ada.b')).not.toBe(usernameKey('ada_b'));
  });

  it.each([
    ['Ada@Example.ORG', 'ada@example.org'],
    ['ada@münchen.example', 'ADA@XN--MNCHEN-3YA.example'],
    ['a@faß.de', 'A@xn--fa-hia.DE'],
    ['straße@fass.de', 'strasse@FASS.de'],
    ['jose\u0301@example.org', 'jos\u00e9@example.org'],
  ])('is the same for the addresses %j and %j', (one, other) => {
    expect(emailKey(one)).toBe(emailKey(other));
  });

  it('differs for different addresses', () => {
    expect(emailKey('ada@example.org')).not.toBe(emailKey('ada@example.com'));
    expect(emailKey('a@faß.de')).not.toBe(emailKey('a@fass.de'));
    expect(emailKey('ada+1@example.org')).not.toBe(emailKey('ada@example.org'));
  });

  it('is its own key, and that of its upper case, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const key = usernameKey(text);
        expect(usernameKey(key)).toBe(key);
        expect(usernameKey(text.toUpperCase())).toBe(key);
        expect(usernameKey(text.normalize('NFD'))).toBe(key);
      }),
    );
  });
});
