/**
 * The forms that a stored password hash can have. This server makes argon2 in the PHC string format. Imported accounts
 * may have argon2 or the bcrypt forms of passlib. Sources: PHC string format; RFC 9106, section 3.1;
 * passlib.hash.bcrypt, passlib.hash.bcrypt_sha256.
 */

export interface Argon2Form {
  kind: 'argon2';
  type: 'argon2id' | 'argon2i' | 'argon2d';
  /** 19, or 16 for hashes from before RFC 9106. */
  version: number;
  /** KiB. */
  memoryCost: number;
  timeCost: number;
  parallelism: number;
  /** The id of the pepper that it was made with; null: none. */
  keyId: string | null;
  /**
   * Whether its parameters have the order of the PHC string format: m, t, p, keyid. Other systems refuse another order.
   */
  isOrdered: boolean;
  saltBytes: number;
  hashBytes: number;
}

export interface BcryptForm {
  kind: 'bcrypt';
  /** The binary logarithm of the number of rounds. */
  cost: number;
  /** 22 and 31 characters of bcrypt's own base64. */
  salt: string;
  digest: string;
  /** The input of bcrypt: the password, or passlib's digest of it (version 1 or 2). */
  prehash: 'none' | 'sha256' | 'hmac-sha256';
}

export type PasswordHashForm = Argon2Form | BcryptForm;

/** Null if the text has none of the forms. Anything of any length may be passed. */
export function readPasswordHash(text: string): PasswordHashForm | null {
  if (text.length > maxLength) return null;
  return readBcrypt(text) ?? readArgon2(text);
}

/** The rough cost of verifying it, in rounds of bcrypt. One round takes as long as argon2 over 64 KiB. */
export function workOf(
  form: Pick<BcryptForm, 'kind' | 'cost'> | Pick<Argon2Form, 'kind' | 'memoryCost' | 'timeCost'>,
): number {
  return form.kind === 'bcrypt' ? 2 ** form.cost : (form.memoryCost * form.timeCost) / 64;
}

/**
 * Why a hash from another system cannot be imported; null if it can. Never quotes the hash. Refuses hashes that cost a
 * sign-in many seconds or hundreds of megabytes.
 */
export function importFault(text: string): string | null {
  const form = readPasswordHash(text);
  if (!form) return unknownFault(text);
  if (form.kind === 'bcrypt') {
    const { cost } = form;
    return cost >= 4 && cost <= maxImported.cost ? null : `the bcrypt cost is ${cost}, not 4 to ${maxImported.cost}`;
  }
  const { version, memoryCost, timeCost, parallelism, keyId, saltBytes, hashBytes } = form;
  if (keyId !== null) return 'the argon2 hash was made with a secret key (keyid), which is not imported';
  if (version !== 16 && version !== 19) return 'the argon2 version is neither 16 nor 19';
  if (memoryCost > maxImported.memoryCost || memoryCost < 8 * parallelism) {
    return `the argon2 memory (m) is not from 8 for each lane to ${maxImported.memoryCost} KiB`;
  }
  if (timeCost > maxImported.timeCost) return `the argon2 passes (t) are more than ${maxImported.timeCost}`;
  if (parallelism > maxImported.parallelism) return `the argon2 lanes (p) are more than ${maxImported.parallelism}`;
  if (saltBytes < 8 || hashBytes < 16) return 'the argon2 salt or hash is too short';
  return null;
}

/** Longer than any known form, with salt and hash of 64 bytes. */
const maxLength = 400;

const maxImported = { cost: 15, memoryCost: 262_144, timeCost: 16, parallelism: 16 };

/**
 * Leaves out `$2x$`, which marks a flaw of an old crypt_blowfish. Reads `$2a$` and `$2y$` as `$2b$`: they are the same
 * up to 72 bytes, the most that bcrypt reads.
 */
const bcryptForm = /^\$2[aby]\$(\d{2})\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/;
const bcryptSha256Forms = {
  'hmac-sha256': /^\$bcrypt-sha256\$v=2,t=2[aby],r=(\d{1,2})\$([./A-Za-z0-9]{22})\$([./A-Za-z0-9]{31})$/,
  sha256: /^\$bcrypt-sha256\$2[aby],(\d{1,2})\$([./A-Za-z0-9]{22})\$([./A-Za-z0-9]{31})$/,
} as const;

function readBcrypt(text: string): BcryptForm | null {
  for (const [prehash, pattern] of Object.entries({ none: bcryptForm, ...bcryptSha256Forms })) {
    const [, cost, salt, digest] = pattern.exec(text) ?? [];
    if (cost === undefined || salt === undefined || digest === undefined) continue;
    return { kind: 'bcrypt', cost: Number(cost), salt, digest, prehash: prehash as BcryptForm['prehash'] };
  }
  return null;
}

const argon2Form =
  /^\$(argon2(?:id|i|d))\$(?:v=(\d{1,3})\$)?([a-z]+=[A-Za-z0-9+/]+(?:,[a-z]+=[A-Za-z0-9+/]+)*)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

function readArgon2(text: string): Argon2Form | null {
  const [, type, version = '16', list, salt, hash] = argon2Form.exec(text) ?? [];
  if (list === undefined || salt === undefined || hash === undefined) return null;
  const pairs = list.split(',').map((pair) => pair.split('=') as [string, string]);
  const { m, t, p, keyid = null, ...others } = Object.fromEntries(pairs);
  const costs = [m, t, p].map((cost) => (cost && /^[1-9]\d{0,9}$/.test(cost) ? Number(cost) : null));
  const [memoryCost, timeCost, parallelism] = costs;
  // Each known parameter once, and no other. Associated data (`data`) would be a second password.
  if (!memoryCost || !timeCost || !parallelism || Object.keys(others).length > 0) return null;
  if (pairs.length !== (keyid === null ? 3 : 4)) return null;
  return {
    kind: 'argon2',
    type: type as Argon2Form['type'],
    version: Number(version),
    memoryCost,
    timeCost,
    parallelism,
    keyId: keyid,
    isOrdered: /^m,t,p(?:,keyid)?$/.test(pairs.map(([name]) => name).join()),
    saltBytes: Buffer.from(salt, 'base64').length,
    hashBytes: Buffer.from(hash, 'base64').length,
  };
}

function unknownFault(text: string): string {
  if (text === '') return 'there is no password hash';
  if (text.startsWith('$2x$')) return 'the hash ($2x$) was made by a flawed version of bcrypt';
  if (/^\$(?:2[aby]?|bcrypt-sha256)\$/.test(text)) return 'the bcrypt hash is damaged, or cut short';
  if (/^\$argon2/.test(text)) return 'the argon2 hash is damaged, cut short, or has parameters that are not known here';
  return 'the password hash has a form that is not known here: bcrypt, bcrypt-sha256 and argon2 are';
}
