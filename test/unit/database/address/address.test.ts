import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions, PeerCertificate } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAddress, withEnvironment } from '../../../../src/database/address/address.ts';
import { AddressError } from '../../../../src/database/address/tls.ts';

const base = 'postgres://ada:secret@db.example.com/gatewright';
const file = join(tmpdir(), `gatewright-address-${process.pid}.pem`);
writeFileSync(file, 'PEM');
afterAll(() => rmSync(file));

function clientOf(parameters: string) {
  return parseAddress(`${base}?${parameters}`).client;
}

function tlsOf(parameters: string): ConnectionOptions {
  const { ssl } = clientOf(parameters);
  if (typeof ssl !== 'object') throw new Error('There is no TLS.');
  return ssl;
}

describe('an address of a database', () => {
  it('says host, port, database, user and password', () => {
    const { client, name } = parseAddress('postgresql://a%40b:p%2Fw%20+@db.example.com:6432/the%20name');
    expect(client).toMatchObject({ host: 'db.example.com', port: 6432, database: 'the name', user: 'a@b' });
    expect(client.password).toBe('p/w +');
    expect(name).toBe('db.example.com:6432/the name');
  });

  it('may have an IPv6 host, or a socket', () => {
    const { client, name } = parseAddress('postgres://postgres@[::1]:5447/gatewright');
    expect(client).toMatchObject({ host: '::1', port: 5447 });
    expect(name).toBe('[::1]:5447/gatewright');
    for (const socket of ['postgres://%2Frun%2Fpostgresql/gatewright', 'postgres:///gatewright?host=/run/postgresql']) {
      expect(parseAddress(`${socket}${socket.includes('?') ? '&' : '?'}sslmode=require`).client).toMatchObject({
        host: '/run/postgresql',
        ssl: false,
      });
    }
  });

  it.each([
    ['host=other&port=1', { host: 'other', port: 1 }],
    ['dbname=other&user=bob&password=p%26w', { database: 'other', user: 'bob', password: 'p&w' }],
    ['application_name=ours', { application_name: 'ours' }],
    ['connect_timeout=7', { connectionTimeoutMillis: 7000 }],
    ['options=-c%20search_path%3Dapp+b', { options: '-c search_path=app+b' }],
    ['keepalives=0', { keepAlive: false }],
    ['keepalives_idle=30', { keepAliveInitialDelayMillis: 30_000 }],
    ['channel_binding=prefer', { enableChannelBinding: true }],
    ['client_encoding=UTF8&gssencmode=prefer&sslsni=1&load_balance_hosts=disable', { ssl: false }],
    ['sslmode=require&sslnegotiation=direct', { sslnegotiation: 'direct' }],
  ])('may say %s', (parameters, expected) => expect(clientOf(parameters)).toMatchObject(expected));

  it('may end where its parameters could begin', () => {
    const client = parseAddress(base).client;
    for (const text of [`${base}?`, `${base}?&`]) {
      expect(JSON.stringify(parseAddress(text).client)).toBe(JSON.stringify(client));
      const { application_name } = parseAddress(withEnvironment(text, { PGAPPNAME: 'ours' })).client;
      expect(application_name).toBe('ours');
    }
  });

  it('may say a port from 1 to 65535', () => {
    for (const port of [1, 65_535]) {
      expect(parseAddress(`postgres://db.example.com:${port}/gatewright`).client.port).toBe(port);
      expect(clientOf(`port=${port}`).port).toBe(port);
    }
  });

  it('may ask for sessions that take writes', () => {
    expect(parseAddress(`${base}?target_session_attrs=read-write`).needsWrites).toBe(true);
    expect(parseAddress(`${base}?target_session_attrs=any`).needsWrites).toBe(false);
  });

  it.each([
    ['hostaddr=10.0.0.1', 'hostaddr'],
    ['sslMode=require', 'sslMode'],
    ['schema=app', 'schema'],
    ['__proto__=x', '__proto__'],
    ['requirepeer=postgres', 'requirepeer'],
    ['sslmode=prefer', 'sslmode'],
    ['sslmode=VERIFY-FULL', 'sslmode'],
    ['target_session_attrs=standby', 'target_session_attrs'],
    ['channel_binding=require', 'channel_binding'],
    ['client_encoding=LATIN1', 'client_encoding'],
    ['connect_timeout=soon', 'connect_timeout'],
    ['port=0x10', 'port'],
    ['port=0', 'port'],
    ['port=65536', 'port'],
    ['application_name', 'application_name'],
    ['application_name=a%00b', '%00'],
    ['application%00_name=a', '%00'],
    ['application_name=a%', '%25'],
    ['sslmode=require&ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2', 'ssl_max_protocol_version'],
    ['sslmode=require&ssl_max_protocol_version=TLSv1.1', 'ssl_max_protocol_version'],
    ['sslmode=verify-full&ssl_min_protocol_version=TLSv9', 'ssl_min_protocol_version'],
    ['sslmode=verify-ca', 'sslrootcert'],
    ['sslmode=require&sslrootcert=system', 'sslrootcert'],
    [`sslrootcert=${file}`, 'sslmode'],
    [`sslmode=require&sslcert=${file}`, 'sslkey'],
    ['sslmode=verify-full&sslrootcert=/nowhere/root.crt', 'sslrootcert'],
    ['sslnegotiation=direct', 'sslnegotiation'],
  ])('is refused for %s, by the name of what is wrong', (parameters, name) => {
    expect(() => clientOf(parameters)).toThrow(AddressError);
    expect(() => clientOf(parameters)).toThrow(name);
    expect(() => clientOf(parameters)).not.toThrow('secret');
  });

  it.each([
    'mysql://localhost/gatewright',
    'localhost:5432/gatewright',
    'postgres://db.example.com',
    'postgres://ada:se#cret@db.example.com/gatewright',
    'postgres://one,two/gatewright',
    'postgres://ada:100%@db.example.com/gatewright',
    'postgres:ada@db.example.com/gatewright',
    'postgres:/gatewright',
    'postgresql:gatewright',
    'postgres://db.example.com:0/gatewright',
    'postgres://a%00da@db.example.com/gatewright',
    'postgres://ada:sec%00ret@db.example.com/gatewright',
    'postgres://db.example%00.com/gatewright',
    'postgres://db.example.com/gate%00wright',
    'postgres://db.example.com/gatewright#',
    'postgres://ada:sec\tret@db.example.com/gatewright',
    'postgres://ada:secret@db.example.com/gate\nwright',
    '',
  ])('is refused: %j', (text) => {
    expect(() => parseAddress(text)).toThrow(AddressError);
    expect(() => parseAddress(text)).not.toThrow(/sec/);
  });
});

