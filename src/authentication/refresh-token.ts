/** Refresh tokens: 256 random bits, recognisable to scanners for leaked secrets, stored only as a hash. */
import { createHash, randomBytes } from 'node:crypto';

const form = /^gwr_[A-Za-z0-9_-]{43}$/;

export function newRefreshToken(): { token: string; tokenHash: string } {
  const token = `gwr_${randomBytes(32).toString('base64url')}`;
  return { token, tokenHash: hash(token) };
}

/** What a refresh token is stored under; null for what cannot be one. */
export function refreshTokenHash(token: string): string | null {
  return form.test(token) ? hash(token) : null;
}

// No salt and no work factor: nobody guesses 256 random bits.
function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
