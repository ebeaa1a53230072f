/** An operator's own keys, as PEM. Sources: RFC 7468; RFC 7518, sections 3.3 and 3.4; FIPS 186-5, appendix A.1.1. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

export interface GivenKey {
  readonly publicKey: KeyObject;
  /** Null for a key that only verifies. */
  readonly privateKey: KeyObject | null;
}

export interface GivenPair extends GivenKey {
  readonly privateKey: KeyObject;
}

export type KeyPairAlgorithm = 'ES256' | 'RS256';

/**
 * Reads the keys in `text`: PEM blocks, whose line ends may be written as `\n`. The first is private, and it signs.
 *
 * @throws Error for a key that cannot be read, is weak or is for another algorithm. The message continues the name of
 * the variable, and never quotes a key.
 */
export function parseKeys(text: string, algorithm: KeyPairAlgorithm): [GivenPair, ...GivenKey[]] {
  const pem = text.replaceAll('\\n', '\n');
  const blocks = [...pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g)]
    .map(([block, label]) => ({ block, label: label as string }))
    .filter(({ label }) => label !== 'EC PARAMETERS');
  if (blocks.length === 0) throw new Error(`holds no key in PEM. ${advice[algorithm]}`);
  if (pem.match(/-----BEGIN /g)?.length !== pem.match(/-----END /g)?.length) {
    throw new Error('holds a PEM block that does not end as it begins. Copy the keys in full.');
  }
  const keys = blocks.map(({ block, label }, index) => parseKey(block, { label, algorithm, place: index + 1 }));
  const [first, ...others] = keys;
  if (!first?.privateKey) {
    throw new Error('begins with a public key. Write the private key that signs first; further keys only verify.');
  }
  return [{ ...first, privateKey: first.privateKey }, ...others];
}

/** The fault that `loadConfig` reports; null if there is none. */
export function keysFault(text: string, algorithm: KeyPairAlgorithm): string | null {
  try {
    parseKeys(text, algorithm);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const advice: Readonly<Record<KeyPairAlgorithm, string>> = {
  ES256: 'Make one with `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`.',
  RS256: 'Make one with `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072`.',
};

interface Block {
  label: string;
  algorithm: KeyPairAlgorithm;
  /** Counts from 1. */
  place: number;
}

function parseKey(block: string, { label, algorithm, place }: Block): GivenKey {
  const isPrivate = label.endsWith('PRIVATE KEY');
  if (!isPrivate && !label.endsWith('PUBLIC KEY')) {
    throw new Error(`holds no key in block ${place}, but: ${label}. Write private or public keys.`);
  }
  if (label === 'ENCRYPTED PRIVATE KEY' || block.includes('ENCRYPTED')) {
    throw new Error(`holds an encrypted key in block ${place}. Write it without a passphrase.`);
  }
  const key = read(block, isPrivate);
  if (!key) throw new Error(`holds a key in block ${place} that cannot be read. Copy it in full.`);
  const fault = weakness(key, algorithm);
  if (fault) throw new Error(`holds ${fault} in block ${place}. ${advice[algorithm]}`);
  const publicKey = isPrivate ? createPublicKey(key) : key;
  if (isPrivate && !isPair(key, publicKey)) {
    throw new Error(`holds a private key in block ${place} whose signatures do not verify. Copy it in full.`);
  }
  return { publicKey, privateKey: isPrivate ? key : null };
}

function read(block: string, isPrivate: boolean): KeyObject | null {
  try {
    return isPrivate ? createPrivateKey(block) : createPublicKey(block);
  } catch {
    return null;
  }
}

const minModulus = 2048;
const minExponent = 65_537n;

/** What is wrong with a key; null if nothing is. */
function weakness(key: KeyObject, algorithm: KeyPairAlgorithm): string | null {
  const { namedCurve, modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (algorithm === 'ES256') {
    return key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1'
      ? null
      : 'a key that is not of the curve P-256, which JWT_ALGORITHM=ES256 takes,';
  }
  if (key.asymmetricKeyType !== 'rsa') return 'a key that is not RSA, which JWT_ALGORITHM=RS256 takes,';
  if (modulusLength < minModulus) return `an RSA key of ${modulusLength} bits, less than ${minModulus},`;
  const isSound = publicExponent >= minExponent && publicExponent % 2n === 1n && publicExponent < 2n ** 256n;
  return isSound ? null : `an RSA key whose public exponent is not an odd number of ${minExponent} or more`;
}

function isPair(privateKey: KeyObject, publicKey: KeyObject): boolean {
  const probe = Buffer.from('gatewright');
  try {
    return verify('sha256', probe, publicKey, sign('sha256', probe, privateKey));
  } catch {
    return false;
  }
}