describe('TLS', () => {
  const certificate = { subject: { CN: 'other' }, subjectaltname: 'DNS:other' } as unknown as PeerCertificate;

  it('is off where nothing asks for it', () => {
    expect(parseAddress(base).client.ssl).toBe(false);
    expect(clientOf('sslmode=disable').ssl).toBe(false);
  });

  it('verifies nothing with sslmode=require, and the authority where there is a root', () => {
    expect(tlsOf('sslmode=require').rejectUnauthorized).toBe(false);
    const { rejectUnauthorized, ca, checkServerIdentity } = tlsOf(`sslmode=require&sslrootcert=${file}`);
    expect([rejectUnauthorized, ca, checkServerIdentity?.('', certificate)]).toEqual([true, 'PEM', undefined]);
  });

  it('verifies the authority alone with sslmode=verify-ca', () => {
    const { rejectUnauthorized, ca, checkServerIdentity } = tlsOf(`sslmode=verify-ca&sslrootcert=${file}`);
    expect([rejectUnauthorized, ca, checkServerIdentity?.('', certificate)]).toEqual([true, 'PEM', undefined]);
  });

  it.each(['sslmode=verify-full', 'sslrootcert=system'])('verifies the host as well with %s', (parameters) => {
    const { rejectUnauthorized, ca, checkServerIdentity } = tlsOf(parameters);
    expect([rejectUnauthorized, ca]).toEqual([true, undefined]);
    expect(checkServerIdentity?.('other', certificate)).toBeInstanceOf(Error);
    expect(checkServerIdentity?.('other', { ...certificate, subjectaltname: 'DNS:db.example.com' })).toBeUndefined();
  });

  it('looks for an address in numbers in the certificate', () => {
    const { ssl } = parseAddress('postgres://[::1]/gatewright?sslmode=verify-full').client;
    const check = (ssl as ConnectionOptions).checkServerIdentity;
    const of = (subjectaltname: string) => check?.('localhost', { ...certificate, subjectaltname });
    expect(of('DNS:localhost')).toBeInstanceOf(Error);
    expect(of('IP Address:0:0:0:0:0:0:0:1')).toBeUndefined();
  });

  it('shows a certificate of its own, and heeds what is revoked and which versions are good', () => {
    const files = `sslcert=${file}&sslkey=${file}&sslpassword=x&sslcrl=${file}`;
    expect(tlsOf(`sslmode=verify-full&${files}&ssl_min_protocol_version=TLSv1.3`)).toMatchObject({
      ...{ cert: 'PEM', key: 'PEM', passphrase: 'x', crl: 'PEM', minVersion: 'TLSv1.3' },
    });
    for (const [min, max] of ['TLSv1.1', 'TLSv1.2'].map((version) => [version, version])) {
      expect(tlsOf(`sslmode=require&ssl_min_protocol_version=${min}&ssl_max_protocol_version=${max}`)).toMatchObject({
        minVersion: min,
        maxVersion: max,
      });
    }
  });
});

