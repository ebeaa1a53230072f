/**
 * Keeps the migrations in step with the entities.
 *
 *   node tools/migration.ts create NAME   writes the migration that the entities ask for
 *   node tools/migration.ts check         fails if they ask for one
 */
import { sharedOptions } from '../mikro-orm.config.ts';
import { openDatabase } from '../src/database/connection.ts';

const [command, name] = process.argv.slice(2);
const database = await openDatabase({ kind: 'memory' }, sharedOptions);
try {
  await database.migrate();
  if (command === 'create') {
    const { fileName } = await database.orm.migrator.create(undefined, false, false, name);
    console.log(fileName ? `wrote ${fileName}: add it to src/database/migrations/index.ts` : 'nothing to do');
  } else if (command === 'check') {
    if (await database.orm.migrator.checkSchema()) {
      console.error('The entities ask for a migration: run `npm run db:create-migration -- NAME`.');
      process.exitCode = 1;
    } else {
      console.log('migrations are current');
    }
  } else {
    console.error('usage: node tools/migration.ts create NAME | check');
    process.exitCode = 2;
  }
} finally {
  await database.close();
}
