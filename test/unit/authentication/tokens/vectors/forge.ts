/**
 * What tokens are forged with: keys of this run, and signatures made without the library that the server uses.
 *
 * The vectors follow the classes of Wycheproof's json_web_signature_test.json, one by one and under its names, with
 * keys, payloads and signatures of our own.
 */
import { createHmac, createSecretKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { SigningMaterial } from '../../../../../src/authentication/keys/key-material.ts';
import { pairMaterial, secretMaterial } from '../../../../../src/authentication/keys/key-material.ts';
import { newId, toGlobalId } from '../../../../../src/database/ids.ts';

export interface Vector {
  /** Wycheproof's name of the class, and how this vector differs from others of it. */
  name: string;
  token: string;
  /** Default: it must be refused. */
  isValid?: true;
}

export const issuer = 'https://gatewright.example';
export const audience = 'https://gatewright.example/graphql';
export const ttl = 900;
export const now = new Date('2026-01-01T12:00:00Z');
const iat = now.getTime() / 1000;

export const es256 = pairMaterial(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'ES256');
export const rs256 = pairMaterial(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, 'RS256');
export const hs256 = secretMaterial('a secret of the tests, not of any server');
/** A key that no server has. */
export const stranger = pairMaterial(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'ES256');

export const claims = {
  iss: issuer,
  aud: audience,
  sub: toGlobalId('user', newId()),
  client_id: 'gatewright',
  iat,
  exp: iat + ttl,
  jti: '1',
  scope: 'task:read task:write',
  sid: toGlobalId('session', newId()),
  role: 'USER',
};

export const encode = (part: string | Buffer): string => Buffer.from(part).toString('base64url');

export const headerOf = ({ kid, algorithm }: Pick<SigningMaterial, 'kid' | 'algorithm'>) => ({
  alg: algorithm as string,
  typ: 'at+jwt',
  kid,
});

/** The signature of `input` by RFC 7518, with SHA-256. */
export function signatureOf(input: string, key: KeyObject): Buffer {
  if (key.type === 'secret') return createHmac('sha256', key).update(input).digest();
  return sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
}

export interface Parts {
  header?: object | string;
  payload?: object | string | Buffer;
  key?: KeyObject;
  /** Signs the signing input. Default: with `key`. */
  signature?: (input: string) => Buffer;
}

/** A token signed by `material`, with changes. Texts are taken as they are; objects are written as JSON. */
export function forge(material: SigningMaterial, change: Parts = {}): string {
  const { header = headerOf(material), payload = claims, key = material.signingKey } = change;
  const { signature = (input) => signatureOf(input, key) } = change;
  const input = [header, payload].map((part) => encode(text(part))).join('.');
  return `${input}.${encode(signature(input))}`;
}

/** Signs a signing input as it is, well-formed or not. */
export function signRaw(input: string, { signingKey }: SigningMaterial): string {
  return `${input}.${encode(signatureOf(input, signingKey))}`;
}

export const secretKey = (bytes: string | Buffer): KeyObject => createSecretKey(Buffer.from(bytes));

function text(part: object | string | Buffer): string | Buffer {
  return typeof part === 'string' || Buffer.isBuffer(part) ? part : JSON.stringify(part);
}
