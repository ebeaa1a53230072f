/** Encryption at rest: AES-256-GCM under a key derived from a secret. Sources: RFC 5869; NIST SP 800-38D. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const version = 'v1';
const ivBytes = 12;
const tagBytes = 16;

/** `context` is authenticated together with the text. `decrypt` needs the same context. */
export function encrypt(plain: Buffer, secret: string, context: string): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', keyFrom(secret), iv).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return `${version}.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')}`;
}

/** Null if the text was encrypted under another secret or context, or was changed. */
export function decrypt(encrypted: string, secret: string, context: string): Buffer | null {
  const [prefix, body] = encrypted.split('.');
  const bytes = Buffer.from(body ?? '', 'base64url');
  if (prefix !== version || bytes.length < ivBytes + tagBytes) return null;
  const decipher = createDecipheriv('aes-256-gcm', keyFrom(secret), bytes.subarray(0, ivBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]);
  } catch {
    return null;
  }
}

function keyFrom(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'gatewright private key encryption', 32));
}
