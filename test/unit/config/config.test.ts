import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/authentication/throttling/throttle.ts';
import {
  ConfigError,
  type ConfigKey,
  configKeys,
  loadConfig,
  loadDatabaseConfig,
  type NameChecks,
} from '../../../src/config/config.ts';
import { administratorChecks } from '../../../src/server/bootstrap/administrator.ts';

const rsaKey = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
}).privateKey;
const secret = 'q8Zr1vXo4TkYw7Jm2LcPd9Hs5Gf3NbAeU6';

function faultsOf(env: Record<string, string>, ...checks: [NameChecks?]): Partial<Record<ConfigKey, string>> {
  try {
    loadConfig(env, ...checks);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return Object.fromEntries(error.faults.map(({ key, fault }) => [key, fault]));
  }
  return {};
}

describe('an empty environment', () => {
  it('is development, on an embedded database', () => {
    expect(loadConfig({})).toMatchObject({
      production: false,
      host: '127.0.0.1',
      port: 4000,
      publicUrl: 'http://localhost:4000',
      database: { kind: 'embedded' },
      dataDir: '.data',
      jwt: {
        algorithm: 'ES256',
        secret: null,
        issuer: 'http://localhost:4000',
        audience: 'http://localhost:4000/graphql',
      },
      accessTokenTtl: 900,
      refreshTokenTtl: 2_592_000,
      authorizationDenial: 'filter',
      denialErrors: 'once',
      introspection: 'full',
      trustedProxies: [],
      administrator: { username: 'admin', password: null },
    });
  });

  it('is what empty variables are as well', () => {
    expect(loadConfig(Object.fromEntries(configKeys.map((key) => [key, ''])))).toEqual(loadConfig({}));
  });

  it('admits Apollo Sandbox and the server itself', () => {
    expect(loadConfig({ PORT: '8080' }).corsOrigins).toEqual([
      'https://studio.apollographql.com',
      'http://localhost:8080',
      'http://127.0.0.1:8080',
    ]);
  });
});

describe('production', () => {
  const env = { NODE_ENV: 'production', JWT_SECRET: secret, DATABASE_URL: 'postgres://db/gatewright' };

  it('starts with a secret and a database, and is closed', () => {
    expect(loadConfig(env)).toMatchObject({
      production: true,
      host: '0.0.0.0',
      introspection: 'off',
      corsOrigins: [],
      jwt: { secret },
      administrator: { password: null },
    });
  });

  it('has no default secret', () => {
    expect(faultsOf({ ...env, JWT_SECRET: '' })).toEqual({ JWT_SECRET: expect.stringContaining('is required') });
  });

  it.each(['short', 'admin-admin-admin', 'correcthorse-admin', 'aaaaaaaaaaaaaaaa', 'Password1234567', '012345678901'])(
    'refuses a weak administrator’s password: %s',
    (password) => {
      expect(Object.keys(faultsOf({ ...env, ADMIN_PASSWORD: password }))).toEqual(['ADMIN_PASSWORD']);
    },
  );

  it.each([
    ['short', /^has 5 characters\./],
    ['admin-admin-admin', /it contains ADMIN_USERNAME, "admin"\./],
    ['Correcthorse-ADMIN', /it contains ADMIN_USERNAME, "admin"\./],
    ['aaaaaaaaaaaaaaaa', /it has fewer than 6 different characters\./],
    ['Password1234567', /it contains "password"\./],
    ['012345678901', /its digits are in their order\./],
    ['abcdefgabcdefg', /it is one piece again and again\./],
  ])('says why an administrator’s password is weak: %s', (password, reason) => {
    expect(faultsOf({ ...env, ADMIN_PASSWORD: password }).ADMIN_PASSWORD).toMatch(reason);
    expect(faultsOf({ ...env, ADMIN_PASSWORD: password }).ADMIN_PASSWORD).not.toContain(password);
  });

  it.each([
    ['ab\uFFFDc', 'correct horse admin battery'],
    ['a b', 'correct horse a battery'],
    ['@', 'correct@horse@battery'],
  ])('says nothing of how a password goes with a faulty username: %s', (username, password) => {
    const faults = (given: Record<string, string>) =>
      Object.keys(faultsOf({ ...env, ADMIN_USERNAME: username, ...given }, administratorChecks));
    expect(faults({ ADMIN_PASSWORD: password })).toEqual(['ADMIN_USERNAME']);
    expect(faults({ ADMIN_PASSWORD: 'short' })).toEqual(['ADMIN_USERNAME', 'ADMIN_PASSWORD']);
  });

  it.each([
    ['changeme-changeme-changeme-now-please', /it contains "changeme"\./],
    ['abcdefgh'.repeat(8), /it is one piece again and again\./],
    ['a'.repeat(64), /it has fewer than 6 different characters\./],
  ])('says why a secret is weak: %s', (weak, reason) => {
    expect(faultsOf({ ...env, JWT_SECRET: weak }).JWT_SECRET).toMatch(reason);
  });

  it('takes a strong one', () => {
    expect(loadConfig({ ...env, ADMIN_PASSWORD: 'correct horse battery' }).administrator.password).toBe(
      'correct horse battery',
    );
  });
});

