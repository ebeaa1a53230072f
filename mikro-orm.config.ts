/** MikroORM's settings, for the server and for MikroORM's own command line. */
import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, type Options } from '@mikro-orm/postgresql';
import { nouns } from './src/api/nouns.ts';
import { withEnvironment } from './src/database/address/address.ts';
import { serverOf } from './src/database/address/server.ts';
import { migrations } from './src/database/migrations/index.ts';
import { Installation } from './src/server/bootstrap/installation.entity.ts';

/** Every entity there is: those of the nouns, and the server's own. */
export const entities = [...nouns.flatMap((noun) => noun.entities), Installation];

/** What both databases share. */
export const sharedOptions = {
  entities,
  extensions: [Migrator],
  forceUtcTimezone: true,
  discovery: { checkDuplicateTableNames: true },
  migrations: {
    path: 'src/database/migrations',
    migrationsList: migrations,
    snapshot: false,
    transactional: true,
  },
} satisfies Options;

const url = process.env.DATABASE_URL || 'postgres://postgres@127.0.0.1:5432/gatewright';

export default defineConfig({
  ...sharedOptions,
  clientUrl: url,
  // A function: the server imports this file as well, and tells of a bad address by itself.
  driverOptions: () => serverOf({ url: withEnvironment(url, process.env) }).options.driverOptions,
});
