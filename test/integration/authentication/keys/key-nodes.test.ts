/** How servers learn of the same signing keys: reloading, unknown kids, secrets that change. */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SigningKey } from '../../../../src/authentication/keys/signing-key.entity.ts';
import type { Database } from '../../../../src/database/database.ts';
import { testDatabases } from '../../../support/database.ts';
import { createKeyWorld, type KeyWorld, kidOf, nextSecret, secret } from './key-world.ts';

describe.each(testDatabases())('nodes that share signing keys on $name', ({ open }) => {
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

  describe('a key that a node has not heard of', () => {
    it('is looked for, at most once a second whatever the flood', async () => {
      const node = await world.start();
      const token = await world.issue(node);
      const flood = Array.from({ length: 200 }, (_, index) => withKid(token, String(index).padStart(43, 'A')));
      const refuseAll = async () =>
        expect(await Promise.all(flood.map((each) => world.accepts(node, each)))).not.toContain(true);
      await refuseAll();
      await refuseAll();
      expect(node.table.reads).toBe(1);
      world.pass(1);
      await refuseAll();
      expect(node.table.reads).toBe(2);
      for (const kid of ['../../etc/passwd', "' or 1=1 --", '', 'x'.repeat(1000), 'a\0b']) {
        world.pass(2);
        expect(await world.accepts(node, withKid(token, kid))).toBe(false);
      }
      expect(node.table.reads).toBe(2);
      expect(await world.accepts(node, token)).toBe(true);
    });

    it('is found, when another node has made it', async () => {
      const [node, other] = [await world.start(), await world.start()];
      await world.rotate(0);
      await other.keys.reload(world.now());
      world.pass(1);
      expect(await world.accepts(node, await world.issue(other))).toBe(true);
      expect(world.published(node)).toEqual(world.published(other));
    });

    it('is not looked for when it is retired or over', async () => {
      const node = await world.start();
      const token = await world.issue(node);
      await world.rotate(0);
      world.pass(1);
      await world.retire(kidOf(token));
      await node.keys.reload(world.now());
      node.table.reads = 0;
      world.pass(5);
      expect(await world.accepts(node, token)).toBe(false);
      expect(node.table.reads).toBe(0);
    });
  });

  describe('reloading', () => {
    it('shares a reading, and begins another for a caller during one', async () => {
      const node = await world.start();
      await Promise.all([node.keys.reload(world.now()), node.keys.reload(world.now()), node.keys.reload(world.now())]);
      expect(node.table.reads).toBe(2);
    });

    it('that fails keeps what is known, and the next one works', async () => {
      const node = await world.start();
      const token = await world.issue(node);
      node.table.fault = new Error('connection lost');
      await expect(node.keys.reload(world.now())).rejects.toThrow('connection lost');
      expect(await world.accepts(node, token)).toBe(true);
      expect(kidOf(await world.issue(node))).toBe(kidOf(token));
      const unknown = withKid(token, 'B'.repeat(43));
      await expect(node.tokens.verify(unknown, world.now())).rejects.toThrow('connection lost');
      node.table.fault = null;
      await node.keys.reload(world.now());
      world.pass(1);
      expect(await world.accepts(node, unknown)).toBe(false);
    });

    it('hears of a retirement though another key cannot be decrypted', async () => {
      const node = await world.start();
      const token = await world.issue(node);
      const { kid } = await world.rotate(0);
      world.pass(1);
      await world.retire(kidOf(token));
      await database.fork().nativeUpdate(SigningKey, { kid }, { encryptedPrivateKey: 'v1.AAAA' });
      await expect(node.keys.reload(world.now())).rejects.toThrow('cannot be decrypted');
      expect(await world.accepts(node, token)).toBe(false);
    });

    it('every minute ends with the server', async () => {
      const node = await world.start();
      node.keys.watch({ now: world.now, onError: () => {} });
      await node.keys.close();
      await node.keys.close();
    });
  });

  describe('a changed JWT_SECRET', () => {
    const changed = { secret: nextSecret, previousSecret: secret };

    it('encrypts the stored keys anew, with the former one at hand; tokens stay good', async () => {
      const former = await world.start();
      const token = await world.issue(former);
      await world.rotate(600);
      const nodes = await Promise.all([world.start(changed), world.start(changed), world.start(changed)]);
      for (const node of nodes) expect(await world.accepts(node, token)).toBe(true);
      await expect(world.start()).rejects.toThrow('JWT_SECRET_PREVIOUS');
      // The servers no longer have the former secret.
      expect(await world.accepts(await world.start({ secret: nextSecret }), token)).toBe(true);
    });

    it('leaves a node with the former secret working, and both read what is rotated meanwhile', async () => {
      const both = { secret, previousSecret: nextSecret };
      const behind = await world.start(both);
      const ahead = await world.start(changed);
      await behind.keys.reload(world.now());
      expect(await world.accepts(ahead, await world.issue(behind))).toBe(true);
      await world.rotate(0, changed);
      world.pass(1);
      await Promise.all([behind.keys.reload(world.now()), ahead.keys.reload(world.now())]);
      expect(await world.accepts(behind, await world.issue(ahead))).toBe(true);
      expect(await world.accepts(await world.start(both), await world.issue(ahead))).toBe(true);
    });

    it('needs the former one', async () => {
      await world.start();
      const wrong = { secret: nextSecret, previousSecret: 'a third secret of the tests, of no server' };
      await expect(world.start(wrong)).rejects.toThrow('cannot be decrypted');
      await world.start();
    });

    it('with HS256 keeps the former one’s tokens good, until it is taken away', async () => {
      const hs256 = { algorithm: 'HS256' } as const;
      const token = await world.issue(await world.start(hs256));
      const node = await world.start({ ...hs256, ...changed });
      expect(await world.accepts(node, token)).toBe(true);
      expect(kidOf(await world.issue(node))).not.toBe(kidOf(token));
      expect(node.keys.jwks(world.now())).toEqual({ keys: [] });
      expect(await world.accepts(await world.start({ ...hs256, secret: nextSecret }), token)).toBe(false);
    });
  });

  describe('keys of one’s own', () => {
    const make = () => {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const pem = (key: typeof privateKey, type: 'pkcs8' | 'spki') =>
        String(key.export({ format: 'pem', type: type as 'pkcs8' }));
      return { privatePem: pem(privateKey, 'pkcs8'), publicPem: pem(publicKey, 'spki') };
    };

    it('sign and verify by their order, are published, and leave the database alone', async () => {
      const [old, next] = [make(), make()];
      const before = await world.start({ privateKeys: old.privatePem });
      const announced = await world.start({ privateKeys: old.privatePem + next.publicPem });
      const switched = await world.start({ privateKeys: next.privatePem + old.publicPem });
      const after = await world.start({ privateKeys: next.privatePem });
      const token = await world.issue(before);
      expect(world.published(announced)).toHaveLength(2);
      expect(world.published(announced).reverse()).toEqual(world.published(switched));
      for (const node of [before, announced, switched]) expect(await world.accepts(node, token)).toBe(true);
      expect(await world.accepts(announced, await world.issue(switched))).toBe(true);
      expect(await world.accepts(after, token)).toBe(false);
      expect(await database.fork().count(SigningKey)).toBe(0);
    });
  });
});

function withKid(token: string, kid: string): string {
  const [header = '', ...rest] = token.split('.');
  const changed = { ...JSON.parse(Buffer.from(header, 'base64url').toString()), kid };
  return [Buffer.from(JSON.stringify(changed)).toString('base64url'), ...rest].join('.');
}
