import {
  createHmac,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
} from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SigningAlgorithm, SigningMaterial } from '../../../../src/authentication/keys/key-material.ts';
import { fixedSigningKeys } from '../../../../src/authentication/keys/signing-keys.ts';
import { type AccessTokens, createAccessTokens } from '../../../../src/authentication/tokens/access-token.ts';
import { newId, toGlobalId } from '../../../../src/database/ids.ts';
import { InvalidTokenError } from '../../../../src/errors.ts';

const issuer = 'https://gatewright.example';
const audience = 'https://gatewright.example/graphql';
const ttl = 900;
const leeway = 5;
const now = new Date('2026-01-01T12:00:00.500Z');
const iat = Math.floor(now.getTime() / 1000);
const userId = newId();
const sessionId = newId();
const claims = { userId, sessionId, role: 'USER', scopes: ['task:read', 'task:write'] } as const;

function material(kid: string, algorithm: SigningAlgorithm): SigningMaterial {
  if (algorithm === 'HS256') {
    const key = createSecretKey(Buffer.from('a secret of the tests, not of any server'));
    return { kid, algorithm, signingKey: key, verifyingKey: key };
  }
  const { privateKey, publicKey } =
    algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kid, algorithm, signingKey: privateKey, verifyingKey: publicKey };
}

const es256 = material('es', 'ES256');
const rs256 = material('rs', 'RS256');
const hs256 = material('hs', 'HS256');
const stranger = material('es', 'ES256');
const tokensOf = (...materials: [SigningMaterial, ...SigningMaterial[]]): AccessTokens =>
  createAccessTokens({ keys: fixedSigningKeys(...materials), issuer, audience, ttl });

