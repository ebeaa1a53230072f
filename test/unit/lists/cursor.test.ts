import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CursorOrder, decodeCursor, encodeCursor } from '../../../src/lists/cursor.ts';

const id = '01a200a2-bc36-7dd8-864b-3209b3cc53ef';
const byTime: CursorOrder = { name: 'CREATED_AT', direction: 'DESC', type: 'timestamptz' };
const byText: CursorOrder = { name: 'TITLE', direction: 'ASC', type: 'text' };
const byLabel: CursorOrder = {
  name: 'PRIORITY',
  direction: 'ASC',
  type: { name: 'priority', labels: ['LOW', 'HIGH'] },
};
const orders = [byTime, byText, byLabel];
const encode = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64url');

describe('a cursor', () => {
  it('reads back as it was written, in its own order alone', () => {
    const storable = fc.string({ unit: 'grapheme', maxLength: 200 }).filter((text) => !text.includes('\0'));
    const cases = fc.oneof(
      fc.tuple(fc.constant(byText), storable),
      fc.tuple(fc.constant(byLabel), fc.constantFrom('LOW', 'HIGH')),
      fc.tuple(fc.constant(byTime), fc.oneof(fc.constant('infinity'), fc.integer({ min: -30e12, max: 253e12 }))),
    );
    return fc.assert(
      fc.property(cases, fc.uuid(), ([order, sortValue], uuid) => {
        const cursor = encodeCursor(order, { sortValue, id: uuid });
        expect(decodeCursor(order, cursor)).toEqual({ sortValue, id: uuid });
        expect(decodeCursor({ ...order, direction: order.direction === 'ASC' ? 'DESC' : 'ASC' }, cursor)).toBeNull();
        expect(decodeCursor({ ...order, name: 'OTHER' }, cursor)).toBeNull();
      }),
    );
  });

  it('of anything else is null', () => {
    const garbage = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.base64String(),
      fc.jsonValue().map(encode),
      fc
        .tuple(
          fc.constantFrom('TITLE', 'PRIORITY', 'CREATED_AT'),
          fc.constantFrom('ASC', 'DESC'),
          fc.jsonValue(),
          fc.string(),
        )
        .map(encode),
    );
    return fc.assert(
      fc.property(garbage, fc.constantFrom(...orders), (cursor, order) => {
        expect(decodeCursor(order, cursor)).toBeNull();
      }),
    );
  });

  it.each([
    ['a moment as text', byTime, '2026-03-01T09:30:00Z'],
    ['a moment before any', byTime, '-infinity'],
    ['a fraction of a millisecond', byTime, 0.5],
    ['a moment that is no moment', byTime, null],
    ['a moment out of range', byTime, 8.64e15],
    ['a label that is none', byLabel, 'NORMAL'],
    ['a label of another case', byLabel, 'low'],
    ['a label from a prototype', byLabel, 'length'],
    ['a text with NUL', byText, 'a\0b'],
    ['half a surrogate pair', byText, '\ud800'],
    ['a text that is a number', byText, 1],
    ['a text that is an object', byText, { toString: 'x' }],
    ['a text beyond all bounds', byText, 'x'.repeat(4096)],
  ])('with %s is null', (_what, order, sortValue) => {
    expect(decodeCursor(order, encode([order.name, order.direction, sortValue, id]))).toBeNull();
  });

  it.each(['', 'x', id.toUpperCase(), `${id} `, `{${id}}`, id.replaceAll('-', ''), null, 1])(
    'with the id %j is null',
    (wrong) => {
      expect(decodeCursor(byText, encode(['TITLE', 'ASC', 'a', wrong]))).toBeNull();
    },
  );

  it('has one spelling', () => {
    const cursor = encodeCursor(byText, { sortValue: 'a', id });
    const json = Buffer.from(cursor, 'base64url').toString();
    const spellings = [
      `${cursor}=`,
      `${cursor}\n`,
      ` ${cursor}`,
      Buffer.from(json.replace(',', ', ')).toString('base64url'),
      Buffer.from(json.replace('"a"', '"\\u0061"')).toString('base64url'),
      Buffer.from(`\ufeff${json}`).toString('base64url'),
      encode(['TITLE', 'ASC', 'a', id, 1]),
    ];
    for (const spelling of spellings) expect(decodeCursor(byText, spelling)).toBeNull();
    expect(decodeCursor(byText, cursor)).toEqual({ sortValue: 'a', id });
  });
});
