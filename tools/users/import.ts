/** Creates accounts from the rows of a CSV file, some hundreds in each transaction. */
import type { EntityManager } from '../../src/database/database.ts';
import { emailKey, usernameKey } from '../../src/users/identifiers/identifiers.ts';
import { foreseeImport, type ImportedAccount, importAccounts } from '../../src/users/user.import.ts';
import type { Progress } from '../progress.ts';
import { accountOf, type ImportRules } from './account.ts';
import { type Columns, columnsOf } from './columns.ts';
import { readRecords, UsersError } from './csv.ts';
import type { ImportReport } from './report.ts';

const batchSize = 500;

/**
 * Reads the whole file first, so that a file that is not CSV creates nothing.
 * @throws UsersError
 */
export async function surveyFile(file: string): Promise<{ columns: Columns; rows: number }> {
  let columns: Columns | null = null;
  let rows = 0;
  for await (const { fields } of readRecords(file)) {
    if (columns) rows += 1;
    else columns = named(file, fields);
  }
  if (!columns) throw new UsersError(`${file} is empty: its first line names the columns`);
  return { columns, rows };
}

export interface ImportSettings extends ImportRules {
  em: EntityManager;
  file: string;
  columns: Columns;
  /** Writes nothing. */
  dryRun: boolean;
  bar: Progress;
  report: ImportReport;
}

/** @throws UsersError, or the database's own errors. The batches before it stay, and the next run finds them. */
export async function importFile({ em, file, columns, dryRun, bar, report, ...rules }: ImportSettings): Promise<void> {
  const twinsOf = twinFinder();
  let batch: Candidate[] = [];
  let isHeader = true;

  async function settle(): Promise<void> {
    const accounts = batch.flatMap(({ account }) => account ?? []);
    const outcomes = dryRun ? await foreseeImport(em, accounts) : await importAccounts(em, accounts, rules.now);
    let next = 0;
    for (const { line, username, account, faults } of batch) {
      const outcome = account ? outcomes[next++] : undefined;
      if (outcome === 'made' || outcome === 'present') report.counts[outcome] += 1;
      else report.refuse({ line, username, reasons: outcome?.taken.map((each) => takenReasons[each]) ?? faults });
    }
    bar.step(batch.length);
    batch = [];
  }

  for await (const { line, fields } of readRecords(file)) {
    if (isHeader) {
      isHeader = false;
      continue;
    }
    const row = columns.read(fields);
    const read = row ? accountOf(row, rules) : { faults: ['the row has more or fewer fields than the first line'] };
    const faults = 'faults' in read ? read.faults : twinsOf(line, read.account);
    const account = 'account' in read && faults.length === 0 ? read.account : null;
    batch.push({ line, username: row?.username ?? '', account, faults });
    if (batch.length === batchSize) await settle();
  }
  await settle();
}

interface Candidate {
  line: number;
  username: string;
  /** Null if the row has faults. */
  account: ImportedAccount | null;
  faults: string[];
}

const takenReasons = {
  username: 'another account has this username',
  email: 'another account has this e-mail address',
};

function named(file: string, header: string[]): Columns {
  try {
    return columnsOf(header);
  } catch (error) {
    throw error instanceof UsersError ? new UsersError(`${file}: ${error.message}`) : error;
  }
}

/** Keeps only the names of the rows. If several rows share a name, the first good one has it. */
function twinFinder(): (line: number, account: ImportedAccount) => string[] {
  const usernames = new Map<string, number>();
  const emails = new Map<string, number>();
  return (line, { username, email }) => {
    const [name, address] = [usernameKey(username), emailKey(email)];
    const [sameName, sameAddress] = [usernames.get(name), emails.get(address)];
    if (sameName === undefined && sameAddress === undefined) {
      usernames.set(name, line);
      emails.set(address, line);
    }
    return [
      ...(sameName === undefined ? [] : [`line ${sameName} has the same username`]),
      ...(sameAddress === undefined ? [] : [`line ${sameAddress} has the same e-mail address`]),
    ];
  };
}
