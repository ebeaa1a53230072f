import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ConfigError, type ConfigKey, loadConfig } from '../../../src/config/config.ts';
import { parseKeys } from '../../../src/config/pem-keys.ts';

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const rsa = (modulusLength: number, publicExponent = 65_537) =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent });
const pem = (key: KeyObject, type: 'pkcs8' | 'spki' | 'pkcs1' | 'sec1' = key.type === 'private' ? 'pkcs8' : 'spki') =>
  String(key.export({ format: 'pem', type: type as 'pkcs8' }));

const one = ec('P-256');
const other = ec('P-256');
const strong = rsa(2048);
const secret = 'q8Zr1vXo4TkYw7Jm2LcPd9Hs5Gf3NbAeU6';

const readText = (files: Record<string, string>) => (file: string) => {
  const text = files[file];
  if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
  return text;
};
const load = (env: Record<string, string>, files: Record<string, string> = {}) =>
  loadConfig(env, undefined, readText(files)).jwt;
function faultsOf(env: Record<string, string>, files?: Record<string, string>): Partial<Record<ConfigKey, string>> {
  try {
    load(env, files);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return Object.fromEntries(error.faults.map(({ key, fault }) => [key, fault]));
  }
  return {};
}

describe('keys in PEM', () => {
  it.each([
    ['PKCS #8', pem(one.privateKey)],
    ['SEC 1', pem(one.privateKey, 'sec1')],
    [
      'with the parameters that OpenSSL puts before it',
      `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${pem(one.privateKey, 'sec1')}`,
    ],
    ['with line ends as \\n', pem(one.privateKey).replaceAll('\n', '\\n')],
    ['with line ends of Windows', pem(one.privateKey).replaceAll('\n', '\r\n')],
    ['with text around', `the key:\n${pem(one.privateKey)}\nthat was it`],
  ])('may be %s', (_what, text) => {
    const [first, ...rest] = parseKeys(text, 'ES256');
    expect(first.privateKey?.equals(one.privateKey)).toBe(true);
    expect(first.publicKey.equals(one.publicKey)).toBe(true);
    expect(rest).toEqual([]);
  });

  it('may be several: the first signs, further ones verify, private or public', () => {
    const [first, second, third] = parseKeys(
      [one.privateKey, other.privateKey, ec('P-256').publicKey].map((key) => pem(key)).join(''),
      'ES256',
    );
    expect(first.publicKey.equals(one.publicKey)).toBe(true);
    expect(second?.publicKey.equals(other.publicKey)).toBe(true);
    expect(third?.privateKey).toBeNull();
  });

  it.each([
    ['PKCS #8', pem(strong.privateKey)],
    ['PKCS #1', pem(strong.privateKey, 'pkcs1')],
    ['of 3,072 bits', pem(rsa(3072).privateKey)],
  ])('of RSA may be %s', (_what, text) => {
    expect(parseKeys(text, 'RS256')).toHaveLength(1);
  });

  const encrypted = String(
    one.privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'hunter2' }),
  );
  const old = String(
    strong.privateKey.export({ format: 'pem', type: 'pkcs1', cipher: 'aes-256-cbc', passphrase: 'hunter2' }),
  );
  const torn = pem(one.privateKey).replace(/\n.{20}/, '\n');
  const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
  it.each<[string, 'ES256' | 'RS256', string, RegExp]>([
    ['no key', 'ES256', 'hello', /no key in PEM.*openssl genpkey -algorithm EC/],
    ['a public key alone', 'ES256', pem(one.publicKey), /begins with a public key/],
    ['a public key first', 'ES256', pem(one.publicKey) + pem(one.privateKey), /begins with a public key/],
    ['another curve', 'ES256', pem(ec('P-384').privateKey), /not of the curve P-256/],
    ['the curve of coins', 'ES256', pem(ec('secp256k1').privateKey), /not of the curve P-256/],
    ['another curve in a further key', 'ES256', pem(one.privateKey) + pem(ec('P-521').publicKey), /P-256.* in block 2/],
    ['RSA for ES256', 'ES256', pem(strong.privateKey), /not of the curve P-256/],
    ['EC for RS256', 'RS256', pem(one.privateKey), /not RSA.*rsa_keygen_bits:3072/],
    ['Ed25519', 'ES256', pem(generateKeyPairSync('ed25519').privateKey), /not of the curve P-256/],
    ['a key for encryption', 'ES256', pem(generateKeyPairSync('x25519').privateKey), /not of the curve P-256/],
    ['RSA-PSS', 'RS256', pem(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey), /not RSA/],
    ['RSA of 1,024 bits', 'RS256', pem(rsa(1024).privateKey), /1024 bits, less than 2048/],
    ['RSA of 2,047 bits', 'RS256', pem(rsa(2047).privateKey), /2047 bits, less than 2048/],
    [
      'a weak public key behind a strong one',
      'RS256',
      pem(strong.privateKey) + pem(rsa(1024).publicKey),
      /1024 bits.* in block 2/,
    ],
    ['an exponent of 3', 'RS256', pem(rsa(2048, 3).privateKey), /public exponent/],
    ['a passphrase', 'ES256', encrypted, /encrypted key in block 1/],
    ['a passphrase of old', 'RS256', old, /encrypted key in block 1/],
    ['a torn key', 'ES256', torn, /block 1 that cannot be read/],
    ['half a key', 'ES256', pem(one.privateKey) + pem(other.privateKey).slice(0, 100), /does not end as it begins/],
    ['a certificate', 'ES256', pem(one.privateKey) + certificate, /no key in block 2, but: CERTIFICATE/],
  ])('are refused for %s, and never quoted', (_what, algorithm, text, message) => {
    expect(() => parseKeys(text, algorithm)).toThrow(message);
    try {
      parseKeys(text, algorithm);
    } catch (error) {
      for (const line of text.split('\n').filter((each) => /^[\w+/=]{16,}$/.test(each))) {
        expect((error as Error).message).not.toContain(line);
      }
    }
  });

  it('are refused when the private part does not belong to the public one', () => {
    const mixed = {
      ...strong.privateKey.export({ format: 'jwk' }),
      n: rsa(2048).publicKey.export({ format: 'jwk' }).n,
    };
    const body = rsaPrivateKey(mixed as Record<string, string>);
    expect(() => parseKeys(body, 'RS256')).toThrow(/do not verify|cannot be read/);
  });
});

