/** Wycheproof's groups rs384, rs512, ps256, ps384 and ps512: other algorithms, and signatures out of range. */
import { constants, createHash, randomBytes, sign, verify } from 'node:crypto';
import { forge, headerOf, rs256, secretKey, signatureOf, type Vector } from './forge.ts';
import { signBlock } from './rsa-padding.ts';

const size = 256;

/** ModifiedSignature: changes the signature as a number, and as bytes. */
export function rangeVectors(): Vector[] {
  const modulus = toInteger(Buffer.from(rs256.verifyingKey.export({ format: 'jwk' }).n as string, 'base64url'));
  const of = (change: (signature: Buffer) => Buffer): string =>
    forge(rs256, { signature: (input) => change(signatureOf(input, rs256.signingKey)) });
  const zeros = Buffer.alloc(2);
  return [
    { name: 'SignatureIs0', token: of(() => toBytes(0n)) },
    { name: 'SignatureIs1', token: of(() => toBytes(1n)) },
    { name: 'SignatureIsNsub1', token: of(() => toBytes(modulus - 1n)) },
    { name: 'SignatureIsn', token: of(() => toBytes(modulus)) },
    { name: 'SignatureIsnotReduced', token: of((signature) => toBytes(toInteger(signature) + modulus, size + 1)) },
    { name: 'prependingZerosToSignature', token: of((signature) => Buffer.concat([zeros, signature])) },
    { name: 'appendingZerosToSignature', token: of((signature) => Buffer.concat([signature, zeros])) },
    { name: 'truncatedSignature', token: of((signature) => signature.subarray(0, -1)) },
    { name: 'truncatedSignature: empty', token: of(() => Buffer.alloc(0)) },
    {
      name: 'modifiedSignature',
      token: of((signature) => signature.map((byte, at) => (at === 100 ? byte ^ 1 : byte)) as Buffer),
    },
  ];
}

/** WrongPrimitive: another algorithm's signature by the server's key, under its own name and under the server's. */
export function primitiveVectors(): Vector[] {
  const { RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_DIGEST } = constants;
  const made = [256, 384, 512].flatMap((bits) => [
    { name: `RS${bits}`, padding: {}, hash: `sha${bits}` },
    {
      name: `PS${bits}`,
      padding: { padding: RSA_PKCS1_PSS_PADDING, saltLength: RSA_PSS_SALTLEN_DIGEST },
      hash: `sha${bits}`,
    },
  ]);
  const vectors = made.flatMap(({ name, padding, hash }) => {
    const signature = (input: string): Buffer => sign(hash, Buffer.from(input), { key: rs256.signingKey, ...padding });
    return [...new Set(['RS256', name, 'ES256', 'HS256'])].map((alg) => ({
      name: `Using${name}, said to be ${alg}`,
      token: forge(rs256, { header: { ...headerOf(rs256), alg }, signature }),
      ...(name === 'RS256' && alg === 'RS256' && { isValid: true as const }),
    }));
  });
  const { verifyingKey } = rs256;
  const jwk = verifyingKey.export({ format: 'jwk' });
  const secrets: Record<string, string | Buffer> = {
    'its DER': verifyingKey.export({ format: 'der', type: 'spki' }),
    'its PEM': verifyingKey.export({ format: 'pem', type: 'spki' }),
    'its PEM as PKCS #1': verifyingKey.export({ format: 'pem', type: 'pkcs1' }),
    'its JWK': JSON.stringify(jwk),
    'its modulus': Buffer.from(jwk.n as string, 'base64url'),
    'its modulus, encoded': jwk.n as string,
  };
  const confused = Object.entries(secrets).map(([what, bytes]) => ({
    name: `rejectsSymmetryConfusionAttacks: HS256 with the RSA key, ${what}`,
    token: forge(rs256, { header: { ...headerOf(rs256), alg: 'HS256' }, key: secretKey(bytes) }),
  }));
  return [...vectors, ...confused];
}