describe('the database', () => {
  const url = 'postgres://db/gatewright';
  const production = { NODE_ENV: 'production', JWT_SECRET: secret };

  it.each<[string, Record<string, string>, object]>([
    ['in development the embedded one', {}, { kind: 'embedded' }],
    ['in development a server that is named', { DATABASE_URL: url }, { kind: 'postgresql', url }],
    ['in production a server that is named', { ...production, DATABASE_URL: url }, { kind: 'postgresql', url }],
    [
      'the embedded one in production, where that is said',
      { ...production, EMBEDDED_DATABASE: 'yes' },
      { kind: 'embedded' },
    ],
    [
      'a server, where the embedded one is refused',
      { DATABASE_URL: url, EMBEDDED_DATABASE: 'no' },
      { kind: 'postgresql', url },
    ],
  ])('is %s', (_which, env, database) => {
    expect(loadConfig(env).database).toEqual(database);
    expect(loadDatabaseConfig(env).database).toEqual(database);
  });

  it.each<[string, Record<string, string>, ConfigKey, RegExp]>([
    ['not named in production', production, 'DATABASE_URL', /^is required in production\. .+ EMBEDDED_DATABASE=yes /],
    ['empty in production', { ...production, DATABASE_URL: ' ' }, 'DATABASE_URL', /^is required in production\. /],
    [
      'not named, nor embedded',
      { EMBEDDED_DATABASE: 'no' },
      'DATABASE_URL',
      /^is required with EMBEDDED_DATABASE=no\. /,
    ],
    ['named twice', { DATABASE_URL: url, EMBEDDED_DATABASE: 'yes' }, 'EMBEDDED_DATABASE', /^is yes, and DATABASE_URL /],
    ['not what it must be', { ...production, DATABASE_URL: 'mysql://a' }, 'DATABASE_URL', /^is not the address /],
    ['not to be decoded', { DATABASE_URL: `${url}?options=%` }, 'DATABASE_URL', /^has a % that begins no character/],
    ['refused by a word that is unknown', { EMBEDDED_DATABASE: 'true' }, 'EMBEDDED_DATABASE', /^"true" is unknown/],
    [
      'refused by such a word in production',
      { ...production, EMBEDDED_DATABASE: 'YES' },
      'EMBEDDED_DATABASE',
      /^"YES" is unknown/,
    ],
    [
      'refused by such a word beside a server',
      { DATABASE_URL: url, EMBEDDED_DATABASE: 'nope' },
      'EMBEDDED_DATABASE',
      /^"nope" is unknown/,
    ],
  ])('is refused where it is %s', (_how, env, key, message) => {
    expect(faultsOf(env)).toEqual({ [key]: expect.stringMatching(message) });
    expect(() => loadDatabaseConfig(env)).toThrow(ConfigError);
  });
});

it.each(['production', 'development'])('in %s a bad DATABASE_URL is not to be left out', (mode) => {
  expect(faultsOf({ NODE_ENV: mode, JWT_SECRET: secret, DATABASE_URL: 'mysql://a' })).toEqual({
    DATABASE_URL: expect.not.stringMatching(/embedded|leave it out/),
  });
});

it('production warns of tokens that name localhost, which development does not', () => {
  const env = { NODE_ENV: 'production', JWT_SECRET: secret, EMBEDDED_DATABASE: 'yes' };
  expect(loadConfig(env).warnings).toEqual([
    expect.stringMatching(/^PUBLIC_URL is not set\. .+ http:\/\/localhost:4000/),
  ]);
  expect(loadConfig({ ...env, PUBLIC_URL: 'https://api.example.com' }).warnings).toEqual([]);
  expect(loadConfig({}).warnings).toEqual([]);
});

