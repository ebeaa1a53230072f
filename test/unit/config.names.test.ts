import { describe, expect, it } from 'vitest';
import { misspeltNames } from '../../src/config.names.ts';
import { ConfigError, configKeys, loadConfig, loadDatabaseConfig } from '../../src/config.ts';

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
  ])('is told of, with the name that may be meant: %s', (name, meant) => {
    expect(told({ [name]: 'hunter2' })).toEqual([`${name} is set, but nothing reads it. Did you mean ${meant}?`]);
  });

  it('is not told of where that one is set: another program may read it', () => {
    expect(told({ DATABASE_URLS: 'a', DATABASE_URL: 'b' })).toEqual([]);
  });

  it('is not told of where it is empty, which counts as unset', () => {
    expect(told({ DATABSE_URL: ' ' })).toEqual([]);
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
  ];
  const ofKubernetes = ['DATABASE_SERVICE_HOST', 'DATABASE_PORT_5432_TCP', 'GATEWRIGHT_PORT', 'KUBERNETES_PORT'];
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
