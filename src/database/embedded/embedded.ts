/** PostgreSQL embedded in this process (PGlite). It takes time and memory to load, so it is loaded only on use. */
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import type { Options } from '@mikro-orm/core';
import { PgliteDriver } from '@mikro-orm/pglite';
import { createPostgreSqlTypeParsers } from '@mikro-orm/sql';
import * as array from 'postgres-array';
import type { EmbeddedLocation } from '../database.ts';
import { reserve, roomOf } from './disk-room.ts';
import { renewing } from './renewal.ts';

/** The extensions that a migration can create. A server has its own. */
const extensions = { pg_trgm };

type EmbeddedOptions = Pick<Options<PgliteDriver>, 'driver' | 'dbName' | 'driverOptions'>;

export function embeddedOptions(location: EmbeddedLocation): EmbeddedOptions {
  if (location.kind === 'embedded') {
    const dataDir = join(location.dataDir, 'postgresql');
    const open = () => PGlite.create({ dataDir, extensions, parsers: parsers() });
    // The start of PGlite writes a little, and may need a segment of the log.
    const mayRenew = async () => (await roomOf(location.dataDir)) >= reserve / 2;
    return { driver: PgliteDriver, dbName: dataDir, driverOptions: { pglite: () => renewing(open, mayRenew) } };
  }
  const { snapshot } = location;
  return {
    driver: PgliteDriver,
    dbName: 'memory://',
    // This is a function, because settings are copied, and a copied Blob cannot be read.
    driverOptions: snapshot ? { pglite: () => loadSnapshot(snapshot) } : { extensions },
  };
}

function loadSnapshot(snapshot: Blob): Promise<PGlite> {
  return PGlite.create({ loadDataDir: snapshot, extensions, parsers: parsers() });
}

function parsers(): ReturnType<typeof createPostgreSqlTypeParsers> {
  return createPostgreSqlTypeParsers((text) => array.parse(text));
}
