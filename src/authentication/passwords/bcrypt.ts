/**
 * Verifies bcrypt hashes that passlib made. New hashes are never bcrypt. Sources: passlib.hash.bcrypt,
 * passlib.hash.bcrypt_sha256 (algorithm, versions 1 and 2).
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { BcryptForm } from './hash-forms.ts';

/** bcrypt reads no more bytes of a password than this. */
const maxBytes = 72;

/** Works off the event loop. Only the first 72 bytes of a password count, as in the system that the hash came from. */
export async function matchesBcrypt(form: BcryptForm, password: string): Promise<boolean> {
  const { cost, salt, digest } = form;
  // Loaded on demand, because few accounts have such a hash.
  const { default: bcrypt } = await import('bcrypt');
  // Made as $2b$ from the bytes that count. The library's $2a$ repeats a flaw of old OpenBSD for 255 bytes and more.
  const made = await bcrypt.hash(keyOf(form, password), `$2b$${String(cost).padStart(2, '0')}$${salt}`);
  return timingSafeEqual(Buffer.from(made.slice(-digest.length)), Buffer.from(digest));
}

function keyOf({ prehash, salt }: BcryptForm, password: string): Buffer {
  switch (prehash) {
    case 'none':
      return Buffer.from(password, 'utf8').subarray(0, maxBytes);
    case 'sha256':
      return Buffer.from(createHash('sha256').update(password, 'utf8').digest('base64'));
    case 'hmac-sha256':
      return Buffer.from(createHmac('sha256', salt).update(password, 'utf8').digest('base64'));
  }
}
