/**
 * Verifying what passlib made with bcrypt. Nothing is hashed with it here.
 * Sources: passlib.hash.bcrypt, passlib.hash.bcrypt_sha256 (algorithm, versions 1 and 2).
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { BcryptForm } from './hash-forms.ts';

/** bcrypt takes no more of a password, and leaves the rest unread. */
const maxBytes = 72;

/** Works off the event loop. Of a password of more than 72 bytes the rest does not count, as where it comes from. */
export async function matchesBcrypt(form: BcryptForm, password: string): Promise<boolean> {
  const { cost, salt, digest } = form;
  // Few accounts have such a hash, and many servers none.
  const { default: bcrypt } = await import('bcrypt');
  // As $2b$, cut to what counts: this library's $2a$ has the flaw of old OpenBSD with 255 bytes and more.
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
