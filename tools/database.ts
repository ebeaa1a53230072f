/** The database that the tools use: the one in DATABASE_URL, or the embedded one in DATA_DIR. */
import { existsSync } from 'node:fs';
import { sharedOptions } from '../mikro-orm.config.ts';
import { ConfigError, type DatabaseConfig, loadDatabaseConfig } from '../src/config/config.ts';
import { parseAddress } from '../src/database/address/address.ts';
import { openDatabase } from '../src/database/connection.ts';
import type { Database } from '../src/database/database.ts';

export interface OpenedDatabase {
  database: Database;
  /** A name for messages, without the password. */
  name: string;
  /** Identifies the database: `HOST:PORT/DATABASE`, or DATA_DIR. */
  key: string;
  /** Whether NODE_ENV says so. */
  production: boolean;
}

/**
 * Reads .env and chooses the database as the server does. Warns on standard error of misspelt variables.
 *
 * @throws Error for faults of the configuration, DataDirectoryLockedError, or the driver's error if the server cannot
 * be reached.
 */
export async function openConfigured(): Promise<OpenedDatabase> {
  readEnvironmentFile();
  const { production, database: location, dataDir, warnings } = configured();
  for (const warning of warnings) console.error(warning);
  const options = { ...sharedOptions, logger: () => {} };
  if (location.kind === 'postgresql') {
    const database = await openDatabase(location, options);
    const { client, name: key } = parseAddress(location.url);
    const name = `PostgreSQL database ${client.database} on ${client.host}:${client.port}`;
    return { database, name, key, production };
  }
  const database = await openDatabase({ kind: 'embedded', dataDir }, options);
  return { database, name: `embedded database in ${dataDir}`, key: dataDir, production };
}

/** Reports all faults in one line. */
function configured(): DatabaseConfig {
  try {
    return loadDatabaseConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const warning of error.warnings) console.error(warning);
    throw new Error(error.faults.map(({ key, fault }) => `${key} ${fault}`).join(' '));
  }
}

/** @throws Error if the database lacks migrations. */
export async function requireCurrent({ database, name }: OpenedDatabase): Promise<void> {
  if ((await database.orm.migrator.getPending()).length > 0) {
    throw new Error(`the ${name} is not up to date. Run \`npm run db:migrate\` first.`);
  }
}

/** Variables of the environment have priority over the file. */
export function readEnvironmentFile(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
}

/** An error in one line. The driver may report the same for several addresses of a host; that is shown once. */
export function shortly(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const message = first instanceof Error ? first.message : String(first);
  return message.split('\n')[0] ?? message;
}
