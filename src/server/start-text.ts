/** What a developer reads at start-up. */
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Administrator } from './administrator.ts';

interface Started {
  url: string;
  administrator: Administrator;
  /** Where a generated JWT_SECRET is kept; null if it was given. */
  secretFile: string | null;
}

/** Lines; none in production, where standard output is for log lines. */
export function startText(config: Config, { url, administrator, secretFile }: Started): string[] {
  if (config.production) return [];
  const address = url.replace('127.0.0.1', 'localhost');
  const rows: [string, string][] = [
    ['Explorer', `${address}/`],
    ['GraphQL', `${address}/graphql`],
    ['Database', describeDatabase(config)],
  ];
  if (administrator.kind === 'generated') {
    rows.push(['Administrator', `${administrator.username}, password ${administrator.password} (shown this once)`]);
  }
  if (administrator.kind === 'none') rows.push(['Administrator', `NONE. ${administrator.advice}`]);
  if (secretFile) rows.push(['JWT_SECRET', `generated, kept in ${secretFile}`]);
  if (config.authorizationDenial === 'report') rows.push(['Authorization', 'REPORTS ONLY: nothing is denied']);
  return [
    '',
    'Gatewright',
    ...rows.map(([name, value]) => `  ${name.padEnd(14)} ${value}`),
    '',
    '  For production set NODE_ENV=production, JWT_SECRET, DATABASE_URL, PUBLIC_URL and ADMIN_PASSWORD: see .env.example.',
    '',
  ];
}

function describeDatabase({ database, dataDir }: Config): string {
  if (database.kind === 'embedded') {
    return `PostgreSQL embedded in this process, files in ${join(dataDir, 'postgresql')}`;
  }
  const { hostname, port, pathname } = new URL(database.url);
  return `PostgreSQL at ${hostname}${port && `:${port}`}${pathname}`;
}
