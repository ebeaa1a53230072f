import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { makeDirectory } from '../../database/embedded/directory.ts';

/**
 * JWT_SECRET. If it is not set, a secret that is generated and kept in DATA_DIR; `file` is its path.
 * @throws Error if that file cannot be written or read.
 */
export function secretOf({ jwt, dataDir }: Config): { secret: string; file: string | null } {
  if (jwt.secret !== null) return { secret: jwt.secret, file: null };
  const file = join(dataDir, 'jwt-secret');
  try {
    return { secret: keptSecret(file), file };
  } catch (error) {
    throw new Error(`The secret ${file} cannot be kept: ${error instanceof Error ? error.message : error}`);
  }
}

/** The secret in `file`, generated at the first call. Only the user of the process can read it. */
export function keptSecret(file: string): string {
  makeDirectory(dirname(file));
  try {
    writeFileSync(file, randomBytes(48).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}
