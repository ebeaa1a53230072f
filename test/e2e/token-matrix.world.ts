/** Every kind of credential, and every place where it may be sent. */
import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { pairMaterial, type SigningMaterial } from '../../src/authentication/keys/key-material.ts';
import { SigningKey } from '../../src/authentication/keys/signing-key.entity.ts';
import { retireSigningKey, rotateSigningKey } from '../../src/authentication/keys/signing-keys.rotation.ts';
import { readKeys, unlockKey } from '../../src/authentication/keys/signing-keys.stored.ts';
import type { TestDatabase } from '../support/database.ts';
import { asAdmin, asAnonymous, asUser } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { negated } from '../unit/authentication/tokens/vectors/ecdsa.ts';
import { encode, signatureOf } from '../unit/authentication/tokens/vectors/forge.ts';
import { SetUserActiveDocument, SetUserRoleDocument } from './documents/graphql.ts';

/** What is sent: in raw headers, in the address, and in the place of a refresh token. */
export interface Sent {
  headers: string[];
  search: string;
  /** The input of `refresh`. */
  refreshToken: string;
}

export interface World {
  server: TestServer;
  kinds: Record<Kind, Sent>;
  close(): Promise<void>;
}

export type Kind = (typeof kinds)[number];

export const kinds = [
  'none',
  'valid',
  'valid, its signature negated',
  'of a user who was an administrator',
  'expired',
  'not yet valid',
  'of another issuer',
  'for another audience',
  'of another type',
  'a refresh token',
  'signed by a retired key',
  'signed by an unknown key',
  'HS256 with the public key',
  'alg none',
  'after logout',
  'after logout, its signature negated',
  'after deactivation',
  'garbage',
  'two headers',
  'in the query string',
  'as a cookie',
] as const;

export async function createMatrixWorld(database: TestDatabase): Promise<World> {
  const secret = randomBytes(32).toString('base64');
  let ahead = 0;
  const now = (): Date => new Date(Date.now() + ahead);
  const server = await startTestServer({ database, env: { JWT_SECRET: secret }, now });
  const settings = { algorithm: 'ES256', accessTokenTtl: 900, secret, previousSecret: null } as const;
  /** An unknown kid makes the server read its keys again. */
  const tellServer = async (): Promise<void> => {
    ahead += 2000;
    const kid = randomBytes(32).toString('base64url');
    const header = encode(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid }));
    await asAnonymous(server).ask('{ __typename }', {}, { token: `${header}.e30.AAAA` });
  };

  const retired = await asUser(server);
  const [former] = await readKeys(server.database.fork());
  await rotateSigningKey(server.database.fork(), { ...settings, now: now(), signsFrom: now() });
  await tellServer();
  await retireSigningKey(server.database.fork(), former?.kid as string, { ...settings, now: now() });
  await tellServer();
  const row = await server.database.fork().findOneOrFail(SigningKey, { retiredAt: null });
  const key = unlockKey({ ...row, encryptedPrivateKey: row.encryptedPrivateKey ?? null, retiredAt: null }, settings);

  const [user, leaver, closed, demoted] = [
    await asUser(server),
    await asUser(server),
    await asUser(server),
    await asUser(server),
  ];
  await leaver.ask('mutation { logout { endedSessionId } }');
  const admin = await asAdmin(server);
  await admin.ask(SetUserActiveDocument, { input: { userId: closed.userId, isActive: false } });
  await admin.ask(SetUserRoleDocument, { input: { userId: demoted.userId, role: 'ADMIN' } });
  await admin.ask(SetUserRoleDocument, { input: { userId: demoted.userId, role: 'USER' } });

  const good = user.session.accessToken;
  const change = forger(good, key);
  const pem = key.verifyingKey.export({ format: 'pem', type: 'spki' });
  const unknown = pairMaterial(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'ES256');
  const seconds = Math.floor(now().getTime() / 1000);
  const tokens = {
    valid: good,
    'valid, its signature negated': negated(good),
    'of a user who was an administrator': demoted.session.accessToken,
    expired: change({ payload: { iat: seconds - 1000, exp: seconds - 100 } }),
    'not yet valid': change({ payload: { iat: seconds + 100, exp: seconds + 1000 } }),
    'of another issuer': change({ payload: { iss: 'https://evil.example' } }),
    'for another audience': change({ payload: { aud: 'https://other.example' } }),
    'of another type': change({ header: { typ: 'JWT' } }),
    'a refresh token': user.session.refreshToken,
    'signed by a retired key': retired.session.accessToken,
    'signed by an unknown key': change({ header: { kid: unknown.kid }, key: unknown }),
    'HS256 with the public key': change({
      header: { alg: 'HS256' },
      sign: (input) => createHmac('sha256', pem).update(input).digest(),
    }),
    'alg none': change({ header: { alg: 'none' }, sign: () => Buffer.alloc(0) }),
    'after logout': leaver.session.accessToken,
    'after logout, its signature negated': negated(leaver.session.accessToken),
    'after deactivation': closed.session.accessToken,
    garbage: 'garbage',
  };
  const bearer = ['authorization', `Bearer ${good}`];
  const nothing: Sent = { headers: [], search: '', refreshToken: '' };
  return {
    server,
    kinds: {
      none: nothing,
      ...mapValues(tokens, (token) => ({
        ...nothing,
        headers: ['authorization', `Bearer ${token}`],
        refreshToken: token,
      })),
      'two headers': { ...nothing, headers: [...bearer, ...bearer], refreshToken: good },
      'in the query string': { ...nothing, search: new URLSearchParams({ access_token: good }).toString() },
      'as a cookie': { ...nothing, headers: ['cookie', `access_token=${good}; token=${good}`] },
    },
    close: () => server.close(),
  };
}

export interface Received {
  status: number;
  body: string;
  challenge: string | undefined;
}

export interface Call {
  method?: 'GET' | 'POST';
  path: string;
  body?: object;
}

/** Sends headers as they stand, also the same header twice. */
export function send(url: string, { method = 'GET', path, body }: Call, { headers, search }: Sent): Promise<Received> {
  const { promise, resolve, reject } = Promise.withResolvers<Received>();
  const payload = body === undefined ? '' : JSON.stringify(body);
  const own = [
    'host',
    new URL(url).host,
    'accept',
    'application/graphql-response+json',
    'apollo-require-preflight',
    '1',
  ];
  const content = payload
    ? ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(payload))]
    : [];
  const target = search ? `${path}${path.includes('?') ? '&' : '?'}${search}` : path;
  const sent = request(url, { method, path: target, headers: [...own, ...content, ...headers] }, async (response) => {
    const challenge = response.headers['www-authenticate'];
    resolve({ status: response.statusCode ?? 0, body: await text(response), challenge });
  });
  sent.on('error', reject);
  sent.end(payload);
  return promise;
}

interface Change {
  header?: object;
  payload?: object;
  key?: SigningMaterial;
  sign?: (input: string) => Buffer;
}

/** Signs a token again, with changes. */
function forger(token: string, own: SigningMaterial) {
  const [header, payload] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  return ({ key = own, sign = (input) => signatureOf(input, key.signingKey), ...change }: Change): string => {
    const parts = [
      { ...JSON.parse(header as string), ...change.header },
      { ...JSON.parse(payload as string), ...change.payload },
    ];
    const input = parts.map((part) => encode(JSON.stringify(part))).join('.');
    return `${input}.${encode(sign(input))}`;
  };
}

function mapValues<Key extends string, From, To>(record: Record<Key, From>, map: (value: From) => To): Record<Key, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value as From)])) as Record<Key, To>;
}
