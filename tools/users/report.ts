/** Reports what became of the rows, on standard output and in a file: counts, and each refused row with its reasons. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { fileFault, UsersError } from './csv.ts';

export interface Refusal {
  line: number;
  username: string;
  reasons: readonly string[];
}

export interface Counts {
  made: number;
  present: number;
  refused: number;
}

export interface ImportReport {
  readonly counts: Counts;
  refuse(refusal: Refusal): void;
  /** The lines to print about refused rows. */
  lines(): string[];
  close(): void;
}

/** The most refused rows that are printed. The file has all of them. */
const maxPrinted = 20;

/** @throws UsersError if the file cannot be written. */
export function openReport(file: string | null): ImportReport {
  const counts: Counts = { made: 0, present: 0, refused: 0 };
  const printed: string[] = [];
  const descriptor = file === null ? null : writing(file, () => openSync(file, 'w'));
  const write = (line: string): void => {
    if (descriptor !== null) writing(file, () => writeSync(descriptor, line));
  };
  write('line,username,reasons\r\n');
  return {
    counts,
    refuse: ({ line, username, reasons }) => {
      counts.refused += 1;
      const shown = shownName(username);
      const reason = reasons.map(printable).join('; ');
      if (printed.length < maxPrinted) printed.push(`  line ${line}, ${shown || '(no username)'}: ${reason}`);
      write(`${[String(line), shown, reason].map(field).join(',')}\r\n`);
    },
    lines: () => {
      const rest = counts.refused - printed.length;
      if (rest === 0) return printed;
      return [...printed, `  and ${rest} more, ${file === null ? 'which --report FILE lists' : `listed in ${file}`}`];
    },
    close: () => {
      if (descriptor !== null) closeSync(descriptor);
    },
  };
}

/** Replaces characters that a terminal would obey, or that hide the text beside them. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

function writing<T>(file: string | null, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new UsersError(`${file} cannot be written: ${fileFault(error)}`);
  }
}

/** If columns are out of order, this may be a hash, which is never shown. */
function shownName(username: string): string {
  return username.includes('$') ? '(not shown)' : printable(username.slice(0, 64));
}

/** Quoted, and never a formula for a spreadsheet. Source: OWASP, CSV Injection. */
function field(text: string): string {
  const harmless = /^[=+\-@]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
