/** Databases of the benchmark on the PostgreSQL server that DATABASE_URL names. */
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { databaseUrlFault } from '../../../src/config/addresses.ts';
import type { Cleanup } from './cleanup.ts';

const defaultUrl = 'postgres://postgres@127.0.0.1:5432/postgres';

export interface DatabaseServer {
  /** The address with an existing database. */
  readonly url: string;
  /** Such as `15.20`. */
  readonly version: string;
}

/** @throws Error in one line if there is none. */
export async function findServer(): Promise<DatabaseServer> {
  const url = process.env.DATABASE_URL?.trim() || defaultUrl;
  if (databaseUrlFault(url)) {
    throw new Error(`DATABASE_URL is not the address of a PostgreSQL server. Write one such as ${defaultUrl}.`);
  }
  try {
    const [row] = await query<{ server_version: string }>(url, 'show server_version');
    return { url, version: row?.server_version.split(' ')[0] ?? 'unknown' };
  } catch (error) {
    const first = error instanceof AggregateError ? error.errors[0] : error;
    const { host } = new URL(url);
    throw new Error(
      `There is no PostgreSQL server at ${host}: ${(first as Error).message}. Start one, or set DATABASE_URL to where one is.`,
    );
  }
}

/**
 * Creates an empty database, which is dropped at the end.
 * @returns its address.
 */
export async function createDatabase({ url }: DatabaseServer, cleanup: Cleanup): Promise<string> {
  const name = `gatewright_bench_${randomBytes(6).toString('hex')}`;
  const created = query(url, `create database ${name}`);
  cleanup.add(`the database ${name} is left over`, async () => {
    await created.catch(() => {});
    await query(url, `drop database if exists ${name} with (force)`);
  });
  await created;
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.href;
}

async function query<Row extends object>(url: string, statement: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}
