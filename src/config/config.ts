/** The environment, read once: a frozen Config, or one error that lists every fault. */
import { readFileSync } from 'node:fs';
import { emailFault, hostFault, originFault, proxyFault, publicUrlFault } from './addresses.ts';
import { type ConfiguredDatabase, readDatabase } from './database.ts';
import { misspeltNames } from './names.ts';
import { developmentOrigins } from './origins.ts';
import { keysFault } from './pem-keys.ts';
import { type Check, reader } from './reader.ts';
import type { Rate } from './values.ts';
import { weakPasswordFault, weakSecretFault } from './values.ts';

type ThrottleName =
  | `${'login' | 'register' | 'refresh'}Address`
  | 'loginPair'
  | 'loginAccount'
  | 'refreshSession'
  | 'profileAccount';

export interface Config {
  readonly production: boolean;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** What clients call this server, without a slash at the end. */
  readonly publicUrl: string;
  readonly database: ConfiguredDatabase;
  /** Connections to a PostgreSQL server at once. */
  readonly databasePoolSize: number;
  /** Seconds that a statement, or waiting for a connection, may take on a PostgreSQL server. */
  readonly databaseTimeout: number;
  /** Where the embedded database and generated secrets lie. */
  readonly dataDir: string;
  /** GraphQL requests that are worked on at once; those beyond wait for a moment, and are refused. */
  readonly maxRequestsInFlight: number;
  /** Seconds after which a request is answered with 503, whatever it waits for. */
  readonly requestTimeout: number;
  /** Seconds for which a connection is kept open between two requests. */
  readonly keepAliveTimeout: number;
  readonly jwt: {
    readonly algorithm: 'ES256' | 'RS256' | 'HS256';
    /** Null in development only: the server makes one at its first start and keeps it in `dataDir`. */
    readonly secret: string | null;
    /** Another secret whose tokens and stored keys are good as well: the former one, or the next. */
    readonly previousSecret: string | null;
    /** PEM (see config.keys.ts); null: with ES256 and RS256 keys are kept in the database. */
    readonly privateKeys: string | null;
    readonly issuer: string;
    readonly audience: string;
  };
  /** Seconds. */
  readonly accessTokenTtl: number;
  /** Seconds without use. */
  readonly refreshTokenTtl: number;
  /** Seconds for which a spent refresh token is answered with its successor again. */
  readonly refreshRetryWindow: number;
  /** Seconds for which the security log is kept. */
  readonly auditRetention: number;
  readonly argon2: { readonly memoryKib: number; readonly passes: number };
  readonly pepper: {
    /** Null: passwords are hashed without one. */
    readonly current: string | null;
    /** What hashes may still have been made with. */
    readonly previous: string | null;
  };
  readonly authorizationDenial: 'filter' | 'reject' | 'report';
  readonly denialErrors: 'once' | 'each';
  /** `visible`: each viewer is shown what they could reach. */
  readonly introspection: 'off' | 'visible' | 'full';
  /** Whether a gateway is served what it asks of a subgraph; and whether the SDL that it composes has guards. */
  readonly federation: 'off' | 'on' | 'without-guards';
  /** Whether `GET /` is the explorer. */
  readonly explorer: boolean;
  /** In development, pages of this machine may call as well. */
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  /** See docs/throttling.md. */
  readonly throttle: { readonly [Name in ThrottleName]: Rate };
  readonly logLevel: (typeof logLevels)[number];
  readonly administrator: {
    readonly username: string;
    readonly email: string;
    /** Null: generated in development; in production no administrator is made. */
    readonly password: string | null;
  };
  /** What is sound, but may not be what was meant. For the operator; no value is quoted. */
  readonly warnings: readonly string[];
}

/** `message` lists every fault (the key, what is wrong, what to write), then warnings. It never quotes a secret. */
export class ConfigError extends Error {
  readonly faults: readonly Fault[];
  readonly warnings: readonly string[];