it('development takes any administrator’s password', () => {
  expect(loadConfig({ ADMIN_PASSWORD: 'admin' }).administrator.password).toBe('admin');
});

describe('every fault is told at once', () => {
  const env = {
    NODE_ENV: 'prod',
    PORT: '70000',
    DATABASE_URL: 'mysql://root:hunter2@localhost/app',
    JWT_SECRET: 'too-short-a-secret',
    ACCESS_TOKEN_TTL: 'soon',
    AUTHORIZATION_DENIAL: 'allow',
    CORS_ORIGINS: 'https://a.example, *',
    TRUSTED_PROXIES: 'everyone',
  };

  it('with its key', () => expect(Object.keys(faultsOf(env)).sort()).toEqual(Object.keys(env).sort()));

  it('in one message, which quotes no secret', () => {
    expect(() => loadConfig(env)).toThrow(/^The configuration has 8 faults:\n {2}NODE_ENV: "prod" is unknown\. Write/);
    const message = Object.values(faultsOf(env)).join();
    expect(message).not.toContain('hunter2');
    expect(message).not.toContain('too-short-a-secret');
  });
});

it.each<[ConfigKey, string, Record<string, string>]>([
  ['ACCESS_TOKEN_TTL', 'soon', { REFRESH_TOKEN_TTL: '10m' }],
  [
    'INTROSPECTION',
    'VISIBLE',
    { EXPLORER: 'on', NODE_ENV: 'production', JWT_SECRET: secret, EMBEDDED_DATABASE: 'yes' },
  ],
  ['JWT_ALGORITHM', 'RS-256', { JWT_PRIVATE_KEYS: rsaKey }],
])('a value of %s that will not do leaves those alone that go with it', (key, value, others) => {
  expect(faultsOf({ ...others, [key]: value })).toEqual({ [key]: expect.any(String) });
});

describe.each<[ConfigKey, string[], string[]]>([
  ['NODE_ENV', ['development', 'test'], ['prod', 'Production']],
  ['HOST', ['0.0.0.0', '::', 'localhost'], ['http://localhost', 'a b', '10.0.0.0/8']],
  ['PORT', ['0', '1', '65535'], ['-1', '65536', '4000.5', '0x10', 'http']],
  [
    'PUBLIC_URL',
    ['https://api.example.com', 'http://localhost:1/api/'],
    ['api.example.com', 'ftp://a', 'https://a?b=c'],
  ],
  [
    'DATABASE_URL',
    ['postgres://localhost/a', 'postgresql://a:b@c:5432/d?sslmode=require', 'postgres:///a?host=/run/postgresql'],
    ['mysql://a/b', 'localhost:5432', 'https://a'],
  ],
  ['JWT_ALGORITHM', ['ES256', 'RS256', 'HS256'], ['none', 'es256', 'EdDSA']],
  [
    'JWT_SECRET',
    [secret, 'ü'.repeat(2) + secret.slice(4)],
    [
      secret.slice(0, 31),
      'a'.repeat(64),
      'abcdefgh'.repeat(8),
      'changeme-changeme-changeme-now-please',
      'my-super-secret-jwt-secret-for-the-api',
      '0123456789012345678901234567890123456789',
      '☃'.repeat(20),
    ],
  ],
  ['ACCESS_TOKEN_TTL', ['900', '90s', '15m', '1h', '1d'], ['0', '-5m', '15 minutes', '1w', '2d', '1.5h']],
  ['REFRESH_TOKEN_TTL', ['30d', '90d', '900'], ['91d', '10m']],
  ['REFRESH_RETRY_WINDOW', ['0', '30s', '30', '5m'], ['-1', '301', '6m', 'half a minute']],
  ['AUDIT_RETENTION', ['1d', '400d', '3650d', '86400'], ['0', '23h', '3651d', 'for ever']],
  ['ARGON2_MEMORY_KIB', ['19456', '65536'], ['19455', '1024', '99999999']],
  ['ARGON2_PASSES', ['2', '3'], ['1', '0', '100']],
  ['AUTHORIZATION_DENIAL', ['filter', 'reject', 'report'], ['off', 'FILTER']],
  ['DENIAL_ERRORS', ['once', 'each'], ['all', 'EACH']],
  ['INTROSPECTION', ['off', 'visible', 'full'], ['VISIBLE', 'true']],
  ['EXPLORER', ['on', 'off'], ['yes', 'true', 'ON']],
  ['KEEP_ALIVE_TIMEOUT', ['1', '65s', '620', '10m', '2h'], ['0', '3h', '-1', 'long']],
  ['FEDERATION', ['off', 'on', 'without-guards'], ['ON', 'true']],
  ['FAST_PATHS', ['on', 'off'], ['OFF', 'false']],
  [
    'CORS_ORIGINS',
    ['https://app.example.com', 'https://a.example, http://localhost:3000'],
    ['*', 'https://app.example.com/', 'app.example.com', 'null', 'https://a.example,*'],
  ],
  [
    'TRUSTED_PROXIES',
    ['10.0.0.7', '10.0.0.0/24, ::1', 'fd00::/8'],
    ['*', 'true', 'proxy.local', '0.0.0.0/0', '0.0.0.0/00', '::/000', '10.0.0.0/33', '10.0.0.7:80'],
  ],
  [
    'THROTTLE_LOGIN_PAIR',
    ['1/1s', '10/15m', '10 / 15 m', '10/900', '1000000/24d'],
    ['off', '0', '10', '10/', '/15m', '0/15m', '10/0', '10/25d', '1000001/1d', '-1/1m', '1.5/1m', '10/15m/2', '10/1w'],
  ],
  ['THROTTLE_LOGIN_ACCOUNT', ['100/1d'], ['100/year']],
  ['THROTTLE_LOGIN_ADDRESS', ['100/15m'], ['unlimited']],
  ['THROTTLE_REGISTER_ADDRESS', ['5/1h'], ['5 an hour']],
  ['THROTTLE_REFRESH_ADDRESS', ['1000/1m'], ['1e3/1m']],
  ['THROTTLE_REFRESH_SESSION', ['200/1m'], ['∞/1m']],
  ['THROTTLE_PROFILE_ACCOUNT', ['60/1h'], ['60']],
  ['LOG_LEVEL', ['silent', 'debug'], ['verbose']],
  ['ADMIN_EMAIL', ['root@localhost'], ['root', 'a b@c']],
])('%s', (key, good, bad) => {
  it.each(good)('may be %s', (value) => expect(faultsOf({ [key]: value })).toEqual({}));
  it.each(bad)('may not be %s', (value) => expect(faultsOf({ [key]: value })).toHaveProperty(key));
});

