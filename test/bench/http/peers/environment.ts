/** The environment of a server's process. */
import { createSecretKey } from 'node:crypto';

const { DATABASE_URL, JWT_SECRET, JWT_ISSUER, JWT_AUDIENCE, PORT = '0', POOL_SIZE = '10' } = process.env;
if (!DATABASE_URL || !JWT_SECRET || !JWT_ISSUER || !JWT_AUDIENCE) throw new Error('The harness starts this.');

export const databaseUrl = DATABASE_URL;
export const port = Number(PORT);
export const poolSize = Number(POOL_SIZE);
export const secret = JWT_SECRET;
export const issuer = JWT_ISSUER;
export const audience = JWT_AUDIENCE;
/** A key object, so that no key is made for each token. */
export const key = createSecretKey(Buffer.from(JWT_SECRET));

/** Prints the line that the harness waits for. */
export function ready(boundPort: number): void {
  console.log(`ready on http://127.0.0.1:${boundPort}`);
}