describe('JWT_PRIVATE_KEYS', () => {
  it('is taken as it is written', () => {
    expect(load({ JWT_PRIVATE_KEYS: pem(one.privateKey) })).toMatchObject({ privateKeys: pem(one.privateKey) });
    const env = { JWT_ALGORITHM: 'RS256', JWT_PRIVATE_KEYS: pem(strong.privateKey) };
    expect(load(env).privateKeys).toBe(pem(strong.privateKey));
  });

  it('may lie in a file', () => {
    const { privateKeys } = load({ JWT_PRIVATE_KEYS_FILE: 'keys.pem' }, { 'keys.pem': pem(one.privateKey) });
    expect(parseKeys(privateKeys as string, 'ES256')[0].publicKey.equals(one.publicKey)).toBe(true);
  });

  it.each<[string, Record<string, string>, ConfigKey, RegExp]>([
    ['it is for another algorithm', { JWT_PRIVATE_KEYS: pem(strong.privateKey) }, 'JWT_PRIVATE_KEYS', /P-256/],
    ['it is no key', { JWT_PRIVATE_KEYS: secret }, 'JWT_PRIVATE_KEYS', /^holds no key in PEM/],
    [
      'the algorithm is HS256',
      { JWT_ALGORITHM: 'HS256', JWT_PRIVATE_KEYS: pem(one.privateKey) },
      'JWT_PRIVATE_KEYS',
      /of no use.*HS256/,
    ],
    [
      'the file is not there',
      { JWT_PRIVATE_KEYS_FILE: 'none.pem' },
      'JWT_PRIVATE_KEYS_FILE',
      /"none\.pem" cannot be read \(ENOENT\)/,
    ],
    ['the file is empty', { JWT_PRIVATE_KEYS_FILE: 'empty.pem' }, 'JWT_PRIVATE_KEYS_FILE', /"empty\.pem" is empty/],
    [
      'the file holds a weak key',
      { JWT_ALGORITHM: 'RS256', JWT_PRIVATE_KEYS_FILE: 'weak.pem' },
      'JWT_PRIVATE_KEYS_FILE',
      /"weak\.pem" holds an RSA key of 1024 bits/,
    ],
    [
      'both are set',
      { JWT_PRIVATE_KEYS: pem(one.privateKey), JWT_PRIVATE_KEYS_FILE: 'keys.pem' },
      'JWT_PRIVATE_KEYS_FILE',
      /is set beside JWT_PRIVATE_KEYS/,
    ],
  ])('is refused when %s', (_what, env, key, message) => {
    const files = { 'empty.pem': '\n', 'weak.pem': pem(rsa(1024).privateKey), 'keys.pem': pem(one.privateKey) };
    expect(faultsOf(env, files)).toEqual({ [key]: expect.stringMatching(message) });
  });
});

