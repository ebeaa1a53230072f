/**
 * Wycheproof's groups es256 (confusion) and SpecialCaseEs256, and other weak points of ECDSA. Source: FIPS 186-5,
 * section 6.4.
 */
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { claims, encode, es256, forge, headerOf, secretKey, signatureOf, type Vector } from './forge.ts';

/** The order of P-256. Source: SP 800-186, section 3.2.1.3. */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The other signature that every ECDSA signature implies: (r, n - s). */
export function negated(token: string): string {
  const [header, payload, signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const s = order - toInteger(bytes.subarray(32));
  return `${header}.${payload}.${encode(Buffer.concat([bytes.subarray(0, 32), toBytes(s)]))}`;
}

export function ecdsaVectors(): Vector[] {
  const signature = (make: (r: Buffer, s: Buffer) => Buffer): string =>
    forge(es256, {
      signature: (input) => {
        const bytes = signatureOf(input, es256.signingKey);
        return make(bytes.subarray(0, 32), bytes.subarray(32));
      },
    });
  const of = (...parts: (Buffer | bigint)[]): Buffer =>
    Buffer.concat(parts.map((part) => (typeof part === 'bigint' ? toBytes(part) : part)));
  const zero = Buffer.alloc(1);
  const values = { Zero: 0n, One: 1n, Nminus1: order - 1n, N: order, Max: 2n ** 256n - 1n };
  return [
    { name: 'valid: as it was made', token: forge(es256), isValid: true },
    { name: 'valid: s negated', token: negated(forge(es256)), isValid: true },
    { name: 'SignatureTooLong', token: signature((r, s) => of(zero, r, zero, s)) },
    { name: 'TrailingZeros', token: signature((r, s) => of(r, zero, s, zero)) },
    { name: 'TrailingZeros: at the end alone', token: signature((r, s) => of(r, s, zero)) },
    { name: 'RisTooBig', token: signature((r, s) => of(toBytes(toInteger(r) + order, 33), zero, s)) },
    { name: 'SisTooBig', token: signature((r, s) => of(zero, r, toBytes(toInteger(s) + order, 33))) },
    { name: 'IntegerOverflow: r', token: signature((r, s) => of(toBytes(toInteger(r) + 2n ** 256n, 33), zero, s)) },
    { name: 'IntegerOverflow: s', token: signature((r, s) => of(zero, r, toBytes(toInteger(s) + 2n ** 256n, 33))) },
    { name: 'BufferOverflow', token: signature((r, s) => of(Buffer.alloc(400), r, Buffer.alloc(400), s)) },
    ...Object.entries(values).flatMap(([r, rValue]) =>
      Object.entries(values).map(([s, sValue]) => ({
        name: `rIs${r}_sIs${s}`,
        token: signature(() => of(rValue, sValue)),
      })),
    ),
    { name: 'r alone', token: signature((r) => of(r)) },
    { name: 'truncated by a byte', token: signature((r, s) => of(r, s.subarray(0, 31))) },
    { name: 's before r', token: signature((r, s) => of(s, r)) },
    { name: 'empty (alg ES256)', token: signature(() => Buffer.alloc(0)) },
    {
      name: 'encoded as DER',
      token: forge(es256, { signature: (input) => sign('sha256', Buffer.from(input), es256.signingKey) }),
    },
    { name: 'with SHA-512', token: forge(es256, { signature: (input) => signWith('sha512', input) }) },
    { name: 'of another curve', token: otherCurve() },
    ...confusions(),
  ];
}

/** Wycheproof: rejectsSymmetryConfusionAttacks; RFC 8725, section 2.1. */
function confusions(): Vector[] {
  const { verifyingKey, kid } = es256;
  const jwk = verifyingKey.export({ format: 'jwk' });
  const point = Buffer.concat([jwk.x, jwk.y].map((part) => Buffer.from(part as string, 'base64url')));
  const secrets: Record<string, string | Buffer> = {
    'the bytes of the verification key (DER)': verifyingKey.export({ format: 'der', type: 'spki' }),
    'its PEM': verifyingKey.export({ format: 'pem', type: 'spki' }),
    'its PEM without the last line end': String(verifyingKey.export({ format: 'pem', type: 'spki' })).trim(),
    'its JWK': JSON.stringify(jwk),
    'its published JWK': JSON.stringify({ ...jwk, kid, alg: 'ES256', use: 'sig' }),
    'its point': point,
    'its point with the mark of an uncompressed one': Buffer.concat([Buffer.from([4]), point]),
    'its kid': kid,
    'a single byte': '\0',
  };
  return Object.entries(secrets).map(([what, bytes]) => ({
    name: `rejectsSymmetryConfusionAttacks: HS256 with ${what}`,
    token: forge(es256, { header: { ...headerOf(es256), alg: 'HS256' }, key: secretKey(bytes) }),
  }));
}

function signWith(hash: string, input: string): Buffer {
  return sign(hash, Buffer.from(input), { key: es256.signingKey, dsaEncoding: 'ieee-p1363' });
}

function otherCurve(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  const input = [headerOf(es256), claims].map((part) => encode(JSON.stringify(part))).join('.');
  if (createPublicKey(privateKey).asymmetricKeyDetails?.namedCurve !== 'secp256k1') throw new Error('another curve');
  return `${input}.${encode(sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }))}`;
}

function toInteger(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

function toBytes(value: bigint, length = 32): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex');
}
