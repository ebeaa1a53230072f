/**
 * Turns DATABASE_URL into options of the driver. Every parameter of libpq is honoured, or refused by its name; none is
 * ignored. Source: PostgreSQL, libpq, "Connection URIs", "Parameter Key Words", "Environment Variables".
 */
import type { ClientConfig } from 'pg';
import { AddressError, type TlsParameters, tlsOptions, tlsParameters } from './tls.ts';

export interface ServerAddress {
  readonly client: ClientConfig & { readonly host: string; readonly port: number; readonly database: string };
  /** `target_session_attrs=read-write`: a session that takes no writes is refused. */
  readonly needsWrites: boolean;
  /** Names the database for people, without user and password. */
  readonly name: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

interface Draft extends ClientConfig {
  needsWrites?: boolean;
  tls: TlsParameters;
}

interface Parameter {
  /** The variable that libpq reads if the address lacks the parameter. */
  env?: string;
  read(value: string): Omit<Partial<Draft>, 'tls'>;
}

/** Accepts those of libpq's values that change nothing here. */
function only(...values: string[]): Parameter['read'] {
  return (value) => {
    oneOf(value, values);
    return {};
  };
}

const parameters: Readonly<Record<string, Parameter>> = {
  host: { env: 'PGHOST', read: (host) => ({ host }) },
  port: { env: 'PGPORT', read: (port) => ({ port: whole(port, 65_535, 1) }) },
  dbname: { env: 'PGDATABASE', read: (database) => ({ database }) },
  user: { env: 'PGUSER', read: (user) => ({ user }) },
  password: { env: 'PGPASSWORD', read: (password) => ({ password }) },
  options: { env: 'PGOPTIONS', read: (options) => ({ options }) },
  application_name: { env: 'PGAPPNAME', read: (name) => ({ application_name: name }) },
  fallback_application_name: { read: (name) => ({ fallback_application_name: name }) },
  connect_timeout: {
    env: 'PGCONNECT_TIMEOUT',
    read: (seconds) => ({ connectionTimeoutMillis: whole(seconds, 86_400) * 1000 }),
  },
  keepalives: { read: (value) => ({ keepAlive: oneOf(value, ['0', '1']) === '1' }) },
  keepalives_idle: { read: (seconds) => ({ keepAliveInitialDelayMillis: whole(seconds, 86_400) * 1000 }) },
  sslnegotiation: {
    env: 'PGSSLNEGOTIATION',
    read: (value) => ({ sslnegotiation: oneOf(value, ['postgres', 'direct']) }),
  },
  channel_binding: {
    env: 'PGCHANNELBINDING',
    read: (value) => {
      if (value === 'require') {
        throw new Error(
          'whose value require is not supported: the driver goes on where the server offers no channel binding. ' +
            'Write prefer, and sslmode=verify-full to be sure of the server.',
        );
      }
      return { enableChannelBinding: oneOf(value, ['disable', 'prefer']) === 'prefer' };
    },
  },
  target_session_attrs: {
    env: 'PGTARGETSESSIONATTRS',
    read: (value) => ({ needsWrites: oneOf(value, ['any', 'read-write']) === 'read-write' }),
  },
  client_encoding: {
    env: 'PGCLIENTENCODING',
    read: (value) => only('utf8', 'utf-8', 'auto')(value.toLowerCase()),
  },
  // The driver speaks 3.0.
  min_protocol_version: { env: 'PGMINPROTOCOLVERSION', read: only('3.0') },
  max_protocol_version: { env: 'PGMAXPROTOCOLVERSION', read: only('3.0', '3.2', 'latest') },
  gssencmode: { env: 'PGGSSENCMODE', read: only('disable', 'prefer') },
  load_balance_hosts: { env: 'PGLOADBALANCEHOSTS', read: only('disable') },
  sslcompression: { env: 'PGSSLCOMPRESSION', read: only('0') },
  sslsni: { env: 'PGSSLSNI', read: only('1') },
};

/**
 * The variables that libpq reads if the address lacks a parameter, honoured or refused. The driver itself reads
 * PGPASSFILE. PGSYSCONFDIR and PGLOCALEDIR tell libpq where files are that nothing here reads.
 */
const variables: ReadonlyMap<string, string> = new Map([
  ...Object.entries({ ...parameters, ...tlsParameters }).flatMap(([name, { env }]): [string, string][] =>
    env ? [[name, env]] : [],
  ),
  ...([
    ['hostaddr', 'PGHOSTADDR'],
    ['service', 'PGSERVICE'],
    ['servicefile', 'PGSERVICEFILE'],
    ['require_auth', 'PGREQUIREAUTH'],
    ['requiressl', 'PGREQUIRESSL'],
    ['requirepeer', 'PGREQUIREPEER'],
    ['sslcrldir', 'PGSSLCRLDIR'],
    ['sslcertmode', 'PGSSLCERTMODE'],
    ['sslkeylogfile', 'PGSSLKEYLOGFILE'],
    ['krbsrvname', 'PGKRBSRVNAME'],
    ['gsslib', 'PGGSSLIB'],
    ['gssdelegation', 'PGGSSDELEGATION'],
    // These are settings of each session, and not parameters.
    ['datestyle', 'PGDATESTYLE'],
    ['timezone', 'PGTZ'],
    ['geqo', 'PGGEQO'],
  ] as const),
]);

/** @throws AddressError. Its message continues `DATABASE_URL`, and quotes no secret. */
export function parseAddress(text: string): ServerAddress {
  const { database, ...draft } = { port: 5432, host: 'localhost', keepAlive: true, ...readUrl(text) };
  const { needsWrites = false, tls, ...client } = draft;
  if (!database)
    throw new AddressError('names no database. Write one such as postgres://user:password@host:5432/name.');
  if (client.host.includes(',')) {
    throw new AddressError('names several hosts. Write one, such as that of a proxy which knows the others.');
  }
  client.fallback_application_name ??= 'gatewright';
  const isSocket = client.host.startsWith('/');
  // libpq: sslmode is ignored for Unix domain sockets.
  client.ssl = isSocket ? false : tlsOptions(client.host, tls);
  if (client.sslnegotiation === 'direct' && !client.ssl) {
    throw new AddressError('has sslnegotiation=direct without TLS. Write sslmode=verify-full as well.');
  }
  const host = client.host.includes(':') ? `[${client.host}]` : client.host;
  return { client: { ...client, database }, needsWrites, name: `${host}:${client.port}/${database}` };
}

/** The address, completed from the environment as libpq does it. @throws AddressError */
export function withEnvironment(text: string, env: Environment): string {
  const given = new Set(partsOf(text).map(([name]) => name));
  const added = [...variables].flatMap(([name, variable]) =>
    env[variable] && !given.has(name) ? [`${name}=${encodeURIComponent(env[variable])}`] : [],
  );
  if (added.length === 0) return text;
  return `${text}${text.includes('?') ? '&' : '?'}${added.join('&')}`;
}

function readUrl(text: string): Draft {
  const draft: Draft = { tls: {} };
  for (const [name, value] of partsOf(text)) take(draft, name, value);
  return draft;
}

/** The parts of the URI under the names of their parameters, and then the parameters of the URI. */
function partsOf(text: string): [name: string, value: string][] {
  // The URL parser would drop control characters.
  if (/\p{Cc}/u.test(text)) {
    throw new AddressError(
      'has a tab, a line end or another control character. Write a tab as %09, a line end as %0A.',
    );
  }
  if (!/^postgres(ql)?:\/\/[^#]*$/i.test(text) || !URL.canParse(text)) {
    throw new AddressError(
      'is not the address of a PostgreSQL server. Write one such as postgres://user:password@host:5432/database ' +
        '(# as %23, / in a password as %2F).',
    );
  }
  const { hostname, port, username, password, pathname, search } = new URL(text);
  const parts = {
    host: hostname.replace(/^\[(.+)\]$/, '$1'),
    port,
    user: username,
    password,
    dbname: pathname.slice(1),
  };
  const written = Object.entries(parts).filter(([, value]) => value !== '');
  return [...written.map(([name, value]): [string, string] => [name, decoded(value)]), ...queryOf(search)];
}

function take(draft: Draft, name: string, value: string): void {
  // Names such as `toString`, which every object has, are no parameters.
  const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  const tls = Object.hasOwn(tlsParameters, name) ? tlsParameters[name as keyof TlsParameters] : undefined;
  if (!parameter && !tls) {
    const known = [...Object.keys(parameters), ...Object.keys(tlsParameters)].sort().join(', ');
    throw new AddressError(`has ${inFull(name)}, which is not honoured. Take it out. Honoured are ${known}.`);
  }
  try {
    if (tls) draft.tls[name as keyof TlsParameters] = tls.check(value);
    else if (parameter) Object.assign(draft, parameter.read(value));
  } catch (error) {
    throw new AddressError(`has ${inFull(name)}, ${(error as Error).message}`);
  }
}

/** Names a parameter with its variable, because the environment may be where it is set. */
function inFull(name: string): string {
  const variable = variables.get(name);
  return `the parameter ${name}${variable ? ` (${variable} in the environment)` : ''}`;
}

/** This does not use URLSearchParams, which reads a plus as a space. libpq does not. */
function queryOf(search: string): [name: string, value: string][] {
  const pairs = search.slice(1).split('&');
  return pairs
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=');
      if (value.length === 0)
        throw new AddressError(`has ${inFull(decoded(name))} without a value. Write one after =.`);
      return [decoded(name), decoded(value.join('='))];
    });
}

function decoded(text: string): string {
  if (text.includes('%00')) throw new AddressError('has %00, which PostgreSQL cannot take. Leave it out.');
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AddressError('has a % that begins no character. Write it as %25.');
  }
}

function whole(text: string, max: number, min = 0): number {
  if (/^\d{1,6}$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
  throw new Error(`whose value is no whole number from ${min} to ${max}. Write one.`);
}

function oneOf<const Value extends string>(text: string, values: readonly Value[]): Value {
  const value = values.find((candidate) => candidate === text);
  if (value === undefined) throw new Error(`which is honoured as ${values.join(' or ')} alone. Write that.`);
  return value;
}
