/** MikroORM's settings, for the server and for MikroORM's own command line. */
import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, type Options } from '@mikro-orm/postgresql';
import { AuditEvent } from './src/audit/audit-event.entity.ts';
import { SigningKey } from './src/authentication/keys/signing-key.entity.ts';
import { RefreshToken, Session } from './src/authentication/sessions/session.entity.ts';
import { RateLimit } from './src/authentication/throttling/rate-limit.entity.ts';
import { withEnvironment } from './src/database/address/address.ts';
import { serverOf } from './src/database/address/server.ts';
import { migrations } from './src/database/migrations/index.ts';
import { Installation } from './src/server/bootstrap/installation.entity.ts';
import { Task } from './src/tasks/task.entity.ts';
import { User } from './src/users/user.entity.ts';

/** Every entity there is. A new noun adds its line here. */
export const entities = [User, Session, RefreshToken, SigningKey, RateLimit, Task, AuditEvent, Installation];

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