  constructor(faults: readonly Fault[], warnings: readonly string[] = []) {
    const head = `The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:`;
    super([head, ...faults.map(({ key, fault }) => `  ${key}: ${fault}`), ...warnings].join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
    this.warnings = warnings;
  }
}

export interface Fault {
  key: ConfigKey;
  fault: string;
}

/** Every variable that is read. .env.example lists the same. */
export const configKeys = [
  'NODE_ENV',
  'HOST',
  'PORT',
  'PUBLIC_URL',
  'DATABASE_URL',
  'EMBEDDED_DATABASE',
  'DATABASE_POOL_SIZE',
  'DATABASE_TIMEOUT',
  'MAX_REQUESTS_IN_FLIGHT',
  'REQUEST_TIMEOUT',
  'KEEP_ALIVE_TIMEOUT',
  'DATA_DIR',
  'JWT_ALGORITHM',
  'JWT_SECRET',
  'JWT_SECRET_FILE',
  'JWT_SECRET_PREVIOUS',
  'JWT_PRIVATE_KEYS',
  'JWT_PRIVATE_KEYS_FILE',
  'JWT_ISSUER',
  'JWT_AUDIENCE',
  'ACCESS_TOKEN_TTL',
  'REFRESH_TOKEN_TTL',
  'REFRESH_RETRY_WINDOW',
  'AUDIT_RETENTION',
  'ARGON2_MEMORY_KIB',
  'ARGON2_PASSES',
  'PASSWORD_PEPPER',
  'PASSWORD_PEPPER_PREVIOUS',
  'AUTHORIZATION_DENIAL',
  'DENIAL_ERRORS',
  'INTROSPECTION',
  'EXPLORER',
  'FEDERATION',
  'CORS_ORIGINS',
  'TRUSTED_PROXIES',
  'THROTTLE_LOGIN_PAIR',
  'THROTTLE_LOGIN_ACCOUNT',
  'THROTTLE_LOGIN_ADDRESS',
  'THROTTLE_REGISTER_ADDRESS',
  'THROTTLE_REFRESH_ADDRESS',
  'THROTTLE_REFRESH_SESSION',
  'THROTTLE_PROFILE_ACCOUNT',
  'LOG_LEVEL',
  'ADMIN_USERNAME',
  'ADMIN_EMAIL',
  'ADMIN_PASSWORD',
] as const;

export type ConfigKey = (typeof configKeys)[number];

/** Taken as they are written; the others without the spaces around them. */
const asWritten: ReadonlySet<ConfigKey> = new Set([
  'JWT_SECRET',
  'JWT_SECRET_PREVIOUS',
  'JWT_PRIVATE_KEYS',
  'PASSWORD_PEPPER',
  'PASSWORD_PEPPER_PREVIOUS',
  'ADMIN_PASSWORD',
]);

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const day = 86_400;

type Environment = Readonly<Record<string, string | undefined>>;

/** What the rooms that keep names say of the administrator's. */
export interface NameChecks {
  username: Check;
  email: Check;
}

/**
 * An empty variable counts as unset.
 *
 * @param names the shape of an e-mail address is all that is looked at, if left out.
 * @param readText gives what a file holds that the environment names.
 * @throws ConfigError
 */
export function loadConfig(
  env: Environment,
  names: NameChecks = { username: () => null, email: emailFault },
  readText: (file: string) => string = (file) => readFileSync(file, 'utf8'),
): Config {
  const read = reader(env, { asWritten, readText });
  const production = isProduction(read);
  const port = read.integer('PORT', 4000, 0, 65_535);
  const publicUrl = read.text('PUBLIC_URL', `http://localhost:${port}`, publicUrlFault).replace(/\/+$/, '');
  const algorithm = read.oneOf('JWT_ALGORITHM', ['ES256', 'RS256', 'HS256'], 'ES256');
  const accessTokenTtl = read.duration('ACCESS_TOKEN_TTL', '15m', 1, day);
  const refreshTokenTtl = read.duration('REFRESH_TOKEN_TTL', '30d', 1, 90 * day);
  const username = read.text('ADMIN_USERNAME', 'admin', names.username);

  const introspection = read.oneOf('INTROSPECTION', ['off', 'visible', 'full'], production ? 'off' : 'full');
  const databasePoolSize = read.integer('DATABASE_POOL_SIZE', 10, 2, 1000);
  const config: Config = {
    production,
    host: read.text('HOST', production ? '0.0.0.0' : '127.0.0.1', hostFault),
    port,
    publicUrl,
    database: readDatabase(read, production, env),
    databasePoolSize,
    databaseTimeout: read.duration('DATABASE_TIMEOUT', '10s', 1, 600),
    dataDir: read.text('DATA_DIR', '.data'),
    requestTimeout: read.duration('REQUEST_TIMEOUT', '30s', 1, 600),
    keepAliveTimeout: read.duration('KEEP_ALIVE_TIMEOUT', '65s', 1, 7200),
    maxRequestsInFlight: read.integer('MAX_REQUESTS_IN_FLIGHT', databasePoolSize, 1, 100_000),
    jwt: {
      algorithm,
      secret: read.optionalOrFile('JWT_SECRET', 'JWT_SECRET_FILE', weakSecretFault),
      previousSecret: read.optional('JWT_SECRET_PREVIOUS', weakSecretFault),
      privateKeys: read.optionalOrFile('JWT_PRIVATE_KEYS', 'JWT_PRIVATE_KEYS_FILE', (text) =>
        read.isFaulty('JWT_ALGORITHM') ? null : privateKeysFault(text, algorithm),
      ),
      issuer: read.text('JWT_ISSUER', publicUrl),
      audience: read.text('JWT_AUDIENCE', `${publicUrl}/graphql`),
    },
    accessTokenTtl,
    refreshTokenTtl,
    refreshRetryWindow: read.duration('REFRESH_RETRY_WINDOW', '30s', 0, 300),
    auditRetention: read.duration('AUDIT_RETENTION', '400d', day, 3650 * day),
    argon2: {
      memoryKib: read.integer('ARGON2_MEMORY_KIB', 19_456, 19_456, 1_048_576),
      passes: read.integer('ARGON2_PASSES', 2, 2, 16),
    },
    pepper: {
      current: read.optional('PASSWORD_PEPPER', weakSecretFault),
      previous: read.optional('PASSWORD_PEPPER_PREVIOUS', weakSecretFault),
    },
    authorizationDenial: read.oneOf('AUTHORIZATION_DENIAL', ['filter', 'reject', 'report'], 'filter'),
    denialErrors: read.oneOf('DENIAL_ERRORS', ['once', 'each'], 'once'),
    introspection,
    explorer: read.oneOf('EXPLORER', ['on', 'off'], production || introspection === 'off' ? 'off' : 'on') === 'on',
    federation: read.oneOf('FEDERATION', ['off', 'on', 'without-guards'], 'off'),
    corsOrigins: read.list('CORS_ORIGINS', production ? [] : developmentOrigins(publicUrl, port), originFault),
    trustedProxies: read.list('TRUSTED_PROXIES', [], proxyFault),
    throttle: {
      loginPair: read.rate('THROTTLE_LOGIN_PAIR', '10/15m'),
      loginAccount: read.rate('THROTTLE_LOGIN_ACCOUNT', '100/1d'),
      loginAddress: read.rate('THROTTLE_LOGIN_ADDRESS', '100/15m'),
      registerAddress: read.rate('THROTTLE_REGISTER_ADDRESS', '100/1h'),
      refreshAddress: read.rate('THROTTLE_REFRESH_ADDRESS', '1000/1m'),
      refreshSession: read.rate('THROTTLE_REFRESH_SESSION', '200/1m'),
      profileAccount: read.rate('THROTTLE_PROFILE_ACCOUNT', '60/1h'),
    },
    logLevel: read.oneOf('LOG_LEVEL', logLevels, 'info'),
    administrator: {
      username,
      email: read.text('ADMIN_EMAIL', 'admin@example.com', names.email),
      password: read.optional('ADMIN_PASSWORD', (text) => (production ? weakPasswordFault(text, username) : null)),
    },
    warnings: [
      ...misspeltNames(env, configKeys),
      ...(production && !read.isSet('PUBLIC_URL') ? [localIssuer(publicUrl)] : []),
    ],
  };

  if (production && !read.isSet('JWT_SECRET') && !read.isSet('JWT_SECRET_FILE')) {
    read.fault('JWT_SECRET', 'is required in production. Write 32 random bytes or more: `openssl rand -base64 48`.');
  }
  if (config.explorer && introspection === 'off' && !read.isFaulty('INTROSPECTION')) {
    read.fault(
      'EXPLORER',
      'is on, and has no schema to show with INTROSPECTION=off. Write INTROSPECTION=visible, or EXPLORER=off.',
    );
  }
  if (config.jwt.secret !== null && config.jwt.previousSecret === config.jwt.secret) {
    read.fault('JWT_SECRET_PREVIOUS', 'is the same as JWT_SECRET. Write the former secret, or leave it out.');
  }
  if (config.pepper.current !== null && config.pepper.current === config.pepper.previous) {
    read.fault('PASSWORD_PEPPER_PREVIOUS', 'is PASSWORD_PEPPER itself. Write the one before it, or leave it out.');
  }
  for (const key of Object.keys(env)) {
    const isLimit = key.startsWith('THROTTLE_') && !(configKeys as readonly string[]).includes(key);
    if (isLimit) read.fault(key as ConfigKey, `is no limit. .env.example lists those that there are.`);
  }
  if (refreshTokenTtl < accessTokenTtl && !read.isFaulty('ACCESS_TOKEN_TTL')) {
    read.fault('REFRESH_TOKEN_TTL', 'is shorter than ACCESS_TOKEN_TTL. Write a longer duration, such as 30d.');
  }
  if (read.faults.length > 0) throw new ConfigError(read.faults, config.warnings);
  return deepFreeze(config);
}

export type DatabaseConfig = Pick<Config, 'production' | 'database' | 'dataDir' | 'warnings'>;

/** What the tools of the database need; the rest is not looked at. @throws ConfigError */
export function loadDatabaseConfig(env: Environment): DatabaseConfig {
  const read = reader<ConfigKey>(env, { asWritten, readText: () => '' });
  const production = isProduction(read);
  const database = readDatabase(read, production, env);
  const warnings = misspeltNames(env, configKeys);
  if (read.faults.length > 0) throw new ConfigError(read.faults, warnings);
  return { production, database, dataDir: read.text('DATA_DIR', '.data'), warnings };
}

function isProduction(read: ReturnType<typeof reader<ConfigKey>>): boolean {
  return read.oneOf('NODE_ENV', ['development', 'production', 'test'], 'development') === 'production';
}

function privateKeysFault(text: string, algorithm: Config['jwt']['algorithm']): string | null {
  return algorithm === 'HS256'
    ? 'is of no use with JWT_ALGORITHM=HS256, which signs with JWT_SECRET. Leave it out, or write ES256 or RS256.'
    : keysFault(text, algorithm);
}

function localIssuer(publicUrl: string): string {
  return `PUBLIC_URL is not set. Access tokens name ${publicUrl} as their issuer, where nobody else finds this server.`;
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) deepFreeze(member);
  return Object.freeze(value);
}
