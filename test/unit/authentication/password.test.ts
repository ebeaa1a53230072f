import type argon2 from 'argon2';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { checkPassword, createPasswordHasher, isHashable } from '../../../src/authentication/password.ts';
import { TooManyRequestsError } from '../../../src/errors.ts';

const cheap = { memoryCost: 1024, timeCost: 2, parallelism: 1 };

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
    ['with a lone surrogate', 'seven green\ud800', 'INVALID'],
    ['with a NUL', 'seven\0green', 'INVALID'],
  ])('is refused when it is %s', (_what, password, code) => {
    const faults = checkPassword(password, ['ada.lovelace', 'ada@example.org']);
    expect(faults.map((fault) => fault.code)).toEqual([code]);
  });

  it('may contain the username', () => {
    expect(checkPassword('ada.lovelace was here', ['ada.lovelace'])).toEqual([]);
  });

  it.each([
    ['with a lone surrogate', 'a\udc00'],
    ['with a NUL', '\0'],
    ['of ten million characters', 'x'.repeat(10_000_000)],
  ])('is not worth hashing %s', (_what, password) => {
    expect(isHashable(password)).toBe(false);
    expect(isHashable('x'.repeat(256))).toBe(true);
  });
});

describe('a password hasher', () => {
  const hasher = createPasswordHasher({ ...cheap, maxConcurrent: 2, maxWaiting: 100 });

  it('hashes with argon2id and the cost that it was given', async () => {
    expect(await hasher.hash('seven green bottles')).toMatch(/^\$argon2id\$v=19\$m=1024,p=1,t=2\$/);
  });

  it('verifies the password that was hashed, and no other', async () => {
    const hash = await hasher.hash('seven green bottles');
    expect(await hasher.verify(hash, 'seven green bottles')).toBe(true);
    expect(await hasher.verify(hash, 'seven green bottle')).toBe(false);
    expect(await hasher.verify(hash, '')).toBe(false);
  });

  it('takes both spellings of an accent as one', async () => {
    const hash = await hasher.hash('une cl\u00e9 \u00e0 moi');
    expect(await hasher.verify(hash, 'une cle\u0301 a\u0300 moi')).toBe(true);
    expect(await hasher.verify(hash, 'une cle a moi')).toBe(false);
  });

  it('salts', async () => {
    expect(await hasher.hash('seven green bottles')).not.toBe(await hasher.hash('seven green bottles'));
  });

  it('answers false for an unknown account, even to the password of the stand-in', async () => {
    expect(await hasher.verify(null, 'seven green bottles')).toBe(false);
    expect(await hasher.verify(null, '')).toBe(false);
  });
});

// The real functions run; these only count them.
const inFlight = vi.hoisted(() => ({ now: 0, most: 0, all: 0, costs: [] as string[] }));
vi.mock('argon2', async (importOriginal) => {
  const { default: real } = await importOriginal<{ default: typeof argon2 }>();
  const counted =
    <Arguments extends unknown[], Result>(work: (...given: Arguments) => Promise<Result>) =>
    async (...given: Arguments): Promise<Result> => {
      inFlight.now += 1;
      inFlight.all += 1;
      inFlight.most = Math.max(inFlight.most, inFlight.now);
      try {
        return await work(...given);
      } finally {
        inFlight.now -= 1;
      }
    };
  return {
    default: {
      ...real,
      hash: counted(real.hash),
      verify: counted((digest: string, password: string) => {
        inFlight.costs.push(digest.split('$').slice(0, 4).join('$'));
        return real.verify(digest, password);
      }),
    },
  };
});

describe('a storm of passwords', () => {
  const storm = createPasswordHasher({ ...cheap, maxConcurrent: 2, maxWaiting: 3 });

  beforeEach(async () => {
    await storm.verify(null, 'the stand-in is ready');
    Object.assign(inFlight, { now: 0, most: 0, all: 0, costs: [] });
  });

  it('hashes no more at once than it may, and refuses at once what would wait behind a full queue', async () => {
    const results = await Promise.allSettled([
      ...Array.from({ length: 4 }, () => storm.verify(null, 'x')),
      ...Array.from({ length: 4 }, () => storm.hash('x')),
    ]);
    const refused = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason);
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(5);
    expect(refused).toHaveLength(3);
    for (const error of refused) {
      expect(error).toBeInstanceOf(TooManyRequestsError);
      expect(error.extensions.http.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    }
    expect(inFlight).toMatchObject({ most: 2, all: 5 });
  });

  it('serves again once the queue is shorter', async () => {
    await Promise.allSettled(Array.from({ length: 8 }, () => storm.hash('x')));
    expect(await storm.verify(await storm.hash('x'), 'x')).toBe(true);
  });

  it('does the same work for an unknown account as for a known one', async () => {
    const hash = await storm.hash('seven green bottles');
    Object.assign(inFlight, { all: 0, costs: [] });
    await storm.verify(hash, 'a wrong one');
    await storm.verify(null, 'a wrong one');
    expect(inFlight.all).toBe(2);
    expect(inFlight.costs[0]).toBe(inFlight.costs[1]);
  });

  it('is not stopped by a hash that fails', async () => {
    await expect(storm.verify('not a hash', 'x')).rejects.toThrow();
    expect(await storm.verify(await storm.hash('x'), 'x')).toBe(true);
  });
});