const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Signs any token, right or wrong, without the server's library. */
function forge(header: object, payload: unknown, key: KeyObject = es256.signingKey): string {
  const input = `${encode(header)}.${encode(payload)}`;
  const signature =
    key.type === 'secret'
      ? createHmac('sha256', key).update(input).digest()
      : signBytes('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

const goodHeader = { alg: 'ES256', typ: 'at+jwt', kid: 'es' };
const goodPayload = {
  iss: issuer,
  aud: audience,
  sub: toGlobalId('user', userId),
  client_id: 'gatewright',
  iat,
  exp: iat + ttl,
  jti: '1',
  scope: 'task:read task:write',
  sid: toGlobalId('session', sessionId),
  role: 'USER',
};
const good = forge(goodHeader, goodPayload);

const withHeader = (change: object): string => forge({ ...goodHeader, ...change }, goodPayload);
const withClaims = (change: object): string => forge(goodHeader, { ...goodPayload, ...change });
const without = (name: string): string =>
  forge(goodHeader, Object.fromEntries(Object.entries(goodPayload).filter(([key]) => key !== name)));

const expectRefused = async (tokens: AccessTokens, token: string, at = now): Promise<void> => {
  await expect(tokens.verify(token, at)).rejects.toThrow(new InvalidTokenError());
};

describe.each([es256, rs256, hs256])('an access token signed with $algorithm', (key) => {
  const tokens = tokensOf(key);

  it('reads back as it was issued', async () => {
    const { token } = await tokens.issue(claims, now);
    expect(await tokens.verify(token, now)).toEqual(claims);
  });

  it('has the header and the claims of RFC 9068', async () => {
    const { token, expiresAt, expiresIn } = await tokens.issue(claims, now);
    const [header, payload] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    expect(JSON.parse(header as string)).toEqual({ alg: key.algorithm, typ: 'at+jwt', kid: key.kid });
    expect(JSON.parse(payload as string)).toEqual({ ...goodPayload, jti: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(expiresAt).toEqual(new Date((iat + ttl) * 1000));
    expect(expiresIn).toBe(ttl);
  });

  it('is accepted to the end of the leeway, and not a second longer, even when it is cached', async () => {
    const { token } = await tokens.issue(claims, now);
    const at = (seconds: number): Date => new Date((iat + seconds) * 1000);
    expect(await tokens.verify(token, at(ttl + leeway - 1))).toEqual(claims);
    await expectRefused(tokens, token, at(ttl + leeway));
    expect(await tokens.verify(token, at(-leeway))).toEqual(claims);
    await expectRefused(tokens, token, at(-leeway - 1));
    await expectRefused(tokensOf(key), token, at(ttl + leeway));
  });

  it('is refused after a change of any character', async () => {
    const { token } = await tokens.issue(claims, now);
    for (let index = 0; index < token.length; index += 7) {
      const other = token[index] === 'A' ? 'B' : 'A';
      await expectRefused(tokens, token.slice(0, index) + other + token.slice(index + 1));
    }
    expect(await tokens.verify(token, now)).toEqual(claims);
  });
});

describe('an access token', () => {
  const tokens = tokensOf(es256, rs256);

  it('is told apart by its jti', async () => {
    const [one, other] = [await tokens.issue(claims, now), await tokens.issue(claims, now)];
    expect(one.token).not.toBe(other.token);
  });

  it('may have no scope', async () => {
    const { token } = await tokens.issue({ ...claims, scopes: [] }, now);
    expect(await tokens.verify(token, now)).toEqual({ ...claims, scopes: [] });
  });

  it('is accepted from any key of the server, and from no other', async () => {
    const { token } = await tokensOf(rs256).issue(claims, now);
    expect(await tokens.verify(token, now)).toEqual(claims);
    await expectRefused(tokensOf(es256), token);
  });

  it('cannot be changed by a caller who sees its claims', async () => {
    const { token } = await tokens.issue(claims, now);
    const read = await tokens.verify(token, now);
    expect(() => (read.scopes as string[]).push('user:write:any')).toThrow(TypeError);
    expect(() => Object.assign(read, { role: 'ADMIN' })).toThrow(TypeError);
    expect(await tokens.verify(token, now)).toEqual(claims);
  });

  it.each([
    ['as the server makes it', good],
    ['with its type in capitals', withHeader({ typ: 'AT+JWT' })],
    ['with its type as a media type', withHeader({ typ: 'application/at+jwt' })],
    ['for several audiences', withClaims({ aud: ['https://other.example', audience] })],
    ['of an ADMIN', withClaims({ role: 'ADMIN' })],
    ['that ends early', withClaims({ exp: iat + 1 })],
    ['from a clock that is ahead by the leeway', withClaims({ iat: iat + leeway, exp: iat + leeway + ttl })],
    ['with one claim more', withClaims({ azp: 'someone' })],
  ])('is accepted %s', async (_what, token) => {
    await expect(tokens.verify(token, now)).resolves.toMatchObject({ userId, sessionId });
  });

  const pem = es256.verifyingKey.export({ format: 'pem', type: 'spki' });
  const der = es256.verifyingKey.export({ format: 'der', type: 'spki' });
  const [header, payload, signature] = good.split('.') as [string, string, string];
  const jwk = stranger.verifyingKey.export({ format: 'jwk' });

  describe('is refused for its signature:', () => {
    it.each([
      ['none, said honestly', `${encode({ ...goodHeader, alg: 'none' })}.${payload}.`],
      ['none, in capitals', `${encode({ ...goodHeader, alg: 'NONE' })}.${payload}.`],
      ['none, with one for show', `${encode({ ...goodHeader, alg: 'none' })}.${payload}.${signature}`],
      ['missing', `${header}.${payload}.`],
      ['missing with its dot', `${header}.${payload}`],
      ['all zeros (CVE-2022-21449)', `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`],
      ['another key under the same kid', forge(goodHeader, goodPayload, stranger.signingKey)],
      [
        'HS256 with the public key as PEM',
        forge({ ...goodHeader, alg: 'HS256' }, goodPayload, createSecretKey(Buffer.from(pem))),
      ],
      ['HS256 with the public key as DER', forge({ ...goodHeader, alg: 'HS256' }, goodPayload, createSecretKey(der))],
      ['RS256 under the kid of ES256', forge({ ...goodHeader, alg: 'RS256' }, goodPayload, rs256.signingKey)],
      ['ES256 under the kid of RS256', withHeader({ kid: 'rs' })],
      [
        'encoded as DER instead of by RFC 7518',
        `${header}.${payload}.${signBytes('sha256', Buffer.from(`${header}.${payload}`), es256.signingKey).toString('base64url')}`,
      ],
      ['of another payload', `${header}.${encode({ ...goodPayload, role: 'ADMIN' })}.${signature}`],
      ['with Base64 padding', `${good}==`],
      ['with a line break', `${good}\n`],
      [
        'with a stray character that decoders skip',
        `${header}.${payload}.${signature.slice(0, 9)}!${signature.slice(9)}`,
      ],
    ])('%s', async (_what, token) => {
      await expectRefused(tokens, token);
    });

    it('spelt in another way that decodes to the same bytes', async () => {
      // 64 bytes leave four unused bits in the last character.
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      const last = alphabet.indexOf(signature.slice(-1));
      const spellings = Array.from({ length: 15 }, (_, bits) => signature.slice(0, -1) + alphabet[last + bits + 1]);
      for (const spelling of spellings) {
        expect(Buffer.from(spelling, 'base64url')).toEqual(Buffer.from(signature, 'base64url'));
        await expectRefused(tokens, `${header}.${payload}.${spelling}`);
      }
      const standard = `${header}.${payload}.${Buffer.from(signature, 'base64url').toString('base64')}`;
      await expectRefused(tokens, standard);
    });
  });

  describe('is refused for its header:', () => {
    it.each([
      ['type JWT', { typ: 'JWT' }],
      ['type of an ID token', { typ: 'id+jwt' }],
      ['type that only begins right', { typ: 'at+jwt2' }],
      ['type of a media type too many', { typ: 'application/application/at+jwt' }],
      ['no type', { typ: undefined }],
      ['type as a list', { typ: ['at+jwt'] }],
      ['unknown kid', { kid: 'other' }],
      ['no kid', { kid: undefined }],
      ['kid as a path', { kid: '../../dev/null' }],
      ['kid of the language', { kid: '__proto__' }],
      ['kid as an object', { kid: { toString: 'es' } }],
      ['crit that nobody knows', { crit: ['exp2'], exp2: 1 }],
      ['empty crit', { crit: [] }],
      ['unencoded payload', { b64: false, crit: ['b64'] }],
      ['b64 without crit', { b64: false }],
      ['key in the header', { jwk }],
      ['key set elsewhere', { jku: 'https://evil.example/jwks.json' }],
      ['certificate elsewhere', { x5u: 'https://evil.example/cert.pem' }],
      ['certificate in the header', { x5c: ['MII'] }],
      ['compression', { zip: 'DEF' }],
      ['no algorithm', { alg: undefined }],
      ['algorithm in small letters', { alg: 'es256' }],
    ])('%s', async (_what, change) => {
      await expectRefused(tokens, withHeader(change));
    });
  });

  describe('is refused for its claims:', () => {
    it.each([
      ['another issuer', { iss: 'https://evil.example' }],
      ['issuer with a slash more', { iss: `${issuer}/` }],
      ['issuer as a list', { iss: [issuer] }],
      ['another audience', { aud: 'https://other.example' }],
      ['audience that only begins right', { aud: `${audience}/more` }],
      ['empty audience', { aud: [] }],
      ['audience as an object', { aud: { 0: audience } }],
      ['audience with objects', { aud: [audience, {}] }],
      ['subject as an object', { sub: { id: goodPayload.sub } }],
      ['subject as a list', { sub: [goodPayload.sub] }],
      ['subject of another type', { sub: toGlobalId('session', userId) }],
      ['subject as a bare UUID', { sub: userId }],
      ['session of another type', { sid: toGlobalId('user', sessionId) }],
      ['session as a number', { sid: 1 }],
      ['exp as text', { exp: String(iat + ttl) }],
      ['exp as null', { exp: null }],
      ['exp that is not whole', { exp: iat + 0.5 }],
      ['exp beyond the lifetime', { exp: iat + ttl + leeway + 1 }],
      ['exp in a thousand years', { exp: iat + 1000 * 365 * 86_400 }],
      ['exp as large as numbers are', { exp: 1e300 }],
      ['exp before iat', { exp: iat - 1 }],
      ['exp long ago', { iat: iat - 2 * ttl, exp: iat - ttl }],
      ['negative exp', { iat: -2, exp: -1 }],
      ['iat in the future', { iat: iat + leeway + 1, exp: iat + leeway + ttl }],
      ['iat as text', { iat: String(iat) }],
      ['nbf in the future', { nbf: iat + 60 }],
      ['nbf as text', { nbf: 'never' }],
      ['scope as a list', { scope: ['task:read'] }],
      ['scope as an object', { scope: { 'task:read': true } }],
      ['unknown role', { role: 'ROOT' }],
      ['role as a list', { role: ['ADMIN'] }],
      ['another client', { client_id: 'someone' }],
      ['jti as a number', { jti: 1 }],
    ])('%s', async (_what, change) => {
      await expectRefused(tokens, withClaims(change));
    });

    it.each(Object.keys(goodPayload))('no %s', async (name) => {
      await expectRefused(tokens, without(name));
    });

    it.each([
      ['a text', 'text'],
      ['null', null],
      ['a list', [goodPayload]],
      ['a number', 1],
    ])('the payload is %s', async (_what, body) => {
      await expectRefused(tokens, forge(goodHeader, body));
    });
  });

  it.each([
    ['nothing', ''],
    ['a word', 'token'],
    ['dots', '..'],
    ['four parts', `${good}.${signature}`],
    ['an encrypted token of five parts', `${header}.e.i.c.t`],
    ['a header that is no JSON', `${Buffer.from('{').toString('base64url')}.${payload}.${signature}`],
    ['a header that is a list', `${encode([goodHeader])}.${payload}.${signature}`],
    ['a header that is null', `${encode(null)}.${payload}.${signature}`],
    ['a good token of more than 4,096 characters', withClaims({ padding: 'x'.repeat(4096) })],
    ['ten million characters', 'x'.repeat(10_000_000)],
    ['ten million dots', '.'.repeat(10_000_000)],
  ])('is not %s', async (_what, token) => {
    await expectRefused(tokens, token);
  });

  it('is refused when the key under its kid is of another kind', async () => {
    const confused: SigningMaterial = { ...es256, verifyingKey: createPublicKey(rs256.signingKey) };
    await expectRefused(tokensOf(confused), good);
    expect(await tokensOf(es256).verify(good, now)).toEqual(claims);
  });

  it('is refused as soon as its key is, though it is cached', async () => {
    let isRetired = false;
    const keys = fixedSigningKeys(es256);
    const known = (kid: string, at: Date) => (isRetired ? null : keys.known(kid, at));
    const tokens = createAccessTokens({ keys: { ...keys, known }, issuer, audience, ttl });
    const { token } = await tokens.issue(claims, now);
    expect(await tokens.verify(token, now)).toEqual(claims);
    isRetired = true;
    await expectRefused(tokens, token);
    isRetired = false;
    expect(await tokens.verify(token, now)).toEqual(claims);
  });

  it('is still accepted after ten thousand others, when it is no longer cached', async () => {
    const many = tokensOf(hs256);
    const first = await many.issue(claims, now);
    await many.verify(first.token, now);
    for (let count = 0; count < 10_001; count++) {
      const { token } = await many.issue(claims, now);
      await many.verify(token, now);
    }
    expect(await many.verify(first.token, now)).toEqual(claims);
  });
});
