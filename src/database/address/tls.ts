/**
 * How the driver encrypts, by libpq's parameters. Nothing falls back to plain text. Source: PostgreSQL, libpq, "SSL
 * Support".
 */
import { readFileSync } from 'node:fs';
import { type ConnectionOptions, checkServerIdentity, type SecureVersion } from 'node:tls';

/** The address of a database cannot be used. The message continues the name of its variable. */
export class AddressError extends Error {}

export type TlsParameters = { [Name in TlsName]?: string };

type TlsName =
  | `ssl${'mode' | 'rootcert' | 'cert' | 'key' | 'password' | 'crl'}`
  | `ssl_${'min' | 'max'}_protocol_version`;

interface TlsParameter {
  env?: string;
  /** @throws Error whose message continues the name. */
  check(value: string): string;
}

const modes = ['disable', 'require', 'verify-ca', 'verify-full'];
const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

export const tlsParameters: Readonly<Record<TlsName, TlsParameter>> = {
  sslmode: {
    env: 'PGSSLMODE',
    check: (mode) => {
      if (modes.includes(mode)) return mode;
      const reason = ['allow', 'prefer'].includes(mode)
        ? 'may end in plain text without a word'
        : 'libpq does not know';
      throw new Error(`whose value ${reason}. Write ${modes.join(', ')}.`);
    },
  },
  sslrootcert: { env: 'PGSSLROOTCERT', check: (file) => file },
  sslcert: { env: 'PGSSLCERT', check: (file) => file },
  sslkey: { env: 'PGSSLKEY', check: (file) => file },
  sslpassword: { check: (text) => text },
  sslcrl: { env: 'PGSSLCRL', check: (file) => file },
  ssl_min_protocol_version: { env: 'PGSSLMINPROTOCOLVERSION', check: version },
  ssl_max_protocol_version: { env: 'PGSSLMAXPROTOCOLVERSION', check: version },
};

/** @throws AddressError for parameters that contradict each other, and for a file that cannot be read. */
export function tlsOptions(host: string, given: TlsParameters): ConnectionOptions | false {
  const { sslrootcert, sslcert, sslkey, sslpassword, sslcrl } = given;
  const isSystem = sslrootcert === 'system';
  const mode = given.sslmode ?? (isSystem ? 'verify-full' : undefined);
  if (mode === 'disable') return false;
  if (mode === undefined) {
    const [name] = Object.keys(given);
    if (name) throw new AddressError(`has the parameter ${name}, but no sslmode. Write sslmode=verify-full as well.`);
    return false;
  }
  if (isSystem && mode !== 'verify-full') {
    throw new AddressError(`has sslrootcert=system with sslmode=${mode}. Write sslmode=verify-full.`);
  }
  if (mode === 'verify-ca' && !sslrootcert) {
    throw new AddressError('has sslmode=verify-ca without sslrootcert. Write the file of the authority to trust.');
  }
  if (Boolean(sslcert) !== Boolean(sslkey)) {
    throw new AddressError('has one of sslcert and sslkey. Write both, or neither.');
  }
  const { ssl_min_protocol_version: min = 'TLSv1.2', ssl_max_protocol_version: max } = given;
  if (max !== undefined && versions.indexOf(min) > versions.indexOf(max)) {
    throw new AddressError(
      `has ssl_max_protocol_version=${max} below ssl_min_protocol_version, which is ${min}. Write a range.`,
    );
  }
  return {
    ...(sslrootcert && !isSystem && { ca: contentOf('sslrootcert', sslrootcert) }),
    ...(sslcert && { cert: contentOf('sslcert', sslcert) }),
    ...(sslkey && { key: contentOf('sslkey', sslkey) }),
    ...(sslpassword && { passphrase: sslpassword }),
    ...(sslcrl && { crl: contentOf('sslcrl', sslcrl) }),
    minVersion: min as SecureVersion,
    ...(max && { maxVersion: max as SecureVersion }),
    // In libpq, `require` verifies the certificate if there is a root to verify it by.
    rejectUnauthorized: mode !== 'require' || Boolean(sslrootcert),
    // For a numeric address the driver names no host, and Node would look for `localhost` in the certificate.
    checkServerIdentity: (_, certificate) =>
      mode === 'verify-full' ? checkServerIdentity(host, certificate) : undefined,
  };
}

function version(value: string): string {
  if (versions.includes(value)) return value;
  throw new Error(`whose value is none of ${versions.join(', ')}. Write one of them.`);
}

function contentOf(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new AddressError(`has the parameter ${name}, whose file cannot be read (${code}). Write the path of one.`);
  }
}
