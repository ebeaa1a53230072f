/** The columns of the file. */
import { UsersError } from './csv.ts';

/** A row by its columns, as it is written. A missing column is empty. */
export interface Row {
  username: string;
  email: string;
  passwordHash: string;
  displayName: string;
  role: string;
  createdAt: string;
  /** Says whether the account is open: `isActive`, or the opposite of `disabled`. */
  isActive: string;
  disabled: string;
}

export interface Columns {
  /** Names of columns that are ignored. */
  unknown: string[];
  /** Null if the record has more or fewer fields than there are columns. */
  read(fields: readonly string[]): Row | null;
}

/**
 * The names of the columns in the file. Only one name of each column may occur; and only one of the two that say
 * whether the account is open.
 */
const namesOf: Record<keyof Row, readonly string[]> = {
  username: ['username'],
  email: ['email'],
  passwordHash: ['hashed_password', 'password_hash'],
  displayName: ['full_name', 'display_name'],
  role: ['role'],
  createdAt: ['created_at'],
  isActive: ['is_active'],
  disabled: ['disabled'],
};

const required = ['username', 'email', 'passwordHash'] as const;

/** @throws UsersError that names every column that is missing or occurs twice. */
export function columnsOf(header: readonly string[]): Columns {
  const names = header.map((name) => name.trim().toLowerCase());
  const placesOf = (wanted: readonly string[]): number[] =>
    names.flatMap((name, place) => (wanted.includes(name) ? [place] : []));
  const alone = [...Object.values(namesOf), [...namesOf.isActive, ...namesOf.disabled]];
  const faults = [
    ...required
      .filter((column) => placesOf(namesOf[column]).length === 0)
      .map((column) => `there is no column ${namesOf[column].join(' or ')}`),
    ...alone
      .filter((wanted) => placesOf(wanted).length > 1)
      .map((wanted) => `more than one column says ${wanted.join(' or ')}`),
  ];
  if (faults.length > 0) {
    throw new UsersError(`${faults.join('; ')}. The first line names the columns, separated by commas`);
  }
  const places = Object.entries(namesOf).map(([column, wanted]) => [column, placesOf(wanted)[0] ?? -1] as const);
  const known = Object.values(namesOf).flat();
  return {
    unknown: header.filter((_name, place) => !known.includes(names[place] ?? '')),
    read: (fields) =>
      fields.length === header.length
        ? (Object.fromEntries(places.map(([column, place]) => [column, fields[place] ?? ''])) as unknown as Row)
        : null,
  };
}
