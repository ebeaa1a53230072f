/** The database that the tools work on: the one that DATABASE_URL names, or the embedded one in DATA_DIR. */
import { existsSync } from 'node:fs';
import { sharedOptions } from '../mikro-orm.config.ts';
import { databaseUrlFault } from '../src/config.addresses.ts';
import { parseAddress, withEnvironment } from '../src/database/address.ts';
import { type Database, openDatabase } from '../src/database/connection.ts';

export interface OpenedDatabase {
  database: Database;
  /** For people; without the password. */
  name: string;
}

/** Reads .env, as the server does. @throws Error for what is no address, DataDirectoryLockedError, or the driver's error if the server cannot be reached. */
export async function openConfigured(): Promise<OpenedDatabase> {
  readEnvironmentFile();
  const given = process.env.DATABASE_URL?.trim();
  const url = given && withEnvironment(given, process.env);
  const fault = url ? databaseUrlFault(url) : null;
  if (fault) throw new Error(`DATABASE_URL ${fault}`);
  const options = { ...sharedOptions, logger: () => {} };
  if (url) {
    const database = await openDatabase({ kind: 'postgresql', url }, options);
    const { client } = parseAddress(url);
    return { database, name: `PostgreSQL database ${client.database} on ${client.host}:${client.port}` };
  }
  const dataDir = process.env.DATA_DIR || '.data';
  return {
    database: await openDatabase({ kind: 'embedded', dataDir }, options),
    name: `embedded database in ${dataDir}`,
  };
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
