import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadUserInputError } from '../../../src/errors.ts';
import { containing, containsText, isOneOf } from '../../../src/lists/conditions.ts';
import { isStorable } from '../../../src/text.ts';

describe('the pattern of a text', () => {
  it('leaves no wildcard unescaped, and gives the text back', () => {
    return fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('%', '_', '\\', 'a') }), (text) => {
        const pattern = containing(text);
        const inner = pattern.slice(1, -1);
        expect([pattern.at(0), pattern.at(-1)]).toEqual(['%', '%']);
        expect(inner.replace(/\\[\\%_]/g, '')).not.toMatch(/[\\%_]/);
        expect(inner.replace(/\\([\\%_])/g, '$1')).toBe(text);
      }),
    );
  });
});

describe('a condition', () => {
  it('on text never writes the text into the statement', () => {
    const condition = containsText(['title', 'description'], "'; --");
    expect(condition.text).toBe('(title ilike $1 or description ilike $2)');
    expect(condition.values).toEqual(["%'; --%", "%'; --%"]);
  });

  it.each(['', 'x'.repeat(101), '\u{1f600}'.repeat(101), 'x'.repeat(1_000_000), '\0', '\udfff'])(
    'on the text %# is refused',
    (text) => {
      expect(() => containsText(['title'], text)).toThrow(BadUserInputError);
    },
  );

  it('on a list of values has each once, and none for none', () => {
    const { text, values } = isOneOf('status', ['A', 'B', 'A']);
    expect(text).toBe('status in ($1,$2)');
    expect(values).toEqual(['A', 'B']);
    expect(isOneOf('status', []).text).toBe('false');
  });
});

describe('text', () => {
  it.each(['', 'a', '\u{1f600}', '\n\t', '\u0001'])('such as %j can be stored', (text) => {
    expect(isStorable(text)).toBe(true);
  });

  it.each(['\0', 'a\0b', '\ud800', 'a\udfff'])('such as %j cannot', (text) => {
    expect(isStorable(text)).toBe(false);
  });
});
