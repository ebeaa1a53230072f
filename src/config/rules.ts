/** Rules between keys: values that are sound alone, but contradict another key. */
import type { Check } from './key.ts';
import { keysFault } from './pem-keys.ts';
import type { Environment, Reading } from './read.ts';
import { configKeys, type table, type Values } from './table.ts';
import { weakPasswordFault } from './values.ts';

/** Checks of the administrator's names, from the rooms that keep such names. */
export interface NameChecks {
  username: Check;
  email: Check;
}

type Read = Reading<typeof table>;

/** Reports faults to `read`. */
export function checkRules(read: Read, env: Environment, names: NameChecks): void {
  checkTokens(read);
  checkSecrets(read);
  checkAdministrator(read, names);
  checkExplorer(read);
  checkLimits(read, env);
}

function checkTokens(read: Read): void {
  const { jwt, refreshTokenTtl, accessTokenTtl } = read.values;
  if (jwt.privateKeys !== null && !read.isFaulty('JWT_ALGORITHM')) {
    const fault = privateKeysFault(jwt.privateKeys, jwt.algorithm);
    if (fault) read.report('JWT_PRIVATE_KEYS', fault);
  }
  if (refreshTokenTtl < accessTokenTtl && !read.isFaulty('ACCESS_TOKEN_TTL')) {
    read.report('REFRESH_TOKEN_TTL', 'is shorter than ACCESS_TOKEN_TTL. Write a longer duration, such as 30d.');
  }
}

function privateKeysFault(text: string, algorithm: Values['jwt']['algorithm']): string | null {
  return algorithm === 'HS256'
    ? 'is of no use with JWT_ALGORITHM=HS256, which signs with JWT_SECRET. Leave it out, or write ES256 or RS256.'
    : keysFault(text, algorithm);
}

function checkSecrets(read: Read): void {
  const { production, jwt, pepper } = read.values;
  if (production && !read.isSet('JWT_SECRET') && !read.isSet('JWT_SECRET_FILE')) {
    read.report('JWT_SECRET', 'is required in production. Write 32 random bytes or more: `openssl rand -base64 48`.');
  }
  if (jwt.secret !== null && jwt.previousSecret === jwt.secret) {
    read.report('JWT_SECRET_PREVIOUS', 'is the same as JWT_SECRET. Write the former secret, or leave it out.');
  }
  if (pepper.current !== null && pepper.current === pepper.previous) {
    read.report('PASSWORD_PEPPER_PREVIOUS', 'is PASSWORD_PEPPER itself. Write the one before it, or leave it out.');
  }
}

function checkAdministrator(read: Read, names: NameChecks): void {
  const { production, administrator } = read.values;
  const tell = (name: 'ADMIN_USERNAME' | 'ADMIN_EMAIL' | 'ADMIN_PASSWORD', fault: string | null) => {
    if (fault && read.isSet(name) && !read.isFaulty(name)) read.report(name, fault);
  };
  tell('ADMIN_USERNAME', names.username(administrator.username));
  tell('ADMIN_EMAIL', names.email(administrator.email));
  if (production && administrator.password !== null) {
    // If ADMIN_USERNAME is faulty, the final name is unknown. So the password is not compared with it.
    const username = read.isFaulty('ADMIN_USERNAME') ? null : administrator.username;
    tell('ADMIN_PASSWORD', weakPasswordFault(administrator.password, username));
  }
}

function checkExplorer(read: Read): void {
  const { explorer, introspection } = read.values;
  if (explorer && introspection === 'off' && !read.isFaulty('INTROSPECTION')) {
    read.report(
      'EXPLORER',
      'is on, and has no schema to show with INTROSPECTION=off. Write INTROSPECTION=visible, or EXPLORER=off.',
    );
  }
}

/** Reports a limit that does not exist, because it would not hold. */
function checkLimits(read: Read, env: Environment): void {
  const known: readonly string[] = configKeys;
  for (const name of Object.keys(env)) {
    if (!name.startsWith('THROTTLE_') || known.includes(name)) continue;
    read.report(name as (typeof configKeys)[number], 'is no limit. .env.example lists those that there are.');
  }
}
