import { describe, expect, it } from 'vitest';
import { ConfigError, configKeys, loadConfig, loadDatabaseConfig } from '../../../src/config/config.ts';
import { misspeltNames } from '../../../src/config/names.ts';

const told = (env: Record<string, string>) => misspeltNames(env, configKeys);

describe('a name that looks like one of ours', () => {
  it.each([
    ['DATABSE_URL', 'DATABASE_URL'],
    ['DATABASE_ULR', 'DATABASE_URL'],
    ['DATABASEURL', 'DATABASE_URL'],
    ['database_url', 'DATABASE_URL'],
    ['CORS_ORIGIN', 'CORS_ORIGINS'],
    ['TRUSTED_PROXYES', 'TRUSTED_PROXIES'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['NODE_EVN', 'NODE_ENV'],
    ['THROTTLE_LOGN_PAIR', 'THROTTLE_LOGIN_PAIR'],
    ['DATABSE_ULR', 'DATABASE_URL'],
    ['DATADIR', 'DATA_DIR'],
    ['TRUSTED_PROXY', 'TRUSTED_PROXIES'],
    ['JWT_PRIVATE_KEY', 'JWT_PRIVATE_KEYS'],
    ['ADMIN_PASS', 'ADMIN_PASSWORD'],
    ['ADMIN_USER', 'ADMIN_USERNAME'],
    ['JWT_SECRET_PREV', 'JWT_SECRET_PREVIOUS'],
    ['DATABASE_POOL', 'DATABASE_POOL_SIZE'],
    ['POOL_SIZE', 'DATABASE_POOL_SIZE'],
    ['INTROSPECTION_MODE', 'INTROSPECTION'],
    ['DATABASE_URL_PRODUCTION', 'DATABASE_URL'],
  ])('is told of, with the name that may be meant: %s', (name, meant) => {
    expect(told({ [name]: 'hunter2' })).toEqual([`${name} is set, but nothing reads it. Did you mean ${meant}?`]);
  });

  it.each(configKeys.filter((key) => !key.endsWith('_FILE') && key.length >= 8))(
    'is told of where a file is meant to hold %s, unless it can',
    (key) => {
      const name = `${key}_FILE`;
      const sentence = `Set ${key} itself: only JWT_SECRET and JWT_PRIVATE_KEYS can be read from a file.`;
      const isRead = (configKeys as readonly string[]).includes(name);
      expect(told({ [name]: '/run/secrets/it' })).toEqual(
        isRead ? [] : [`${name} is set, but nothing reads it. ${sentence}`],
      );
    },
  );

  it.each([
    ['JWT_SECERT', 'JWT_SECRET'],
    ['DATABASE_URLS', 'DATABASE_URL'],
    ['TRUSTED_PROXY', 'TRUSTED_PROXIES'],
  ])('is told of where that one is set beside it: %s', (name, meant) => {
    expect(told({ [name]: 'a', [meant]: 'b' })).toEqual([
      `${name} is set, but nothing reads it. Did you mean ${meant}?`,
    ]);
  });

  it.each([
    ['DATABASE_USER', 'DATABASE_URL'],
    ['DATABASE_URL_TEST', 'DATABASE_URL'],
    ['POOL_SIZE', 'DATABASE_POOL_SIZE'],
  ])('is not told of where it is less like one that is set: %s', (name, key) => {
    expect(told({ [name]: 'a' })).toHaveLength(1);
    expect(told({ [name]: 'a', [key]: 'b' })).toEqual([]);
  });

  it('is not told of where it is empty, which counts as unset', () => {
    expect(told({ DATABSE_URL: ' ' })).toEqual([]);
  });
});

describe('a name that begins with the program’s own', () => {
  it.each([
    ['GATEWRIGHT_DATABASE_URL', 'DATABASE_URL'],
    ['gatewright_jwt_secret', 'JWT_SECRET'],
    ['GATEWRIGHT_DATABSE_URL', 'DATABASE_URL'],
    ['GATEWRIGTH_LOG_LEVEL', 'LOG_LEVEL'],
  ])('is told of, with the key that may be meant: %s', (name, meant) => {
    const expected = [`${name} is set, but nothing reads it. Did you mean ${meant}?`];
    expect(told({ [name]: 'hunter2' })).toEqual(expected);
    expect(told({ [name]: 'hunter2', [meant]: 'a' })).toEqual(expected);
  });

  it('is told of where no key is like it', () => {
    expect(told({ GATEWRIGHT_COLOUR: 'red' })).toEqual([
      'GATEWRIGHT_COLOUR is set, but nothing reads it. No key begins with GATEWRIGHT_: .env.example lists those that there are.',
    ]);
  });

  it('is not told of where it only resembles the name', () => {
    expect(told({ GATEWAY_COLOUR: 'red', GATE_URL: 'a', GATEWRIGHT: 'a' })).toEqual([]);
  });
});

it('names of other programs are not told of', () => {
  const others = [
    'HOME',
    'PATH',
    'HOSTNAME',
    'SHELL',
    'LANG',
    'TZ',
    'PGHOST',
    'SMTP_HOST',
    'DATABASE_PORT',
    'NODE_OPTIONS',
    'NODE_PATH',
    'NODE_EXTRA_CA_CERTS',
    'PORTS',
    'HOSTS',
    'HOSTTYPE',
    'USERNAME',
    'PASSWORD',
    'DATABASE',
    'DATABASE_NAME',
    'DATABASE_HOST',
    'LOG_FORMAT',
    'LOG_FILE',
    'LOGNAME',
    'PUBLIC_DIR',
    'ACCESS_TOKEN',
    'REFRESH_TOKEN',
    'POSTGRES_PASSWORD',
    'npm_config_loglevel',
    'npm_lifecycle_event',
    'npm_package_version',
    'OLD_DATABASE_URL',
  ];
  const ofKubernetes = [
    'DATABASE_SERVICE_HOST',
    'DATABASE_PORT_5432_TCP',
    'GATEWRIGHT_PORT',
    'KUBERNETES_PORT',
    'KUBERNETES_SERVICE_HOST',
    'EXPLORER_PORT',
    'EXPLORER_SERVICE_PORT_HTTP',
    'EXPLORER_PORT_80_TCP_ADDR',
  ];
  expect(told(Object.fromEntries([...others, ...ofKubernetes].map((name) => [name, 'a'])))).toEqual([]);
});

describe('the configuration', () => {
  const misspelt = { DATABSE_URL: 'postgres://me:hunter2@db/app' };
  const sentence = 'DATABSE_URL is set, but nothing reads it. Did you mean DATABASE_URL?';

  it.each([
    ['of the server', loadConfig],
    ['of the tools', loadDatabaseConfig],
  ])('%s warns of it', (_whose, load) => {
    expect(load(misspelt).warnings).toEqual([sentence]);
    expect(load({}).warnings).toEqual([]);
  });

  it.each([
    ['of the server', loadConfig],
    ['of the tools', loadDatabaseConfig],
  ])('%s tells of it beside its faults, and quotes no value', (_whose, load) => {
    const refused = () =>
      load({ ...misspelt, NODE_ENV: 'production', JWT_SECRET: 'q8Zr1vXo4TkYw7Jm2LcPd9Hs5Gf3NbAeU6' });
    expect(refused).toThrow(ConfigError);
    expect(refused).toThrow(
      new RegExp(`\n  DATABASE_URL: is required in production\\. .*\n${sentence.replace('?', '\\?')}`),
    );
    expect(refused).not.toThrow(/hunter2/);
  });
});
