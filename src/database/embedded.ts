/** PostgreSQL embedded in this process (PGlite). Loaded only where it is used: it takes time and memory. */
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import type { Options } from '@mikro-orm/core';
import { PgliteDriver } from '@mikro-orm/pglite';
import { createPostgreSqlTypeParsers } from '@mikro-orm/sql';
import * as array from 'postgres-array';
import type { EmbeddedLocation } from './connection.ts';

/** What a migration can create. A server has its own. */
const extensions = { pg_trgm };

type EmbeddedOptions = Pick<Options<PgliteDriver>, 'driver' | 'dbName' | 'driverOptions'>;

export function embeddedOptions(location: EmbeddedLocation): EmbeddedOptions {
  if (location.kind === 'embedded') {
    return { driver: PgliteDriver, dbName: join(location.dataDir, 'postgresql'), driverOptions: { extensions } };
  }
  const { snapshot } = location;
  return {
    driver: PgliteDriver,
    dbName: 'memory://',
    // As a function: settings are copied, and a copied Blob cannot be read.
    driverOptions: snapshot ? { pglite: () => loadSnapshot(snapshot) } : { extensions },
  };
}

function loadSnapshot(snapshot: Blob): Promise<PGlite> {
  const parsers = createPostgreSqlTypeParsers((text) => array.parse(text));
  return PGlite.create({ loadDataDir: snapshot, extensions, parsers });
}
