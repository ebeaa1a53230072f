/** Reads a CSV file record by record, never the whole file. Source: RFC 4180. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';

/** A fault that the caller can correct, in one line. */
export class UsersError extends Error {}

export interface CsvRecord {
  /** The line on which the record ends, counted from 1. */
  line: number;
  fields: string[];
}

/** An account with every column has some 1,000 bytes. A longer record has a quote that is not closed. */
const maxRecordBytes = 65_536;

/**
 * Skips empty lines. Records may have more or fewer fields than the first.
 * @throws UsersError if the file cannot be read, is not UTF-8 or is not CSV. It never quotes the file.
 */
export async function* readRecords(file: string): AsyncGenerator<CsvRecord> {
  const parser = parse({
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: maxRecordBytes,
  });
  pipeline(createReadStream(file), decode, parser, () => {
    // The loop below throws the stream's errors.
  });
  try {
    for await (const { record, info } of parser) yield { line: info.lines, fields: record };
  } catch (error) {
    throw new UsersError(`${file} ${reasonOf(error as NodeJS.ErrnoException)}`);
  }
}

/** Without the byte order mark. */
async function* decode(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is not UTF-8: export it, or convert it, as UTF-8';
  if (!(error instanceof CsvError)) return `cannot be read: ${fileFault(error)}`;
  const line = Number((error as CsvError & { lines?: number }).lines);
  const isOpen = error.code === 'CSV_QUOTE_NOT_CLOSED' || error.code === 'CSV_MAX_RECORD_SIZE';
  return isOpen
    ? `is not CSV: a quote that opens on line ${line} or before it is not closed`
    : `is not CSV: there is a quote in the middle of a field on line ${line}`;
}

const fileFaults: Record<string, string> = {
  ENOENT: 'there is no such file or directory',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is not a directory',
  EACCES: 'this account may not',
  ENOSPC: 'there is no space left',
};

/** Explains Node's error about a file. */
export function fileFault(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return fileFaults[code] ?? message;
}
