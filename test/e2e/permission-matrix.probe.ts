/** What a coordinate of the permission matrix is asked with. */
import type { Column, Row } from './permission-matrix.table.ts';
import type { Account, World } from './permission-matrix.world.ts';

export interface Probe {
  query: string;
  variables: Record<string, unknown>;
  /** Where a denial of the coordinate is reported. */
  path: string[];
  /** What `+` serves. */
  data?: unknown;
  /** What `E` serves. */
  empty?: unknown;
  /** What `0` serves. */
  invisible?: unknown;
  /** In place of the column's token. */
  token?: string;
  /** After `+`: what must have happened. Puts back what others rely on. */
  verify?: () => Promise<unknown>;
  /** What `verify` resolves to. */
  done?: unknown;
}

export type Ask = (row: Row, column: Column, world: World) => Probe | Promise<Probe>;

/** Of a field: its selection, its value, and what it shows where none of its rows are visible. */
export type Field = (holder: Account) => [selection: string, value: unknown, empty?: unknown];

/** Whose row is asked for. */
export function rowOf({ target }: Row, { account }: Column, world: World): Account {
  return target === 'other' ? world.bob : account === 'admin' ? world.admin : world.ada;
}
