import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rotateSigningKey } from '../../../src/authentication/keys/signing-keys.rotation.ts';
import { asAnonymous, asUser } from '../../support/personas.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const path = '/.well-known/jwks.json';

describe('the key set', () => {
  let server: TestServer;
  let ahead = 0;
  const secret = randomBytes(32).toString('base64');
  const now = (): Date => new Date(Date.now() + ahead * 1000);
  beforeAll(async () => {
    server = await startTestServer({ env: { JWT_SECRET: secret }, now });
  });
  afterAll(() => server.close());

  const get = (headers: Record<string, string> = {}) => fetch(server.url + path, { headers });
  const kids = async () => ((await (await get()).json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);

  it('is public, may be kept for five minutes, and has a strong tag', async () => {
    const response = await get();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/jwk-set\+json/);
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    expect(response.headers.get('etag')).toMatch(/^"[\w-]{43}"$/);
    const { keys } = (await response.json()) as { keys: object[] };
    expect(keys.map((key) => Object.keys(key).sort())).toEqual([['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']]);
  });

  it('is not sent again to a client that has it', async () => {
    const etag = (await get()).headers.get('etag') as string;
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const response = await get({ 'if-none-match': tag });
      expect([response.status, await response.text()]).toEqual([304, '']);
      expect(response.headers.get('etag')).toBe(etag);
      expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    }
    for (const tag of ['"other"', etag.slice(1, -1), '']) {
      expect((await get({ 'if-none-match': tag })).status).toBe(200);
    }
  });

  it('has a new key before it signs, with another tag, and drops the old key when its time is over', async () => {
    const etag = (await get()).headers.get('etag') as string;
    const [old] = await kids();
    const signsFrom = new Date(now().getTime() + 600_000);
    const settings = { algorithm: 'ES256', accessTokenTtl: 900, secret, previousSecret: null, now: now() } as const;
    const { kid } = await rotateSigningKey(server.database.fork(), { ...settings, signsFrom });
    await tell(server);
    expect((await kids()).sort()).toEqual([old, kid].sort());
    expect((await get({ 'if-none-match': etag })).status).toBe(200);
    expect(await kidOfNewToken()).toBe(old);

    ahead += 601;
    expect(await kidOfNewToken()).toBe(kid);
    expect(await kids()).toContain(old);
    ahead += 900 + 5 + 120;
    expect(await kids()).toEqual([kid]);
  });

  /** An unknown kid makes the server read its keys again. */
  async function tell(at: TestServer): Promise<void> {
    const header = { alg: 'ES256', typ: 'at+jwt', kid: randomBytes(32).toString('base64url') };
    const token = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.e30.AAAA`;
    expect((await asAnonymous(at).ask('{ __typename }', {}, { token })).status).toBe(401);
  }

  async function kidOfNewToken(): Promise<string> {
    const { session } = await asUser(server);
    return JSON.parse(Buffer.from(session.accessToken.split('.')[0] as string, 'base64url').toString()).kid;
  }
});

describe('with HS256', () => {
  it('the key set is empty, because nobody else can check the tokens', async () => {
    const server = await startTestServer({ env: { JWT_ALGORITHM: 'HS256' } });
    const response = await fetch(server.url + path);
    expect([response.status, await response.json()]).toEqual([200, { keys: [] }]);
    expect((await asUser(server)).session.tokenType).toBe('Bearer');
    await server.close();
  });
});