interface Pss {
  salt?: Buffer;
  zeros?: Buffer;
  changeHash?: (hash: Buffer) => Buffer;
  /** Changes the block before it is masked: padding, 1, salt. */
  changeData?: (data: Buffer) => Buffer;
  changeMasked?: (masked: Buffer) => Buffer;
  trailer?: number;
}

/** EMSA-PSS by hand, RFC 8017, section 9.1.1, so that each part of it can be wrong. */
function pss(message: Buffer, options: Pss = {}): Buffer {
  const same = (part: Buffer): Buffer => part;
  const { salt = randomBytes(32), zeros = Buffer.alloc(8), trailer = 0xbc } = options;
  const { changeHash = same, changeData = same, changeMasked = same } = options;
  const hash = changeHash(sha256(zeros, sha256(message), salt));
  const data = changeData(Buffer.concat([Buffer.alloc(size - salt.length - hash.length - 2), Buffer.from([1]), salt]));
  const mask = maskOf(hash, data.length);
  const masked = Buffer.from(data.map((byte, index) => byte ^ (mask[index] as number)));
  masked[0] = (masked[0] as number) & 0x7f;
  return signBlock(Buffer.concat([changeMasked(masked), hash, Buffer.from([trailer])]));
}

/** PSS is not among the server's algorithms, so even a correct signature is refused. */
export function pssVectors(): Vector[] {
  const flipped = (index: number) => (part: Buffer) => {
    const changed = Buffer.from(part);
    const at = (index + part.length) % part.length;
    changed[at] = (changed[at] as number) ^ 4;
    return changed;
  };
  const classes: Record<string, Pss> = {
    normalPayload: {},
    saltIsAll0: { salt: Buffer.alloc(32) },
    saltIsAll1: { salt: Buffer.alloc(32, 0xff) },
    'SaltLenChanged: none': { salt: Buffer.alloc(0) },
    'SaltLenChanged: 20': { salt: randomBytes(20) },
    'SaltLenChanged: 33': { salt: randomBytes(33) },
    'SaltLenChanged: most': { salt: randomBytes(size - 34) },
    'MhashModified: first byte': { changeHash: flipped(0) },
    lastByteOfMhashModified: { changeHash: flipped(-1) },
    'ModifiedHash: zeros': { changeHash: (hash) => Buffer.alloc(hash.length) },
    'ModifiedHash: ones': { changeHash: (hash) => Buffer.alloc(hash.length, 0xff) },
    ZeroPaddingModified: { zeros: Buffer.from('0000000000000001', 'hex') },
    'PSModified: first byte': { changeData: flipped(0) },
    'PSModified: the 1 before the salt': { changeData: flipped(-33) },
    SaltModified: { changeData: flipped(-1) },
    MaskedDbChanged: { changeMasked: flipped(50) },
    'trailer modified': { trailer: 0xcc },
  };
  return Object.entries(classes).flatMap(([name, options]) =>
    ['PS256', 'RS256'].map((alg) => ({
      name: `${name}, said to be ${alg}`,
      token: forge(rs256, {
        header: { ...headerOf(rs256), alg },
        signature: (input) => pss(Buffer.from(input), options),
      }),
    })),
  );
}

/** Whether OpenSSL accepts the signatures that were made by hand as PSS. */
export function isPssSound(): boolean {
  const message = Buffer.from('message');
  const key = { key: rs256.verifyingKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  return (
    verify('sha256', message, key, pss(message)) && !verify('sha256', message, key, pss(message, { trailer: 0xcc }))
  );
}

function sha256(...parts: Buffer[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

/** MGF1, RFC 8017, appendix B.2.1. */
function maskOf(seed: Buffer, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) => {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(index);
    return sha256(seed, counter);
  });
  return Buffer.concat(blocks).subarray(0, length);
}

function toInteger(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

function toBytes(value: bigint, length = size): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex');
}