describe('the explorer', () => {
  const production = { NODE_ENV: 'production', JWT_SECRET: secret, EMBEDDED_DATABASE: 'yes' };

  it.each<[boolean, string, Record<string, string>]>([
    [true, 'in development', {}],
    [false, 'in development where there is no schema to show', { INTROSPECTION: 'off' }],
    [false, 'in development where it is off', { EXPLORER: 'off' }],
    [false, 'in production', production],
    [false, 'in production where the schema is shown', { ...production, INTROSPECTION: 'full' }],
    [true, 'in production where it is on as well', { ...production, INTROSPECTION: 'visible', EXPLORER: 'on' }],
  ])('is there: %s, %s', (isThere, _where, env) => expect(loadConfig(env).explorer).toBe(isThere));

  it('is refused without a schema to show', () => {
    for (const env of [{ INTROSPECTION: 'off' }, production]) {
      expect(faultsOf({ ...env, EXPLORER: 'on' })).toEqual({
        EXPLORER: expect.stringMatching(/INTROSPECTION=visible/),
      });
    }
  });
});

it('limits are how many, in how many seconds', () => {
  expect(loadConfig({ THROTTLE_LOGIN_PAIR: '5/2m' }).throttle.loginPair).toEqual({ points: 5, duration: 120 });
});

it('limits that are misspelt are told of', () => {
  expect(faultsOf({ THROTTLE_LOGN_PAIR: '5/2m' })).toHaveProperty('THROTTLE_LOGN_PAIR');
});

it('limits that are left out are those of the throttle', () => {
  expect(loadConfig({}).throttle).toEqual(defaultLimits);
});

