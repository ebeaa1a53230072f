/** Files of accounts, readable and unreadable. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type CsvRecord, readRecords, UsersError } from '../../../tools/users/csv.ts';
import { surveyFile } from '../../../tools/users/import.ts';
import { openReport } from '../../../tools/users/report.ts';

const directory = mkdtempSync(join(tmpdir(), 'gatewright-file-'));
const path = (name: string) => join(directory, name);
mkdirSync(path('folder'));
afterAll(() => rmSync(directory, { recursive: true }));

const hash = '$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW';
const header = 'username,email,hashed_password\n';
const good = `ada,ada@example.com,${hash}\n`;

async function recordsOf(content: string | Buffer): Promise<CsvRecord[]> {
  writeFileSync(path('records.csv'), content);
  return await Array.fromAsync(readRecords(path('records.csv')));
}

describe('records', () => {
  const expected = [
    { line: 1, fields: ['a', 'b'] },
    { line: 2, fields: ['1', 'Adé "A", B'] },
    { line: 4, fields: ['2'] },
  ];

  it.each([
    ['lines of Unix', 'a,b\n1,"Adé ""A"", B"\n\n2\n'],
    ['lines of Windows', 'a,b\r\n1,"Adé ""A"", B"\r\n\r\n2\r\n'],
    ['no end of the last line', 'a,b\n1,"Adé ""A"", B"\n\n2'],
    ['a byte order mark', '\ufeffa,b\n1,"Adé ""A"", B"\n\n2'],
  ])('are the same with %s', async (_what, content) => {
    expect(await recordsOf(content)).toEqual(expected);
  });

  it('may hold a line break between quotes', async () => {
    expect(await recordsOf('a,b\n1,"x\ny"\n2,z\n')).toEqual([
      { line: 1, fields: ['a', 'b'] },
      { line: 3, fields: ['1', 'x\ny'] },
      { line: 4, fields: ['2', 'z'] },
    ]);
  });

  it('are whole where the file is read in pieces', async () => {
    // Pieces have 64 KiB, so one of these 3-byte characters is cut in two.
    const rows = Array.from({ length: 30_000 }, (_, index) => `${index},☃☃☃`);
    const records = await recordsOf(`a,b\n${rows.join('\n')}`);
    expect(records.slice(1).map(({ fields }) => fields.join())).toEqual(rows);
  });
});

describe('a file', () => {
  it('is surveyed: its columns and how many rows there are', async () => {
    writeFileSync(path('good.csv'), header + good.repeat(3));
    const { columns, rows } = await surveyFile(path('good.csv'));
    expect([columns.unknown, rows]).toEqual([[], 3]);
    writeFileSync(path('nobody.csv'), header);
    expect(await surveyFile(path('nobody.csv'))).toMatchObject({ rows: 0 });
  });

  it.each<[string, string | Buffer | null, string]>([
    ['missing.csv', null, 'cannot be read: there is no such file or directory'],
    ['folder', null, 'cannot be read: it is a directory'],
    ['good.csv/users.csv', null, 'cannot be read: a part of its path is not a directory'],
    ['empty.csv', '', 'is empty: its first line names the columns'],
    ['headless.csv', good, 'there is no column username; there is no column email; there is no column hashed_password'],
    ['semicolons.csv', header.replaceAll(',', ';'), 'there is no column username'],
    ['twice.csv', `username,${header}`, 'more than one column says username'],
    ['latin1.csv', Buffer.from(`${header}andré,a@example.com,${hash}\n`, 'latin1'), 'is not UTF-8'],
    ['utf16.csv', Buffer.from(`\ufeff${header}${good}`, 'utf16le'), 'is not UTF-8'],
    ['cut.csv', Buffer.from(`${header}☃`).subarray(0, -1), 'is not UTF-8'],
    ['quote.csv', `${header}a"da,ada@example.com,${hash}\n`, 'a quote in the middle of a field on line 2'],
    ['after.csv', `${header}"ada"!,ada@example.com,${hash}\n`, 'a quote in the middle of a field on line 2'],
    ['open.csv', `${header}"ada,ada@example.com,${hash}\n`, 'is not closed'],
    ['huge.csv', `${header}"${'x'.repeat(100_000)}",ada@example.com,${hash}\n`, 'is not closed'],
  ])('is refused in one line that quotes nothing of it: %s', async (name, content, message) => {
    if (content !== null) writeFileSync(path(name), content);
    const error: UsersError = await surveyFile(path(name)).then(
      () => expect.fail('it was read'),
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(UsersError);
    expect(error.message).toContain(`${path(name)}`);
    expect(error.message).toContain(message);
    expect(error.message).not.toMatch(/\n|\$2b|@example/);
  });
});

describe('a report', () => {
  it('cannot be written where there is no directory', () => {
    expect(() => openReport(path('missing/refused.csv'))).toThrow(
      /refused\.csv cannot be written: there is no such file or directory$/,
    );
    expect(() => openReport(path('folder'))).toThrow(/folder cannot be written: it is a directory$/);
    const report = openReport(path('refused.csv'));
    report.refuse({ line: 2, username: 'ada', reasons: ['one', 'two'] });
    report.close();
    expect(report.counts).toEqual({ made: 0, present: 0, refused: 1 });
    expect(report.lines()).toEqual(['  line 2, ada: one; two']);
  });

  it.each([
    ['a hash', hash, '(not shown)'],
    ['what clears a terminal', 'a\u001b[2J\u009b2J', 'a\\u{1b}[2J\\u{9b}2J'],
    ['what turns its direction', 'a\u202eb', 'a\\u{202e}b'],
    ['nothing', '', '(no username)'],
    ['a long text', 'x'.repeat(1000), 'x'.repeat(64)],
    ['any other', 'Zoë', 'Zoë'],
  ])('shows no harm in a username: %s', (_what, username, shown) => {
    const report = openReport(null);
    report.refuse({ line: 2, username, reasons: ['no'] });
    expect(report.lines()).toEqual([`  line 2, ${shown}: no`]);
  });
});
