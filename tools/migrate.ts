/**
 * Brings the database up to date: the one that DATABASE_URL names, or the embedded one in DATA_DIR.
 *
 *   npm run db:migrate
 */
import { type OpenedDatabase, openConfigured, shortly } from './database.ts';

let opened: OpenedDatabase | null = null;
try {
  opened = await openConfigured();
  const { database, name } = opened;
  const pending = (await database.orm.migrator.getPending()).map((migration) => migration.name);
  await database.migrate();
  console.log(pending.length === 0 ? `${name} is up to date` : `${name}: ran ${pending.join(', ')}`);
} catch (error) {
  console.error(`db:migrate: ${shortly(error)}`);
  process.exitCode = 1;
} finally {
  await opened?.database.close();
}
