/** Rotating and retiring signing keys, with a clock that the test sets. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SigningKey } from '../../../../src/authentication/keys/signing-key.entity.ts';
import { SigningKeyError } from '../../../../src/authentication/keys/signing-keys.rotation.ts';
import type { Database } from '../../../../src/database/database.ts';
import { testDatabases } from '../../../support/database.ts';
import { negated } from '../../../unit/authentication/tokens/vectors/ecdsa.ts';
import { accessTokenTtl, createKeyWorld, type KeyWorld, kidOf, nextSecret, overlap } from './key-world.ts';

describe.each(testDatabases())('rotating signing keys on $name', ({ open }) => {
  let database: Database;
  let world: KeyWorld;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());
  beforeEach(() => {
    world = createKeyWorld(database);
  });
  afterEach(async () => {
    await database.fork().nativeDelete(SigningKey, {});
  });

  it('publishes a key, signs with it after the delay, and lets the old one go when its tokens have expired', async () => {
    const node = await world.start();
    const old = node.keys.current(world.now()).kid;
    const { kid } = await world.rotate(600);
    await node.keys.reload(world.now());
    expect(world.published(node).sort()).toEqual([kid, old].sort());
    expect(kidOf(await world.issue(node))).toBe(old);
    expect(await world.list()).toEqual([
      [kid, 'published'],
      [old, 'signing'],
    ]);

    world.pass(599);
    const last = await world.issue(node);
    expect(kidOf(last)).toBe(old);
    world.pass(1);
    expect(kidOf(await world.issue(node))).toBe(kid);
    expect(await world.accepts(node, last)).toBe(true);
    expect(await world.list()).toEqual([
      [kid, 'signing'],
      [old, 'verifying'],
    ]);

    world.pass(accessTokenTtl);
    expect(await world.accepts(node, last)).toBe(true);
    world.pass(overlap - accessTokenTtl);
    expect(world.published(node)).toEqual([kid]);
    expect(await world.list()).toEqual([
      [kid, 'signing'],
      [old, 'over'],
    ]);
  });

  it('does not accept what a key signs after its time, though the private part is still there', async () => {
    const node = await world.start();
    const behind = await world.start();
    world.pass(1);
    await world.rotate(0);
    await node.keys.reload(world.now());
    world.pass(overlap);
    const token = await world.issue(behind);
    expect(kidOf(token)).not.toBe(node.keys.current(world.now()).kid);
    expect(await world.accepts(node, token)).toBe(false);
    expect(await world.accepts(node, await world.issue(node))).toBe(true);
  });

  it('refuses a retired key’s tokens at once, remembered ones too, and destroys its private part', async () => {
    const node = await world.start();
    const leaked = await world.issue(node);
    expect(await world.accepts(node, leaked)).toBe(true);
    expect(await world.accepts(node, negated(leaked))).toBe(true);
    await world.rotate(0);
    world.pass(1);
    await world.retire(kidOf(leaked));
    await node.keys.reload(world.now());
    expect(await world.accepts(node, leaked)).toBe(false);
    expect(await world.accepts(node, negated(leaked))).toBe(false);
    expect(world.published(node)).not.toContain(kidOf(leaked));
    expect(await world.accepts(node, await world.issue(node))).toBe(true);
    const row = await database.fork().findOneOrFail(SigningKey, { kid: kidOf(leaked) });
    expect(row.encryptedPrivateKey).toBeNull();
    expect(await world.accepts(await world.start(), leaked)).toBe(false);
  });

  it('goes back to the former key when the newest is retired while both are in use', async () => {
    const node = await world.start();
    const old = node.keys.current(world.now()).kid;
    const { kid } = await world.rotate(0);
    world.pass(60);
    await world.retire(kid);
    await node.keys.reload(world.now());
    expect(kidOf(await world.issue(node))).toBe(old);
    world.pass(10 * overlap);
    expect(world.published(node)).toEqual([old]);
  });

  it('does not retire the last key that can sign, and says what to do', async () => {
    const node = await world.start();
    const { kid } = node.keys.current(world.now());
    await expect(world.retire(kid)).rejects.toThrow(/none that can sign\. Run "rotate --now" first/);
    const planned = await world.rotate(600);
    await expect(world.retire(kid)).rejects.toThrow(SigningKeyError);
    const next = await world.rotate(0);
    world.pass(1);
    await world.retire(kid);
    await world.retire(planned.kid);
    await expect(world.retire(next.kid)).rejects.toThrow(SigningKeyError);
  });

  it('does not count a key that is over as one that can sign', async () => {
    const node = await world.start();
    const old = node.keys.current(world.now()).kid;
    const { kid } = await world.rotate(0);
    world.pass(overlap + 1);
    await expect(world.retire(kid)).rejects.toThrow(SigningKeyError);
    await world.retire(old);
    expect(await world.list()).toEqual([
      [kid, 'signing'],
      [old, 'retired'],
    ]);
  });

  it('says that a key is unknown, and does nothing to one that is retired already', async () => {
    const node = await world.start();
    await expect(world.retire('nothing')).rejects.toThrow('There is no signing key nothing.');
    await world.rotate(0);
    world.pass(1);
    const { kid } = node.keys.current(world.now());
    const { retiredAt } = await world.retire(kid);
    world.pass(60);
    expect(await world.retire(kid)).toEqual({ kid, retiredAt });
  });

  it('at the same time by several operators leaves one key that signs, on every node', async () => {
    const node = await world.start();
    const made = await Promise.all([world.rotate(0), world.rotate(0), world.rotate(0)]);
    expect(new Set(made.map(({ signsFrom }) => signsFrom.getTime())).size).toBe(3);
    world.pass(1);
    const other = await world.start();
    await node.keys.reload(world.now());
    expect(other.keys.current(world.now()).kid).toBe(node.keys.current(world.now()).kid);
    expect((await world.list()).filter(([, state]) => state === 'signing')).toHaveLength(1);
    expect(await world.accepts(other, await world.issue(node))).toBe(true);
  });

  it('signs at once where there was no key', async () => {
    const { kid } = await world.rotate(600);
    expect(await world.list()).toEqual([[kid, 'signing']]);
    expect((await world.start()).keys.current(world.now()).kid).toBe(kid);
  });

  it('takes away rows that are of no more use', async () => {
    const node = await world.start();
    const old = node.keys.current(world.now()).kid;
    await world.rotate(0);
    world.pass(86_400);
    await world.rotate(0);
    expect(await world.list()).toHaveLength(3);
    world.pass(5 * 86_400);
    await world.rotate(0);
    expect((await world.list()).map(([kid]) => kid)).not.toContain(old);
    expect(await world.list()).toHaveLength(2);
  });

  it('is refused with a secret that is not the servers’: they could not read the key', async () => {
    await world.start();
    await expect(world.rotate(0, { secret: nextSecret, previousSecret: null })).rejects.toThrow('JWT_SECRET');
    expect(await world.list()).toHaveLength(1);
  });
});
