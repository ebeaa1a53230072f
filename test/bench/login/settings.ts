/** The settings of the server, and the ones that the measurements need. */
import { randomBytes } from 'node:crypto';
import { type Config, loadConfig } from '../../../src/config/config.ts';
import { maxHashes } from '../../../src/server/start.ts';

/** So wide that the bound on hashes is measured, and not a throttle. */
export const throttles: Readonly<Record<string, string>> = {
  THROTTLE_LOGIN_PAIR: '1000000/1m',
  THROTTLE_LOGIN_ACCOUNT: '1000000/1m',
  THROTTLE_LOGIN_ADDRESS: '1000000/1m',
  THROTTLE_REGISTER_ADDRESS: '1000000/1m',
  THROTTLE_REFRESH_ADDRESS: '1000000/1m',
  THROTTLE_REFRESH_SESSION: '1000000/1m',
  THROTTLE_PROFILE_ACCOUNT: '1000000/1m',
};

/** How many more passwords wait than are hashed at once: as in password-hash.ts. */
export const maxWaitingHashes = 32 * maxHashes;

export interface ServerSettings {
  readonly environment: Readonly<Record<string, string>>;
  /** The configuration that the server reads from it. */
  readonly config: Config;
  readonly administrator: { readonly username: string; readonly password: string };
}

export function serverSettings(databaseUrl: string): ServerSettings {
  const administrator = { username: 'admin', password: randomBytes(24).toString('base64url') };
  const environment = {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_URL: databaseUrl,
    JWT_SECRET: randomBytes(48).toString('base64'),
    ADMIN_USERNAME: administrator.username,
    ADMIN_PASSWORD: administrator.password,
    LOG_LEVEL: 'error',
    ...throttles,
  };
  return { environment, config: loadConfig(environment), administrator };
}