describe('the pepper', () => {
  const other = 'Zb5TgYh8Nu2JmKi9OlPq4Ws7Ed1RfVcXa3';

  it('is none, unless there is one', () => {
    expect(loadConfig({}).pepper).toEqual({ current: null, previous: null });
  });

  it.each([
    ['one', { PASSWORD_PEPPER: secret }, { current: secret, previous: null }],
    [
      'one in place of another',
      { PASSWORD_PEPPER: secret, PASSWORD_PEPPER_PREVIOUS: other },
      { current: secret, previous: other },
    ],
    ['one that is being taken away', { PASSWORD_PEPPER_PREVIOUS: other }, { current: null, previous: other }],
    [
      'one with spaces, as it is written',
      { PASSWORD_PEPPER: ` ${secret} ` },
      { current: ` ${secret} `, previous: null },
    ],
  ])('may be %s', (_what, env, pepper) => {
    expect(loadConfig(env).pepper).toEqual(pepper);
  });

  it.each(['PASSWORD_PEPPER', 'PASSWORD_PEPPER_PREVIOUS'] as const)('may not be weak, nor told: %s', (key) => {
    for (const weak of ['too short for a key', 'a'.repeat(64), 'changeme-changeme-changeme-now-please']) {
      expect(faultsOf({ [key]: weak })).toEqual({ [key]: expect.not.stringContaining(weak) });
    }
  });

  it('may not be in its own place', () => {
    const faults = faultsOf({ PASSWORD_PEPPER: secret, PASSWORD_PEPPER_PREVIOUS: secret });
    expect(faults).toEqual({ PASSWORD_PEPPER_PREVIOUS: expect.not.stringContaining(secret) });
  });
});

it('durations are in seconds', () => {
  const { accessTokenTtl, refreshTokenTtl } = loadConfig({ ACCESS_TOKEN_TTL: '2h', REFRESH_TOKEN_TTL: '7d' });
  expect([accessTokenTtl, refreshTokenTtl]).toEqual([7200, 604_800]);
  const { refreshRetryWindow, auditRetention } = loadConfig({ REFRESH_RETRY_WINDOW: '2m', AUDIT_RETENTION: '2d' });
  expect([refreshRetryWindow, auditRetention]).toEqual([120, 172_800]);
  expect(loadConfig({ KEEP_ALIVE_TIMEOUT: '10m' }).keepAliveTimeout).toBe(600);
});

it('a spent refresh token is answered again for half a minute, and the security log is kept for 400 days', () => {
  const { refreshRetryWindow, auditRetention } = loadConfig({});
  expect([refreshRetryWindow, auditRetention]).toEqual([30, 34_560_000]);
});

it('secrets are taken as they are written, other values without the spaces around them', () => {
  expect(loadConfig({ JWT_SECRET: ` ${secret} `, PORT: ' 80 ' })).toMatchObject({
    jwt: { secret: ` ${secret} ` },
    port: 80,
  });
});

describe('bytes that are not UTF-8', () => {
  const lossy = Buffer.from('müller und söhne, und sonst noch wer', 'latin1').toString('utf8');

  it.each(['JWT_SECRET', 'PASSWORD_PEPPER', 'ADMIN_PASSWORD', 'ADMIN_EMAIL', 'DATA_DIR'] as const)(
    'are refused in %s',
    (key) => {
      expect(faultsOf({ [key]: lossy })).toEqual({ [key]: expect.stringContaining('UTF-8') });
    },
  );

  it('are refused in the file of a secret, which is not told', () => {
    const faultsOfFile = (bytes: Buffer) => {
      try {
        loadConfig({ JWT_SECRET_FILE: 'secret' }, undefined, () => bytes.toString('utf8'));
        return null;
      } catch (error) {
        return (error as ConfigError).message;
      }
    };
    const bytes = Buffer.alloc(64, Buffer.from('fce9a7b0c1d2e3f4', 'hex'));
    expect(faultsOfFile(bytes)).toContain('JWT_SECRET_FILE: "secret" holds bytes that are not UTF-8');
    expect(faultsOfFile(Buffer.from(`${secret} müller`))).toBeNull();
  });
});

it('a configuration cannot be changed', () => {
  const config = loadConfig({});
  expect(() => Object.assign(config, { port: 1 })).toThrow(TypeError);
  expect(() => Object.assign(config.jwt, { algorithm: 'none' })).toThrow(TypeError);
});

it('.env.example names the same keys, and its values are the defaults', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../.env.example'), 'utf8');
  const lines = [...text.matchAll(/^#([A-Z0-9_]+)=(.*)$/gm)].map(([, key, value]) => [key, value] as const);
  expect(lines.map(([key]) => key)).toEqual([...configKeys]);
  const { DATABASE_URL, ...values } = Object.fromEntries(lines);
  expect(faultsOf({ DATABASE_URL: DATABASE_URL as string })).toEqual({});
  expect(loadConfig(values)).toEqual(loadConfig({}));
});
