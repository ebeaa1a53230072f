import { describe, expect, it, vi } from 'vitest';
import { matchesBcrypt } from '../../../../src/authentication/passwords/bcrypt.ts';
import { readPasswordHash, workOf } from '../../../../src/authentication/passwords/hash-forms.ts';
import { hashLanes } from '../../../../src/authentication/passwords/hash-lanes.ts';
import { createPasswordHasher } from '../../../../src/authentication/passwords/password-hash.ts';
import { TooManyRequestsError } from '../../../../src/errors.ts';

vi.mock('../../../../src/authentication/passwords/bcrypt.ts', () => ({ matchesBcrypt: vi.fn() }));

const digest = `${'a'.repeat(22)}${'b'.repeat(31)}`;
const bcrypt = (cost: number) => `$2b$${String(cost).padStart(2, '0')}$${digest}`;
const argon2 = (parameters: string) => `$argon2id$v=19$${parameters}$c2l4dGVlbiBvZiBieXRlcw$${'A'.repeat(43)}`;
const workOfHash = (hash: string) => workOf(readPasswordHash(hash) ?? expect.fail('is no hash'));
const today = workOfHash(argon2('m=19456,t=2,p=1'));

/** Hashes that run until they are told to end. */
function lanesOf(maxConcurrent = 2) {
  const inLane = hashLanes(maxConcurrent, today);
  const started: string[] = [];
  const run = (hash: string) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const job = () => {
      started.push(hash);
      return promise;
    };
    return { end: resolve, done: inLane(workOfHash(hash), job) };
  };
  return { started, run };
}

/** Lets everything that is ready go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('an expensive hash', () => {
  it.each([
    ['bcrypt of cost 15', bcrypt(15)],
    ['bcrypt of cost 13', bcrypt(13)],
    ['argon2 of much memory', argon2('m=262144,t=2,p=1')],
    ['argon2 of many passes', argon2('m=65536,t=16,p=1')],
  ])('delays no other, however many there are: %s', async (_what, hash) => {
    const { started, run } = lanesOf();
    const heavy = Array.from({ length: 11 }, () => run(hash));
    const refused = heavy.map(({ done }) => done.catch((error) => error));
    const others = [run(bcrypt(12)), run(argon2('m=19456,t=2,p=1'))];
    await settle();
    expect(started).toEqual([hash, bcrypt(12), argon2('m=19456,t=2,p=1')]);
    for (const { end } of [...heavy, ...others]) end();
    await Promise.all([...refused, ...others.map(({ done }) => done)]);
  });

  it('is refused at once when several wait, and accepted when they are done', async () => {
    const { started, run } = lanesOf();
    const [first, second, third] = [run(bcrypt(15)), run(bcrypt(15)), run(bcrypt(15))];
    await expect(third.done).rejects.toBeInstanceOf(TooManyRequestsError);
    first.end();
    await first.done;
    const fourth = run(bcrypt(15));
    for (const { end } of [second, fourth]) end();
    await Promise.all([second.done, fourth.done]);
    expect(started).toHaveLength(3);
  });

  it('is accepted alone, whatever its cost', async () => {
    const { run } = lanesOf();
    const one = run(argon2('m=1048576,t=16,p=1'));
    await expect(run(bcrypt(13)).done).rejects.toBeInstanceOf(TooManyRequestsError);
    one.end();
    await one.done;
  });

  it('frees its lane when it fails', async () => {
    const inLane = hashLanes(1, today);
    const fail = () => Promise.reject(new Error('no memory'));
    for (let time = 0; time < 5; time++) await expect(inLane(2 ** 16, fail)).rejects.toThrow('no memory');
    expect(await inLane(2 ** 16, async () => 'done')).toBe('done');
  });
});

describe('an ordinary hash', () => {
  it.each([
    ['FastAPI’s', bcrypt(12)],
    ['of argon2-cffi and pwdlib', argon2('m=65536,t=3,p=4')],
  ])('has all the places, and is not refused: %s', async (_what, hash) => {
    const { started, run } = lanesOf(2);
    const all = Array.from({ length: 20 }, () => run(hash));
    await settle();
    expect(started).toHaveLength(2);
    for (const { end } of all) end();
    await Promise.all(all.map(({ done }) => done));
    expect(started).toHaveLength(20);
  });

  it('is one with today’s parameters, whatever their cost', async () => {
    const inLane = hashLanes(2, workOfHash(argon2('m=1048576,t=16,p=1')));
    const all = await Promise.all(Array.from({ length: 20 }, async () => await inLane(2 ** 18, async () => 'done')));
    expect(all).toHaveLength(20);
  });
});

describe('sign-ins of accounts with bcrypt of cost 15', () => {
  const hasher = createPasswordHasher({
    memoryCost: 1024,
    timeCost: 2,
    parallelism: 1,
    maxConcurrent: 2,
    maxWaiting: 20,
  });

  it('wait in their own lane, and are refused when two wait there already', async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    vi.mocked(matchesBcrypt).mockReturnValue(promise);
    const all = Array.from({ length: 11 }, () => hasher.verify(bcrypt(15), 'a wrong one'));
    const settled = Promise.allSettled(all);
    await Promise.allSettled(all.slice(2));
    expect(matchesBcrypt).toHaveBeenCalledOnce();
    expect((await hasher.verify(await hasher.hash('another'), 'another')).matches).toBe(true);
    expect(await hasher.verify(null, 'of nobody')).toEqual({ matches: false, needsRehash: false });
    resolve(true);
    const results = await settled;
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    for (const result of results.slice(2)) {
      expect(result).toMatchObject({ reason: expect.any(TooManyRequestsError) });
    }
  });
});
