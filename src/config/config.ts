/**
 * Reads the environment once. The result is a frozen Config, or one error that lists every fault. The keys are in
 * table.ts.
 */
import { readFileSync } from 'node:fs';
import { type ConfiguredDatabase, readDatabase } from './database.ts';
import { misspeltNames } from './names.ts';
import { type Environment, type Fault, type ReadText, readTable } from './read.ts';
import { checkRules, type NameChecks } from './rules.ts';
import { configKeys, table, type Values } from './table.ts';
import { shapeOfEmail } from './types.ts';

export type { Fault } from './read.ts';
export type { NameChecks } from './rules.ts';
export { type ConfigKey, configKeys } from './table.ts';

/** The values of the table's keys. Durations are in seconds. */
export interface Config extends Omit<Values, 'database'> {
  readonly database: ConfiguredDatabase;
  /** Values that are sound, but may not be what the operator meant. No value is quoted. */
  readonly warnings: readonly string[];
}

/** `message` lists every fault (the key, what is wrong, what to write), then warnings. It never quotes a secret. */
export class ConfigError extends Error {
  readonly faults: readonly Fault[];
  readonly warnings: readonly string[];

  constructor(faults: readonly Fault[], warnings: readonly string[] = []) {
    const head = `The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:`;
    super([head, ...faults.map(({ key, fault }) => `  ${key}: ${fault}`), ...warnings].join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
    this.warnings = warnings;
  }
}

/**
 * An empty variable counts as unset.
 *
 * @param names checks the administrator's names. If left out, only the shape of the e-mail address is checked.
 * @param readText returns the text of a file that the environment names.
 * @throws ConfigError
 */
export function loadConfig(
  env: Environment,
  names: NameChecks = { username: () => null, email: shapeOfEmail },
  readText: ReadText = (file) => readFileSync(file, 'utf8'),
): Config {
  const read = readTable(table, env, readText);
  const database = readDatabase(read, env);
  checkRules(read, env, names);
  const { production, publicUrl } = read.values;
  const isLocal = production && !read.isSet('PUBLIC_URL');
  const warnings = [...misspeltNames(env, configKeys), ...(isLocal ? [localIssuer(publicUrl)] : [])];
  throwFaults(read.faults(), warnings);
  return deepFreeze({ ...read.values, database, warnings });
}

const { production, dataDir } = table;
const databaseTable = { production, database: table.database, dataDir };

export type DatabaseConfig = Pick<Config, 'production' | 'database' | 'dataDir' | 'warnings'>;

/** Reads what the database tools need, and nothing else. @throws ConfigError */
export function loadDatabaseConfig(env: Environment): DatabaseConfig {
  const read = readTable(databaseTable, env, () => '');
  const database = readDatabase(read, env);
  const warnings = misspeltNames(env, configKeys);
  throwFaults(read.faults(), warnings);
  return { ...read.values, database, warnings };
}

function throwFaults(faults: readonly Fault[], warnings: readonly string[]): void {
  if (faults.length > 0) throw new ConfigError(faults, warnings);
}

function localIssuer(publicUrl: string): string {
  return `PUBLIC_URL is not set. Access tokens name ${publicUrl} as their issuer, where nobody else finds this server.`;
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) deepFreeze(member);
  return Object.freeze(value);
}
