import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SigningKey } from '../../../../src/authentication/keys/signing-key.entity.ts';
import type { SigningKeys } from '../../../../src/authentication/keys/signing-keys.contract.ts';
import { loadSigningKeys } from '../../../../src/authentication/keys/signing-keys.ts';
import { createAccessTokens } from '../../../../src/authentication/tokens/access-token.ts';
import type { Database } from '../../../../src/database/database.ts';
import { newId } from '../../../../src/database/ids.ts';
import { testDatabases } from '../../../support/database.ts';

const secret = 'a secret of the tests, not of any server';
const now = new Date('2026-01-01T12:00:00Z');
const accessTokenTtl = 900;
const claims = { userId: newId(), sessionId: newId(), role: 'USER', scopes: ['task:read'] } as const;
const tokensOf = (keys: SigningKeys) => createAccessTokens({ keys, issuer: 'i', audience: 'a', ttl: accessTokenTtl });

describe.each(testDatabases())('signing keys on $name', ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());
  afterEach(async () => {
    await database.fork().nativeDelete(SigningKey, {});
  });

  describe.each(['ES256', 'RS256'] as const)('for %s', (algorithm) => {
    const load = (given = secret) =>
      loadSigningKeys(database.fork(), { algorithm, secret: given, accessTokenTtl, now });

    it('are made once, and outlive a restart', async () => {
      const { token } = await tokensOf(await load()).issue(claims, now);
      expect(await tokensOf(await load()).verify(token, now)).toEqual(claims);
      expect(await database.fork().count(SigningKey)).toBe(1);
    });

    it('are the same for servers that start at once', async () => {
      const servers = await Promise.all(Array.from({ length: 4 }, () => load()));
      expect(new Set(servers.map((keys) => keys.current(now).kid)).size).toBe(1);
      expect(await database.fork().count(SigningKey)).toBe(1);
      const { token } = await tokensOf(servers[0] as SigningKeys).issue(claims, now);
      expect(await tokensOf(servers[3] as SigningKeys).verify(token, now)).toEqual(claims);
    });

    it('are told without their private part', async () => {
      const keys = await load();
      const [key] = keys.jwks(now).keys;
      expect(key).toMatchObject({ kid: keys.current(now).kid, alg: algorithm, use: 'sig' });
      for (const part of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(part);
    });

    it('are named by their thumbprint, and stored encrypted', async () => {
      const current = (await load()).current(now);
      const [row] = await database.fork().find(SigningKey, {});
      expect(row?.kid).toBe(current.kid);
      expect(row?.kid).toMatch(/^[\w-]{43}$/);
      const stored = Buffer.from(row?.encryptedPrivateKey?.slice(3) ?? '', 'base64url');
      const { d } = current.signingKey.export({ format: 'jwk' });
      expect(stored.includes(Buffer.from(d as string, 'base64url'))).toBe(false);
    });

    it('say what to do when JWT_SECRET has changed, and make no second key', async () => {
      await load();
      await expect(load(`${secret}, changed`)).rejects.toThrow(
        /JWT_SECRET_PREVIOUS to the former JWT_SECRET, or delete that row/,
      );
      expect(await database.fork().count(SigningKey)).toBe(1);
      await load();
    });
  });

  it('of another algorithm are not accepted', async () => {
    const load = (algorithm: 'ES256' | 'RS256') =>
      loadSigningKeys(database.fork(), { algorithm, secret, accessTokenTtl, now });
    const { token } = await tokensOf(await load('ES256')).issue(claims, now);
    await expect(tokensOf(await load('RS256')).verify(token, now)).rejects.toThrow('not valid');
  });

  describe('for HS256', () => {
    const load = (given: string) =>
      loadSigningKeys(database.fork(), { algorithm: 'HS256', secret: given, accessTokenTtl, now });

    it('are the bytes of JWT_SECRET, stored nowhere and told to nobody', async () => {
      const keys = await load(secret);
      const { token } = await tokensOf(keys).issue(claims, now);
      const [header, payload, signature] = token.split('.');
      expect(createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url')).toBe(signature);
      expect(keys.jwks(now)).toEqual({ keys: [] });
      expect(await database.fork().count(SigningKey)).toBe(0);
    });

    it('are named alike on every server, and differently for another secret', async () => {
      const { kid } = (await load(secret)).current(now);
      expect((await load(secret)).current(now).kid).toBe(kid);
      expect((await load(`${secret}.`)).current(now).kid).not.toBe(kid);
    });
  });

  it.each(['ES256', 'RS256', 'HS256'] as const)('for %s are not made from a short secret', async (algorithm) => {
    const load = (given: string) => loadSigningKeys(database.fork(), { algorithm, secret: given, accessTokenTtl, now });
    await expect(load('x'.repeat(31))).rejects.toThrow('at least 32 bytes');
    expect((await load('x'.repeat(32))).current(now).algorithm).toBe(algorithm);
  });
});
