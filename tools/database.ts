/** The database that the tools work on: the one that DATABASE_URL names, or the embedded one in DATA_DIR. */
import { existsSync } from 'node:fs';
import { sharedOptions } from '../mikro-orm.config.ts';
import { ConfigError, type DatabaseConfig, loadDatabaseConfig } from '../src/config/config.ts';
import { parseAddress } from '../src/database/address/address.ts';
import { openDatabase } from '../src/database/connection.ts';
import type { Database } from '../src/database/database.ts';

export interface OpenedDatabase {
  database: Database;
  /** For people; without the password. */
  name: string;
  /** What tells it from others: `HOST:PORT/DATABASE`, or DATA_DIR. */
  key: string;
  /** As NODE_ENV says. */
  production: boolean;
}

/**
 * Reads .env and chooses the database as the server does. Warns on standard error of names that look like ours.
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

/** Faults in one line. */
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

/** Variables that are set come before the file. */
export function readEnvironmentFile(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
}

/** An error in one line. What the driver says of several addresses of one host is said once. */
export function shortly(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const message = first instanceof Error ? first.message : String(first);
  return message.split('\n')[0] ?? message;
}