describe('the environment of libpq', () => {
  it('says what the address leaves out, and nothing else', () => {
    const env = { PGHOST: 'elsewhere', PGUSER: 'bob', PGPASSWORD: 'p&w', PGSSLMODE: 'require', PGAPPNAME: 'ours' };
    expect(parseAddress(withEnvironment(base, env)).client).toMatchObject({
      ...{ host: 'db.example.com', user: 'ada', password: 'secret', application_name: 'ours' },
      ssl: { rejectUnauthorized: false },
    });
    expect(parseAddress(withEnvironment('postgres:///gatewright?sslmode=disable', env)).client).toMatchObject({
      ...{ host: 'elsewhere', user: 'bob', password: 'p&w', ssl: false },
    });
    expect(withEnvironment(base, { HOME: '/root', PGHOST: '' })).toBe(base);
  });

  // PostgreSQL 18, libpq, "Environment Variables".
  it.each([
    ...['PGHOST', 'PGSSLNEGOTIATION', 'PGHOSTADDR', 'PGPORT', 'PGDATABASE', 'PGUSER', 'PGPASSWORD', 'PGREQUIREAUTH'],
    ...['PGCHANNELBINDING', 'PGSERVICE', 'PGSERVICEFILE', 'PGOPTIONS', 'PGAPPNAME', 'PGSSLMODE', 'PGREQUIRESSL'],
    ...['PGSSLCOMPRESSION', 'PGSSLCERT', 'PGSSLKEY', 'PGSSLCERTMODE', 'PGSSLROOTCERT', 'PGSSLCRL', 'PGSSLCRLDIR'],
    ...['PGSSLSNI', 'PGREQUIREPEER', 'PGSSLMINPROTOCOLVERSION', 'PGSSLMAXPROTOCOLVERSION', 'PGGSSENCMODE'],
    ...['PGKRBSRVNAME', 'PGGSSLIB', 'PGGSSDELEGATION', 'PGCONNECT_TIMEOUT', 'PGCLIENTENCODING'],
    ...['PGTARGETSESSIONATTRS', 'PGLOADBALANCEHOSTS', 'PGMINPROTOCOLVERSION', 'PGMAXPROTOCOLVERSION'],
    ...['PGDATESTYLE', 'PGTZ', 'PGGEQO', 'PGSSLKEYLOGFILE'],
  ])('is not passed over: %s', (name) => {
    const bare = 'postgres:///';
    expect(withEnvironment(bare, { [name]: 'x' })).toMatch(/^postgres:\/\/\/\?[a-z_]+=x$/);
    expect(withEnvironment(bare, { [name.toLowerCase()]: 'x', [name]: '' })).toBe(bare);
  });

  it.each([
    ...[{ PGSSLMODE: 'prefer' }, { PGSERVICE: 'ours' }, { PGSERVICEFILE: '/x' }, { PGHOSTADDR: '10.0.0.1' }],
    ...[{ PGKRBSRVNAME: 'postgres' }, { PGTZ: 'Europe/Paris' }, { PGDATESTYLE: 'German' }, { PGGEQO: 'off' }],
    ...[{ PGSSLKEYLOGFILE: '/x' }, { PGCLIENTENCODING: 'LATIN1' }],
    ...[{ PGMINPROTOCOLVERSION: '3.2' }, { PGMAXPROTOCOLVERSION: '2.0' }],
  ])('is refused alike: %o', (env) => {
    expect(() => parseAddress(withEnvironment(base, env))).toThrow(`${Object.keys(env)[0]} in the environment`);
  });

  it.each([
    ...[{ PGCLIENTENCODING: 'UTF8' }, { PGMINPROTOCOLVERSION: '3.0' }, { PGMAXPROTOCOLVERSION: 'latest' }],
    ...[{ PGMAXPROTOCOLVERSION: '3.2' }, { PGSYSCONFDIR: '/x' }, { PGLOCALEDIR: '/x' }],
  ])('changes nothing: %o', (env) => {
    const changed = parseAddress(withEnvironment(base, env)).client;
    expect(JSON.stringify(changed)).toBe(JSON.stringify(parseAddress(base).client));
  });
});

it('a channel that must be bound is refused, by what to write', () => {
  for (const refused of [
    () => clientOf('channel_binding=require'),
    () => parseAddress(withEnvironment(base, { PGCHANNELBINDING: 'require' })),
  ]) {
    expect(refused).toThrow(/whose value require is not supported: .+ Write prefer, and sslmode=verify-full/);
  }
  expect(() => clientOf('channel_binding=always')).toThrow('honoured as disable or prefer alone');
  expect(clientOf('channel_binding=disable').enableChannelBinding).toBe(false);
});
