/**
 * Imports accounts from another system, with their password hashes (see docs/importing-accounts.md). Creates an
 * administrator when none is left.
 *
 *   npm run users -- import users.csv
 *   npm run users -- make-administrator USERNAME [--email ADDRESS]
 *
 * Its exit code is 0; 1 if it could not finish its work; 2 for wrong arguments; 3 if rows were refused. It is safe to
 * run again, because existing accounts stay as they are.
 */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError } from '../src/config/config.ts';
import { reservedUsernames } from '../src/server/bootstrap/administrator.ts';
import { emailKey, usernameKey } from '../src/users/identifiers/identifiers.ts';
import { type OpenedDatabase, openConfigured, shortly } from './database.ts';
import { progress } from './progress.ts';
import { makeOne, type NewAdministrator, readAdministrator } from './users/administrator.ts';
import { UsersError } from './users/csv.ts';
import { importFile, surveyFile } from './users/import.ts';
import { type ImportReport, openReport, printable } from './users/report.ts';

const usage = `usage: npm run users -- import FILE [--dry-run] [--allow-admins] [--report FILE]
       npm run users -- make-administrator USERNAME [--email ADDRESS]

import makes accounts of the rows of a CSV file (UTF-8), whose first line names the columns, in any order:
  username, email, hashed_password (or password_hash)
  and, if you like, full_name (or display_name), disabled (or is_active), role, created_at

  --dry-run       check every row, and write nothing
  --allow-admins  rows of role ADMIN as well; they are refused otherwise
  --report FILE   every refused row with its reasons, as CSV; the first 20 are printed
  --help          this

make-administrator gives the account USERNAME the role ADMIN, and opens it. Without such an account it makes one:
  --email ADDRESS the address of that account; its password is printed

Ends with 0 if all is well, 1 if it could not do its work, 2 if it was called wrongly, 3 if rows were refused.`;

interface UsersOptions {
  file: string;
  dryRun: boolean;
  allowAdmins: boolean;
  report: string | null;
}

const options = readOptions(process.argv.slice(2));
if (options === 'help') console.log(usage);
else if (options && 'username' in options) await makeOne(options).catch(fail);
else if (options) await run(options);
else process.exitCode = 2;

function readOptions(args: string[]): UsersOptions | NewAdministrator | 'help' | null {
  try {
    if (args[0] === 'make-administrator' && !args.includes('--help')) return readAdministrator(args.slice(1));
    const flag = { type: 'boolean', default: false } as const;
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { 'dry-run': flag, 'allow-admins': flag, report: { type: 'string' }, help: { ...flag, short: 'h' } },
    });
    if (values.help) return 'help';
    const [task, file, ...more] = positionals;
    if (task !== 'import')
      throw new Error(task === undefined ? 'say what to do: import or make-administrator' : `${task} is not a task`);
    if (!file || more.length > 0) throw new Error('import takes one file');
    if (values.report === '') throw new Error('--report takes the name of a file');
    if (values.report && pathOf(values.report) === pathOf(file)) throw new Error('--report would write over the file');
    return { file, dryRun: values['dry-run'], allowAdmins: values['allow-admins'], report: values.report ?? null };
  } catch (error) {
    console.error(`users: ${printable(shortly(error))}\n${usage}`);
    return null;
  }
}

/** Resolves links, so that one file has one path. */
function pathOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return resolve(file);
  }
}

async function run({ file, dryRun, allowAdmins, report: reportFile }: UsersOptions): Promise<void> {
  let opened: OpenedDatabase | null = null;
  let report: ImportReport | null = null;
  const started = performance.now();
  try {
    const { columns, rows } = await surveyFile(file);
    opened = await openConfigured();
    if (dryRun) await requireTables(opened);
    else await opened.database.migrate();
    report = openReport(reportFile);
    if (columns.unknown.length > 0) console.log(`ignored columns: ${columns.unknown.map(printable).join(', ')}`);
    const { ADMIN_USERNAME, ADMIN_EMAIL } = process.env;
    const reserved = new Set([ADMIN_USERNAME?.trim() || 'admin', ...reservedUsernames].map(usernameKey));
    const reservedEmail = emailKey(ADMIN_EMAIL?.trim() || 'admin@example.com');
    const bar = progress('rows', rows);
    try {
      const rules = { allowAdmins, reserved, reservedEmail, now: new Date() };
      await importFile({ ...rules, em: opened.database.fork(), file, columns, dryRun, bar, report });
    } finally {
      bar.stop();
    }
    tell(report, `${opened.name}, ${((performance.now() - started) / 1000).toFixed(1)} s`, dryRun);
    if (report.counts.refused > 0) process.exitCode = 3;
  } catch (error) {
    if (report) tell(report, 'not to the end; run it again', dryRun);
    fail(error);
  } finally {
    report?.close();
    await opened?.database.close();
  }
}

function fail(error: unknown): void {
  if (error instanceof ConfigError) console.error(`users: ${error.message}`);
  else console.error(`users: ${error instanceof UsersError ? printable(error.message) : shortly(error)}`);
  process.exitCode = 1;
}

/** Only checks the tables, because a dry run does not migrate. */
async function requireTables({ database, name }: OpenedDatabase): Promise<void> {
  const [row] = await database.fork().execute("select to_regclass('users') is not null as migrated");
  if (!row?.migrated) throw new UsersError(`the ${name} has no tables yet: npm run db:migrate makes them`);
}

function tell(report: ImportReport, where: string, dryRun: boolean): void {
  const { made, present, refused } = report.counts;
  const verb = dryRun ? 'would be made' : 'made';
  console.log(`${many(made, 'account')} ${verb}, ${present} already there, ${many(refused, 'row')} refused (${where})`);
  for (const line of report.lines()) console.log(line);
  if (dryRun) console.log('Nothing was written: this was a dry run.');
}

function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
