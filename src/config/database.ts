/** Which database the environment names. In production the embedded one must be named. */

import { withEnvironment } from '../database/address/address.ts';
import { databaseUrlFault } from './addresses.ts';
import type { Environment, Reading } from './read.ts';
import type { table } from './table.ts';

export type ConfiguredDatabase = { readonly kind: 'postgresql'; readonly url: string } | { readonly kind: 'embedded' };

type Read = Pick<Reading<Pick<typeof table, 'database'>>, 'values' | 'isSet' | 'isFaulty' | 'report'>;

/** Reports faults to `read`. */
export function readDatabase(read: Read, env: Environment): ConfiguredDatabase {
  const { url, embedded } = read.values.database;
  const fault = url && databaseUrlFault(url, env);
  if (fault) read.report('DATABASE_URL', fault);
  if (!read.isFaulty('EMBEDDED_DATABASE')) agree(read, embedded);
  if (!url) return { kind: 'embedded' };
  return { kind: 'postgresql', url: fault ? url : withEnvironment(url, env) };
}

function agree(read: Read, embedded: boolean): void {
  if (!read.isSet('DATABASE_URL')) {
    if (!embedded) read.report('DATABASE_URL', missing(read.isSet('EMBEDDED_DATABASE')));
  } else if (embedded && read.isSet('EMBEDDED_DATABASE')) {
    read.report('EMBEDDED_DATABASE', 'is yes, and DATABASE_URL is set beside it. Write one of them.');
  }
}

function missing(isRefused: boolean): string {
  return (
    `is required ${isRefused ? 'with EMBEDDED_DATABASE=no' : 'in production'}. ` +
    'Write one such as postgres://user:password@host:5432/database, or EMBEDDED_DATABASE=yes ' +
    'to keep the data in DATA_DIR, for one process.'
  );
}
