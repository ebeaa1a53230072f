/** Which database the environment names. The embedded one is never taken for granted in production. */

import { withEnvironment } from '../database/address/address.ts';
import { databaseUrlFault } from './addresses.ts';
import type { reader } from './reader.ts';

export type ConfiguredDatabase = { readonly kind: 'postgresql'; readonly url: string } | { readonly kind: 'embedded' };

type Keys = 'DATABASE_URL' | 'EMBEDDED_DATABASE';
type Environment = Parameters<typeof withEnvironment>[1];
type Reader = Pick<ReturnType<typeof reader<Keys>>, 'optional' | 'oneOf' | 'isSet' | 'isFaulty' | 'fault'>;

/** Faults are gathered by `read`. */
export function readDatabase(read: Reader, production: boolean, env: Environment): ConfiguredDatabase {
  const given = read.optional('DATABASE_URL', (text) => databaseUrlFault(withEnvironment(text, env)));
  const url = given && withEnvironment(given, env);
  const embedded = read.oneOf('EMBEDDED_DATABASE', ['yes', 'no'], production ? 'no' : 'yes');
  if (!read.isFaulty('EMBEDDED_DATABASE')) agree(read, embedded);
  return url ? { kind: 'postgresql', url } : { kind: 'embedded' };
}

function agree(read: Reader, embedded: 'yes' | 'no'): void {
  if (!read.isSet('DATABASE_URL')) {
    if (embedded === 'no') read.fault('DATABASE_URL', missing(read.isSet('EMBEDDED_DATABASE')));
  } else if (embedded === 'yes' && read.isSet('EMBEDDED_DATABASE')) {
    read.fault('EMBEDDED_DATABASE', 'is yes, and DATABASE_URL is set beside it. Write one of them.');
  }
}

function missing(isRefused: boolean): string {
  return (
    `is required ${isRefused ? 'with EMBEDDED_DATABASE=no' : 'in production'}. ` +
    'Write one such as postgres://user:password@host:5432/database, or EMBEDDED_DATABASE=yes ' +
    'to keep the data in DATA_DIR, for one process.'
  );
}
