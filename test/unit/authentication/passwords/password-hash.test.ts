import type argon2 from 'argon2';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createPasswordHasher,
  type PasswordHasherOptions,
} from '../../../../src/authentication/passwords/password-hash.ts';
import { TooManyRequestsError } from '../../../../src/errors.ts';

const cheap = { memoryCost: 1024, timeCost: 2, parallelism: 1 };
const current = { matches: true, needsRehash: false };
const outdated = { matches: true, needsRehash: true };
const wrong = { matches: false, needsRehash: false };

describe('a password hasher', () => {
  const hasher = createPasswordHasher({ ...cheap, maxConcurrent: 2, maxWaiting: 100 });

  it('hashes with argon2id and the cost that it was given', async () => {
    expect(await hasher.hash('seven green bottles')).toMatch(
      /^\$argon2id\$v=19\$m=1024,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
    );
  });

  it('verifies hashes with parameters in its former order, and asks for new ones', async () => {
    const hash = await hasher.hash('seven green bottles');
    const former = hash.replace('t=2,p=1', 'p=1,t=2');
    expect(await hasher.verify(former, 'seven green bottles')).toEqual(outdated);
    expect(await hasher.verify(former, 'seven blue bottles')).toEqual(wrong);
  });

  it('verifies a hash of argon2’s reference implementation', async () => {
    // printf 'seven green bottles' | argon2 'sixteen of bytes' -id -t 2 -k 1024 -p 1 -l 32 -e
    const hash = '$argon2id$v=19$m=1024,t=2,p=1$c2l4dGVlbiBvZiBieXRlcw$dei8fhKX4L0pSTac5ECtlhaS4SFXISEvGeunerEA66I';
    expect(await hasher.verify(hash, 'seven green bottles')).toEqual(current);
    expect(await hasher.verify(hash, 'seven blue bottles')).toEqual(wrong);
  });

  it('verifies the password that was hashed, and no other', async () => {
    const hash = await hasher.hash('seven green bottles');
    expect(await hasher.verify(hash, 'seven green bottles')).toEqual(current);
    expect(await hasher.verify(hash, 'seven green bottle')).toEqual(wrong);
    expect(await hasher.verify(hash, '')).toEqual(wrong);
  });

  it('accepts both spellings of an accent', async () => {
    const hash = await hasher.hash('une cl\u00e9 \u00e0 moi');
    expect(await hasher.verify(hash, 'une cle\u0301 a\u0300 moi')).toEqual(current);
    expect(await hasher.verify(hash, 'une cle a moi')).toEqual(wrong);
  });

  it('salts', async () => {
    expect(await hasher.hash('seven green bottles')).not.toBe(await hasher.hash('seven green bottles'));
  });

  it('answers false for an unknown account, even to the password of the stand-in', async () => {
    expect(await hasher.verify(null, 'seven green bottles')).toEqual(wrong);
    expect(await hasher.verify(null, '')).toEqual(wrong);
  });
});

describe('a hash that was made with other parameters', () => {
  const make = (options: Partial<PasswordHasherOptions> = {}) =>
    createPasswordHasher({ ...cheap, maxConcurrent: 2, maxWaiting: 100, ...options });

  it.each([
    ['more memory', { memoryCost: 2048 }],
    ['less memory', { memoryCost: 512 }],
    ['more passes', { timeCost: 3 }],
    ['less passes', { timeCost: 1 }],
    ['more lanes', { parallelism: 2 }],
  ])('verifies, and is outdated: %s', async (_what, options) => {
    const hash = await make(options).hash('seven green bottles');
    expect(await make().verify(hash, 'seven green bottles')).toEqual(outdated);
    expect(await make().verify(hash, 'seven blue bottles')).toEqual(wrong);
    expect(await make(options).verify(hash, 'seven green bottles')).toEqual(current);
  });
});

