/** The matrix for a terminal. */
import type { Report } from './report.ts';
import { describeAccess } from './words.ts';

export function toText({ personas, types }: Report): string {
  const names = Object.keys(personas);
  const count = types.reduce((sum, { rows }) => sum + rows.length, 0);
  const rows = types.flatMap((type) => [
    [type.name, ...names],
    ...type.rows.map(({ coordinate, access }) => [
      `  ${coordinate.slice(type.name.length + 1)}`,
      ...names.map((name) => (access[name] ? describeAccess(access[name]) : '')),
    ]),
    [],
  ]);
  return [
    `Who may do what: ${count} coordinates, ${names.length} personas.`,
    '',
    ...columns(rows),
    '`npm run access -- --explain COORDINATE` says where a requirement comes from.',
    'Every viewer of a field may supply its arguments, input fields and enum values that are not listed.',
    '',
  ].join('\n');
}

/** Makes each column as wide as its widest cell. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
