/**
 * Refresh tokens: 256 bits, recognisable to scanners for leaked secrets, stored only as a hash.
 *
 * The first of a session is random. Each further one is derived from the one that it is traded for, a random salt that
 * the database keeps, and the server's secret: so a retry gets the very same successor, though nothing that was stored
 * gives it away. Neither a former token, nor the database, nor the secret is enough alone.
 */
import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';

export interface NewRefreshToken {
  token: string;
  tokenHash: string;
}

const form = /^gwr_[A-Za-z0-9_-]{43}$/;

export function newRefreshToken(): NewRefreshToken {
  return fromBytes(randomBytes(32));
}

export function newSalt(): string {
  return randomBytes(16).toString('base64url');
}

/** What `token` is traded for. `key`: see `successorKey`. */
export function successorOf(token: string, salt: string, key: Buffer): NewRefreshToken {
  return fromBytes(createHmac('sha256', key).update(`${salt}.${token}`).digest());
}

/** For `successorOf`, from JWT_SECRET. Source: RFC 5869. */
export function successorKey(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'gatewright refresh token successor', 32));
}

/** What a refresh token is stored under; null for what cannot be one. */
export function refreshTokenHash(token: string): string | null {
  return form.test(token) ? hash(token) : null;
}

function fromBytes(bytes: Buffer): NewRefreshToken {
  const token = `gwr_${bytes.toString('base64url')}`;
  return { token, tokenHash: hash(token) };
}

// No salt and no work factor: nobody guesses 256 random bits.
function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
