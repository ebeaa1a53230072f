import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isAccepted,
  leeway,
  type Scheduled,
  signingTerm,
  termsOf,
} from '../../../../src/authentication/keys/key-schedule.ts';

const start = Date.UTC(2026, 0, 1, 12);
const at = (seconds: number): Date => new Date(start + seconds * 1000);
const key = (kid: string, signsFrom: number, retiredAt: number | null = null): Scheduled => ({
  kid,
  signsFrom: at(signsFrom),
  retiredAt: retiredAt === null ? null : at(retiredAt),
});
const ttl = 900;
/** A minute to learn of a key, a minute between clocks, and the leeway. */
const overlap = ttl + leeway + 120;

const signs = (keys: Scheduled[], seconds: number): string | undefined =>
  signingTerm(termsOf(keys, ttl), at(seconds))?.key.kid;
const accepted = (keys: Scheduled[], seconds: number): string[] =>
  termsOf(keys, ttl)
    .filter((term) => isAccepted(term, at(seconds)))
    .map((term) => term.key.kid);

describe('a planned rotation', () => {
  const keys = [key('new', 600), key('old', 0)];

  it('publishes the new key before it signs', () => {
    expect(accepted(keys, 0)).toEqual(['old', 'new']);
    expect(signs(keys, 599)).toBe('old');
    expect(signs(keys, 600)).toBe('new');
  });

  it('keeps the old key until its last token has expired on every clock, and no longer', () => {
    expect(accepted(keys, 600 + overlap - 1)).toEqual(['old', 'new']);
    expect(accepted(keys, 600 + overlap)).toEqual(['new']);
    expect(accepted(keys, 600 + 1000 * overlap)).toEqual(['new']);
  });
});

describe('the key that signs', () => {
  it('is none when there are no keys', () => {
    expect(signs([], 0)).toBeUndefined();
    expect(signs([key('gone', 0, 5)], 10)).toBeUndefined();
  });

  it('is the first on a node whose clock is behind', () => {
    expect(signs([key('first', 30), key('second', 60)], 0)).toBe('first');
  });

  it('is the former one again when the newest is retired', () => {
    expect(signs([key('old', 0), key('leaked', 10, 20)], 30)).toBe('old');
    expect(accepted([key('old', 0), key('leaked', 10, 20)], 10_000)).toEqual(['old']);
  });

  it('is an emergency key before one that does not sign yet', () => {
    const keys = [key('old', 0), key('planned', 600), key('emergency', 100)];
    expect([signs(keys, 99), signs(keys, 100), signs(keys, 600)]).toEqual(['old', 'emergency', 'planned']);
  });

  it('is decided by the kid when two begin at once, in any order of reading', () => {
    expect(signs([key('b', 0), key('B', 0)], 0)).toBe('b');
    expect(signs([key('B', 0), key('b', 0)], 0)).toBe('b');
  });
});

const rows = fc.uniqueArray(
  fc.record({
    kid: fc.string({ minLength: 1, maxLength: 3 }),
    signsFrom: fc.integer({ min: 0, max: 5000 }).map(at),
    retiredAt: fc.option(fc.integer({ min: 0, max: 5000 }).map(at)),
  }),
  { selector: ({ kid }) => kid, maxLength: 6 },
);
const moment = fc.integer({ min: 0, max: 9000 });

describe('whatever the rows', () => {
  it('every node agrees, in any order of reading', () => {
    fc.assert(
      fc.property(rows, moment, fc.nat(), (keys, seconds, turn) => {
        const turned = [...keys.slice(turn % 6), ...keys.slice(0, turn % 6)].reverse();
        expect(signs(turned, seconds)).toBe(signs(keys, seconds));
        expect(accepted(turned, seconds)).toEqual(accepted(keys, seconds));
      }),
    );
  });

  it('the key that signs is accepted, now and for as long as its tokens live', () => {
    fc.assert(
      fc.property(rows, moment, fc.integer({ min: 0, max: ttl + leeway }), (keys, seconds, later) => {
        const kid = signs(keys, seconds);
        if (kid !== undefined) expect(accepted(keys, seconds + later)).toContain(kid);
      }),
    );
  });

  it('a retired key neither signs nor is accepted', () => {
    fc.assert(
      fc.property(rows, moment, (keys, seconds) => {
        for (const { kid, retiredAt } of keys) {
          if (retiredAt) expect([signs(keys, seconds), ...accepted(keys, seconds)]).not.toContain(kid);
        }
      }),
    );
  });
});