describe('JWT_SECRET_FILE', () => {
  const files = { secret: `${secret}\n`, weak: 'short\n', empty: '' };
  const production = { NODE_ENV: 'production', EMBEDDED_DATABASE: 'yes' };

  it('holds JWT_SECRET, without the line end behind it', () => {
    expect(load({ JWT_SECRET_FILE: 'secret' }, files).secret).toBe(secret);
    expect(load({ JWT_SECRET_FILE: 'secret', ...production }, files).secret).toBe(secret);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['it is not there', { JWT_SECRET_FILE: 'none', ...production }, /"none" cannot be read/],
    ['it is empty', { JWT_SECRET_FILE: 'empty' }, /is empty/],
    ['it is weak', { JWT_SECRET_FILE: 'weak' }, /"weak" has 5 bytes/],
    ['JWT_SECRET is set as well', { JWT_SECRET_FILE: 'secret', JWT_SECRET: secret }, /beside JWT_SECRET\b/],
  ])('is refused when %s', (_what, env, message) => {
    expect(faultsOf(env, files)).toEqual({ JWT_SECRET_FILE: expect.stringMatching(message) });
  });
});

describe('JWT_SECRET_PREVIOUS', () => {
  it('is another secret, as strong', () => {
    const previous = `${secret.split('').reverse().join('')}`;
    expect(load({ JWT_SECRET: secret, JWT_SECRET_PREVIOUS: previous }).previousSecret).toBe(previous);
    expect(load({ JWT_SECRET: secret }).previousSecret).toBeNull();
  });

  it.each([
    ['short', 'short', /has 5 bytes/],
    ['the same', secret, /the same as JWT_SECRET/],
  ])('is refused when it is %s', (_what, previous, message) => {
    const faults = faultsOf({ JWT_SECRET: secret, JWT_SECRET_PREVIOUS: previous });
    expect(faults).toEqual({ JWT_SECRET_PREVIOUS: expect.stringMatching(message) });
  });
});

/** PKCS #1 from numbers. Node writes it only for numbers that fit together. */
function rsaPrivateKey({ n, e, d, p, q, dp, dq, qi }: Record<string, string>): string {
  const number = (text = ''): Buffer => {
    const bytes = Buffer.concat([Buffer.alloc(1), Buffer.from(text, 'base64url')]);
    return Buffer.concat([Buffer.from([2, 0x82, bytes.length >> 8, bytes.length & 255]), bytes]);
  };
  const numbers = Buffer.concat([Buffer.from([2, 1, 0]), ...[n, e, d, p, q, dp, dq, qi].map(number)]);
  const der = Buffer.concat([Buffer.from([0x30, 0x82, numbers.length >> 8, numbers.length & 255]), numbers]);
  return `-----BEGIN RSA PRIVATE KEY-----\n${der.toString('base64')}\n-----END RSA PRIVATE KEY-----\n`;
}
