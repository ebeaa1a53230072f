/**
 * Refresh tokens: 256 bits, recognisable to scanners for leaked secrets, stored only as a hash.
 *
 * A session's first token is random. Each later one is derived from the token before it, a random salt in the database,
 * and the server's secret. So a retry gets the same successor, though the database does not hold it. A former token,
 * the database or the secret alone is not enough to derive it.
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

/** The token that `token` is traded for. `key`: see `successorKey`. */
export function successorOf(token: string, salt: string, key: Buffer): NewRefreshToken {
  return fromBytes(createHmac('sha256', key).update(`${salt}.${token}`).digest());
}

/** The key for `successorOf`, derived from JWT_SECRET. Source: RFC 5869. */
export function successorKey(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'gatewright refresh token successor', 32));
}

/** The hash under which a refresh token is stored; null for a text that cannot be one. */
export function refreshTokenHash(token: string): string | null {
  return form.test(token) ? hash(token) : null;
}

function fromBytes(bytes: Buffer): NewRefreshToken {
  const token = `gwr_${bytes.toString('base64url')}`;
  return { token, tokenHash: hash(token) };
}

// No salt and no work factor, because 256 random bits cannot be guessed.
function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
