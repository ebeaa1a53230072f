/**
 * Every key of the environment. The configuration's type, .env.example and docs/configuration.md come from this table.
 * `npm run configuration` writes the two files. To add a key, add it here and nowhere else.
 */
import { withoutSlash } from './addresses.ts';
import { key, type NameIn, namesIn, optional, type ValuesOf } from './key.ts';
import { developmentOrigins } from './origins.ts';
import * as types from './types.ts';

const { duration, integer, oneOf } = types;

function limit<const Name extends string>(name: Name, given: string, says: string) {
  return key(name, { type: types.rate, default: given, says, see: 'throttling.md' });
}

export const table = {
  production: key('NODE_ENV', {
    type: types.isProduction,
    default: 'development',
    says: 'Production is closed where development is open, and makes no secret and no password by itself.',
  }),
  host: key('HOST', {
    type: types.host,
    default: { development: '127.0.0.1', production: '0.0.0.0' },
    says: 'The address that the server listens on.',
  }),
  port: key('PORT', {
    type: integer(0, 65_535),
    default: '4000',
    says: 'The port that the server listens on; 0 takes any free one.',
  }),
  publicUrl: key('PUBLIC_URL', {
    type: types.publicUrl,
    default: {
      from: (textOf) => `http://localhost:${textOf('PORT')}`,
      shown: 'http://localhost:4000',
      words: '`http://localhost:PORT`',
    },
    says: 'What clients call this server.',
  }),
  database: {
    url: optional('DATABASE_URL', {
      type: types.databaseUrl,
      without: 'none: the embedded database; required in production',
      example: 'postgres://user:password@localhost:5432/gatewright',
      says: 'A PostgreSQL server.',
      more: 'Add `?sslmode=verify-full` unless the network on the way there is your own.',
      see: 'databases.md#the-address-of-a-server',
    }),
    embedded: key('EMBEDDED_DATABASE', {
      type: types.yesNo,
      default: { development: 'yes', production: 'no' },
      says: 'Whether PostgreSQL runs inside this process where DATABASE_URL is left out.',
      more: 'It serves one process, and keeps its files in DATA_DIR.',
      see: 'databases.md',
    }),
  },
  databasePoolSize: key('DATABASE_POOL_SIZE', {
    type: integer(2, 1000),
    default: '10',
    says: 'How many connections to the PostgreSQL server are held at once.',
    more: 'One more connection listens for notifications.',
  }),
  databaseTimeout: key('DATABASE_TIMEOUT', {
    type: duration('1s', '10m'),
    default: '10s',
    says: 'How long a statement, or the wait for a connection, may take until the request is answered with 503.',
    more: 'The wait for a lock ends after half of it, and an idle transaction after twice as long.',
  }),
  maxRequestsInFlight: key('MAX_REQUESTS_IN_FLIGHT', {
    type: integer(1, 100_000),
    default: {
      from: (textOf) => textOf('DATABASE_POOL_SIZE'),
      shown: '10',
      words: 'DATABASE_POOL_SIZE',
    },
    says: 'How many GraphQL requests are worked on at once.',
    more: 'Clients of one network get three quarters at most. Others wait for a moment, and are then refused with 503.',
    see: 'performance.md#under-pressure',
  }),
  requestTimeout: key('REQUEST_TIMEOUT', {
    type: duration('1s', '10m'),
    default: '30s',
    says: 'How long a request may take until it is answered with 503, whatever it waits for.',
    more:
      'Work that has begun is finished, but no further field of a mutation begins. ' +
      'It also limits how long a client may take to read a long answer.',
  }),
  keepAliveTimeout: key('KEEP_ALIVE_TIMEOUT', {
    type: duration('1s', '2h'),
    default: '65s',
    says: 'How long a connection is kept open between two requests.',
    more: 'Make it longer than the load balancer keeps it, or requests meet connections that are just being closed.',
  }),
  dataDir: key('DATA_DIR', {
    type: types.path,
    default: '.data',
    says: 'The folder of the embedded database, of a generated secret and of the time of the newest token.',
    see: 'restoring.md',
  }),
  jwt: {
    algorithm: key('JWT_ALGORITHM', {
      type: oneOf('ES256', 'RS256', 'HS256'),
      default: 'ES256',
      says: 'How access tokens are signed.',
      more: 'With HS256 there are no public keys, so only this server can check its tokens.',
    }),
    secret: optional('JWT_SECRET', {
      type: types.secret,
      without: 'generated and kept in DATA_DIR; required in production',
      says: 'Signs access tokens with HS256, and encrypts the private keys in the database otherwise.',
      more: 'Every server on one database needs the same. Make one with `openssl rand -base64 48`.',
      file: { name: 'JWT_SECRET_FILE', says: 'A file that holds JWT_SECRET, as container secrets do.' },
    }),
    previousSecret: optional('JWT_SECRET_PREVIOUS', {
      type: types.secret,
      without: 'none',
      says: 'The former or the next JWT_SECRET, while it is being replaced.',
      see: 'key-rotation.md',
    }),
    privateKeys: optional('JWT_PRIVATE_KEYS', {
      type: types.privateKeys,
      without: 'none: keys are made and kept in the database',
      says: 'Keys of your own, for ES256 (P-256) or RS256 (2,048 bits or more).',
      more:
        'The first is private and signs; further ones, private or public, are published and verify. ' +
        'Line ends may be written as `\\n`.',
      see: 'key-rotation.md',
      file: { name: 'JWT_PRIVATE_KEYS_FILE', says: 'A file that holds JWT_PRIVATE_KEYS.' },
    }),
    issuer: key('JWT_ISSUER', {
      type: types.text,
      default: {
        from: (textOf) => withoutSlash(textOf('PUBLIC_URL')),
        shown: 'http://localhost:4000',
        words: 'PUBLIC_URL',
      },
      says: 'The claim `iss` of access tokens.',
    }),
    audience: key('JWT_AUDIENCE', {
      type: types.text,
      default: {
        from: (textOf) => `${withoutSlash(textOf('PUBLIC_URL'))}/graphql`,
        shown: 'http://localhost:4000/graphql',
        words: '`PUBLIC_URL/graphql`',
      },
      says: 'The claim `aud` of access tokens.',
    }),
  },
  accessTokenTtl: key('ACCESS_TOKEN_TTL', {
    type: duration('1s', '1d'),
    default: '15m',
    says: 'How long an access token lives.',
    more: 'After it is lowered, tokens that were given longer are refused, and clients refresh.',
  }),
  refreshTokenTtl: key('REFRESH_TOKEN_TTL', {
    type: duration('1s', '90d'),
    default: '30d',
    says: 'How long a refresh token lives that is not used, those that exist included.',
  }),
  refreshRetryWindow: key('REFRESH_RETRY_WINDOW', {
    type: duration('0s', '5m'),
    default: '30s',
    says: 'How long a refresh token that was just traded is answered with its successor again.',
    more: 'Two tabs at once and lost answers need it. With 0 a second use ends the session.',
  }),
  auditRetention: key('AUDIT_RETENTION', {
    type: duration('1d', '3650d'),
    default: '400d',
    says: 'How long the security log keeps an event.',
  }),
  argon2: {
    memoryKib: key('ARGON2_MEMORY_KIB', {
      type: integer(19_456, 1_048_576),
      default: '19456',
      says: 'The memory that a password hash (argon2id) takes, in KiB.',
      more: 'After a change, each account gets a new hash when it next signs in.',
    }),
    passes: key('ARGON2_PASSES', {
      type: integer(2, 16),
      default: '2',
      says: 'The passes that a password hash takes.',
    }),
  },
  pepper: {
    current: optional('PASSWORD_PEPPER', {
      type: types.secret,
      without: 'none',
      says: 'A secret that goes into every password hash and is not in the database.',
      more: 'It is the same on every server. Lose it, and the passwords that were hashed with it are lost.',
    }),
    previous: optional('PASSWORD_PEPPER_PREVIOUS', {
      type: types.secret,
      without: 'none',
      says: 'The pepper before PASSWORD_PEPPER, while it is being changed; alone, the one that is taken away.',
      more: 'Each account gets a new hash when it next signs in.',
    }),
  },
  authorizationDenial: key('AUTHORIZATION_DENIAL', {
    type: oneOf('filter', 'reject', 'report'),
    default: 'filter',
    says: 'Whether a denial makes the field null, refuses the whole operation, or is only logged.',
  }),
  denialErrors: key('DENIAL_ERRORS', {
    type: oneOf('once', 'each'),
    default: 'once',
    says: 'Whether a denial that depends on the viewer alone is reported once, or at every position.',
    more: '`once` writes `"@"` for a list in the path. `each` writes the index, for clients that look errors up by path.',
  }),
  introspection: key('INTROSPECTION', {
    type: oneOf('off', 'visible', 'full'),
    default: { development: 'full', production: 'off' },
    says: 'Whether clients may read the schema; with `visible`, as much of it as the viewer could reach.',
  }),
  explorer: key('EXPLORER', {
    type: types.onOff,
    default: {
      from: (textOf) => (textOf('NODE_ENV') === 'production' || textOf('INTROSPECTION') === 'off' ? 'off' : 'on'),
      shown: 'on',
      words: '`on`; in production, or with INTROSPECTION=off, `off`',
    },
    says: 'Whether `/` is the explorer, which needs INTROSPECTION=visible or full.',
  }),
  fastPaths: key('FAST_PATHS', {
    type: types.onOff,
    default: 'on',
    says: 'Whether requests that come again pass Apollo Server by, and hot operations are compiled, with the same answers.',
  }),
  federation: key('FEDERATION', {
    type: oneOf('off', 'on', 'without-guards'),
    default: 'off',
    says: 'Whether a gateway of Apollo Federation is served; with `without-guards`, its SDL has no guards.',
    more: 'Unless it is off, `_service` tells the whole schema to anyone, whatever INTROSPECTION says.',
  }),
  corsOrigins: key('CORS_ORIGINS', {
    type: types.origins,
    default: {
      from: (textOf) =>
        textOf('NODE_ENV') === 'production'
          ? ''
          : developmentOrigins(textOf('PUBLIC_URL'), Number(textOf('PORT'))).join(','),
      shown: 'https://studio.apollographql.com,http://localhost:4000,http://127.0.0.1:4000',
      words: "Apollo Sandbox and the server's own; in production none",
    },
    says: 'The sites whose scripts may call this server.',
    more: 'In development, pages of `localhost` may call as well.',
  }),
  trustedProxies: key('TRUSTED_PROXIES', {
    type: types.proxies,
    default: '',
    says: 'The proxies in front of this server, whose X-Forwarded-For is believed.',
  }),
  throttle: {
    loginPair: limit(
      'THROTTLE_LOGIN_PAIR',
      '10/15m',
      'How many sign-ins to one account from one network, in how long.',
    ),
    loginAccount: limit('THROTTLE_LOGIN_ACCOUNT', '100/1d', 'Sign-ins to one account from all networks new to it.'),
    loginAddress: limit('THROTTLE_LOGIN_ADDRESS', '100/15m', 'Sign-ins from one network.'),
    registerAddress: limit('THROTTLE_REGISTER_ADDRESS', '100/1h', 'Registrations from one network.'),
    refreshAddress: limit('THROTTLE_REFRESH_ADDRESS', '1000/1m', 'Refreshes from one network.'),
    refreshSession: limit('THROTTLE_REFRESH_SESSION', '200/1m', 'Refreshes of one session.'),
    profileAccount: limit('THROTTLE_PROFILE_ACCOUNT', '60/1h', 'Changes of the names of one account.'),
  },
  logLevel: key('LOG_LEVEL', {
    type: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    default: 'info',
    says: 'The least severe lines that are logged.',
  }),
  administrator: {
    username: key('ADMIN_USERNAME', {
      type: types.username,
      default: 'admin',
      says: 'The administrator that the first start makes; no later start makes one.',
      more: 'Nobody can register that name.',
    }),
    email: key('ADMIN_EMAIL', {
      type: types.email,
      default: 'admin@example.com',
      says: 'The e-mail address of that administrator.',
    }),
    password: optional('ADMIN_PASSWORD', {
      type: types.password,
      without: 'generated and printed once; in production no administrator is made without it',
      says: 'The password of that administrator.',
    }),
  },
} as const;

export type Values = ValuesOf<typeof table>;

export type ConfigKey = NameIn<typeof table>;

/** Every variable that is read. */
export const configKeys: readonly ConfigKey[] = namesIn(table);