describe('a pepper', () => {
  const [first, second] = ['a first pepper of 32 bytes or more', 'a second pepper of 32 bytes or more'];
  const unknown = { ...wrong, problem: 'UNKNOWN_PEPPER' };
  const met: string[] = [];
  const make = (now: string | null, previous: string | null = null) =>
    createPasswordHasher({
      ...cheap,
      pepper: { current: now, previous },
      onUnknownPepper: (keyId) => met.push(keyId),
      maxConcurrent: 2,
      maxWaiting: 100,
    });
  const keyIdOf = (hash: string) => /keyid=([^$,]+)/.exec(hash)?.[1];
  beforeEach(() => {
    met.length = 0;
  });

  it('is named by the hash, but not contained in it', async () => {
    const hash = await make(first).hash('seven green bottles');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=1024,t=2,p=1,keyid=[A-Za-z0-9+/]{8}\$[^$]+\$[^$]+$/);
    expect(keyIdOf(await make(first).hash('x'))).toBe(keyIdOf(hash));
    expect(keyIdOf(await make(second).hash('x'))).not.toBe(keyIdOf(hash));
    expect(Buffer.from(first).toString('base64')).not.toContain(keyIdOf(hash));
  });

  it('is needed to verify the password', async () => {
    const hash = await make(first).hash('seven green bottles');
    expect(await make(first).verify(hash, 'seven green bottles')).toEqual(current);
    expect(await make(first).verify(hash, 'seven blue bottles')).toEqual(wrong);
    // The hash without its pepper's id, as if it had been made without a pepper.
    const stripped = hash.replace(/,keyid=[^$]+/, '');
    expect(await make(first).verify(stripped, 'seven green bottles')).toEqual(wrong);
    expect(await make(null).verify(stripped, 'seven green bottles')).toEqual(wrong);
  });

  it('can be added: hashes without one verify, and are outdated', async () => {
    const hash = await make(null).hash('seven green bottles');
    expect(hash).not.toContain('keyid');
    expect(await make(first).verify(hash, 'seven green bottles')).toEqual(outdated);
    expect(await make(first).verify(hash, 'seven blue bottles')).toEqual(wrong);
  });

  it.each([
    ['changed', second],
    ['taken away', null],
  ])('can be %s: hashes of the one before verify, and are outdated', async (_what, now) => {
    const hash = await make(first).hash('seven green bottles');
    expect(await make(now, first).verify(hash, 'seven green bottles')).toEqual(outdated);
    expect(await make(now, first).verify(hash, 'seven blue bottles')).toEqual(wrong);
    expect(await make(now, first).verify(await make(now).hash('x'), 'x')).toEqual(current);
    expect(met).toEqual([]);
  });

  it.each([
    ['another', second, null],
    ['two others', second, 'a third pepper of 32 bytes or more'],
    ['none', null, null],
  ])('that is unknown by now is a problem of the operator, and opens nothing: %s', async (_what, now, previous) => {
    const hash = await make(first).hash('seven green bottles');
    const hasher = make(now, previous);
    expect(await hasher.verify(hash, 'seven green bottles')).toEqual(unknown);
    expect(await hasher.verify(hash, 'seven blue bottles')).toEqual(unknown);
    expect(met).toEqual([keyIdOf(hash), keyIdOf(hash)]);
  });

  it('that is named wrongly opens nothing', async () => {
    const hasher = make(second, first);
    const hash = await make(first).hash('seven green bottles');
    const renamed = hash.replace(/keyid=[^$]+/, `keyid=${keyIdOf(await hasher.hash('x'))}`);
    expect(await hasher.verify(renamed, 'seven green bottles')).toEqual(wrong);
    expect(await hasher.verify(null, 'seven green bottles')).toEqual(wrong);
  });
});

// Only counts the calls; the real functions run.
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
      verify: counted((digest: string, password: string, options?: argon2.VerifyOptions) => {
        inFlight.costs.push(digest.split('$').slice(0, 4).join('$'));
        return real.verify(digest, password, options);
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

  it('hashes no more at once than allowed, and refuses at once beyond a full queue', async () => {
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
    expect(await storm.verify(await storm.hash('x'), 'x')).toEqual(current);
  });

  it('does the same work for an unknown account as for a known one', async () => {
    const hash = await storm.hash('seven green bottles');
    Object.assign(inFlight, { all: 0, costs: [] });
    await storm.verify(hash, 'a wrong one');
    await storm.verify(null, 'a wrong one');
    expect(inFlight.all).toBe(2);
    expect(inFlight.costs[0]).toBe(inFlight.costs[1]);
  });

  it('does the same work for an unknown pepper', async () => {
    const pepper = { current: 'a first pepper of 32 bytes or more', previous: null };
    const hash = await createPasswordHasher({ ...cheap, pepper, maxConcurrent: 1, maxWaiting: 1 }).hash('x');
    Object.assign(inFlight, { all: 0, costs: [] });
    expect(await storm.verify(hash, 'x')).toMatchObject({ problem: 'UNKNOWN_PEPPER' });
    expect(inFlight).toMatchObject({ all: 1, costs: [expect.stringContaining('m=1024')] });
  });

  it('does the same work for an unknown account when it tries two spellings', async () => {
    const hash = await storm.hash('seven green bottles');
    Object.assign(inFlight, { all: 0, costs: [] });
    await storm.verify(hash, 'une cle\u0301');
    expect(inFlight.all).toBe(2);
    await storm.verify(null, 'une cle\u0301');
    expect(inFlight.all).toBe(4);
  });

  it('goes on after a hash that fails', async () => {
    await expect(storm.verify('not a hash', 'x')).rejects.toThrow();
    expect(await storm.verify(await storm.hash('x'), 'x')).toEqual(current);
  });
});
