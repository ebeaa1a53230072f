/** The text for a developer at start-up. */
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { parseAddress } from '../../database/address/address.ts';
import type { Administrator } from './administrator.ts';

interface Started {
  url: string;
  administrator: Administrator;
  /** The file of a generated JWT_SECRET; null if the secret was given. */
  secretFile: string | null;
  warnings: readonly string[];
}

/** Lines of text. None in production, where standard output is for log lines. */
export function startText(config: Config, { url, administrator, secretFile, warnings }: Started): string[] {
  if (config.production) return [];
  const address = url.replace('127.0.0.1', 'localhost');
  const lines = [
    ...(config.explorer ? [line('Explorer', `${address}/`)] : []),
    line('GraphQL', `${address}/graphql`),
    line('Database', describeDatabase(config)),
    ...administratorText(administrator),
  ];
  if (secretFile) lines.push(line('JWT_SECRET', `generated, kept in ${secretFile}`));
  if (config.authorizationDenial === 'report') lines.push(line('Authorization', 'REPORTS ONLY: nothing is denied'));
  return [
    '',
    'Gatewright',
    ...lines,
    ...warnings.map((warning) => line('WARNING', warning)),
    '',
    '  For production set NODE_ENV=production, JWT_SECRET, DATABASE_URL, PUBLIC_URL and ADMIN_PASSWORD: see .env.example.',
    '',
  ];
}

/** What there is to say about the administrator, if anything. */
export function administratorText(administrator: Administrator): string[] {
  if (administrator.kind === 'none') return [line('Administrator', `NONE. ${administrator.advice}`)];
  if (administrator.kind === 'known' || administrator.password === null) return [];
  const { username, password } = administrator;
  return [line('Administrator', `${username}, password ${password} (shown this once)`)];
}

function line(name: string, value: string): string {
  return `  ${name.padEnd(14)} ${value}`;
}

/** Without the account and its password. */
export function describeDatabase({ database, dataDir }: Pick<Config, 'database' | 'dataDir'>): string {
  if (database.kind === 'embedded') {
    return `PostgreSQL embedded in this process, files in ${join(dataDir, 'postgresql')}`;
  }
  return `PostgreSQL at ${parseAddress(database.url).name}`;
}
