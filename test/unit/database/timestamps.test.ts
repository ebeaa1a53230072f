import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  earliestTimestamp,
  fromTimestamp,
  isStorableMoment,
  latestTimestamp,
  toIsoText,
  toTimestamp,
} from '../../../src/database/timestamps.ts';

describe('a moment', () => {
  it('reads back from what PostgreSQL writes, whatever the time zone of the session', () => {
    const stored = fc.date({ min: earliestTimestamp, max: latestTimestamp, noInvalidDate: true });
    return fc.assert(
      fc.property(stored, fc.integer({ min: -14, max: 14 }), (date, hours) => {
        const local = new Date(date.getTime() + hours * 3_600_000);
        fc.pre(local >= earliestTimestamp && local <= latestTimestamp);
        const offset = `${hours < 0 ? '-' : '+'}${String(Math.abs(hours)).padStart(2, '0')}`;
        expect(fromTimestamp(local.toISOString().replace('T', ' ').replace('Z', offset))).toEqual(date);
      }),
    );
  });

  it('is written as ISO 8601 in UTC, whatever of it PostgreSQL leaves out', () => {
    const stored = fc.date({ min: earliestTimestamp, max: latestTimestamp, noInvalidDate: true });
    void fc.assert(
      fc.property(stored, (date) => {
        const [whole, fraction = ''] = date.toISOString().replace('T', ' ').replace('Z', '').split('.');
        const spelt = fraction.replace(/0+$/, '');
        expect(toIsoText(`${whole}${spelt && `.${spelt}`}+00`)).toBe(date.toISOString());
      }),
    );
    expect(toIsoText('2026-03-01 09:30:00+00')).toBe('2026-03-01T09:30:00.000Z');
    expect(toIsoText('2026-03-01 09:30:00.05+00')).toBe('2026-03-01T09:30:00.050Z');
    expect(toIsoText('2026-03-01 11:30:00.5+02')).toBe('2026-03-01T09:30:00.500Z');
  });

  it('is kept from the year 1000 to the year 9999', () => {
    expect([earliestTimestamp, latestTimestamp].map(isStorableMoment)).toEqual([true, true]);
    const beyond = [
      new Date(earliestTimestamp.getTime() - 1),
      new Date(latestTimestamp.getTime() + 1),
      new Date(Number.NaN),
    ];
    expect(beyond.map(isStorableMoment)).toEqual([false, false, false]);
  });

  it('is compared as it is when it can be stored, and as infinite when it cannot', () => {
    expect(toTimestamp(new Date('2026-03-01T09:30:00Z'))).toBe('2026-03-01T09:30:00.000Z');
    expect(toTimestamp(earliestTimestamp)).toBe('1000-01-01T00:00:00.000Z');
    expect(toTimestamp(latestTimestamp)).toBe('9999-12-31T23:59:59.999Z');
    expect(toTimestamp(new Date(earliestTimestamp.getTime() - 1))).toBe('-infinity');
    expect(toTimestamp(new Date(latestTimestamp.getTime() + 1))).toBe('infinity');
  });
});
