/** The matrix as Markdown for diffs: a line for each coordinate, which depends on no other line. */
import type { Access } from '../../src/authorization/guard.ts';
import type { Report } from './report.ts';
import { describe, describeAccess, describeVisible } from './words.ts';

const symbols: Record<Access['verdict'], string> = { allow: '✓', depends: '◐', deny: '✕' };

export function toMarkdown({ personas, types, visible }: Report): string {
  const names = Object.keys(personas);
  const persons = Object.entries(personas).map(([name, persona]) =>
    tableRow([name, codes(persona?.roles ?? []), codes(persona?.scopes ?? [])]),
  );
  const sections = types.flatMap(({ name, rows }) => [
    '',
    `## ${name}`,
    '',
    ...table(['', 'requires', ...names]),
    ...rows.map(({ coordinate, requirement, access }) =>
      tableRow([`\`${coordinate}\``, describe(requirement), ...names.map((persona) => cellOf(access[persona]))]),
    ),
  ]);
  return `${[
    '# Who may do what',
    '',
    'Made from `schema/` and `src/users/scopes.ts` by `npm run access -- --format markdown --output docs/access.md`;',
    '`npm run check` fails until it is current. ✓ is allowed, ✕ is denied, ◐ depends on what follows. Every viewer of a',
    'field may supply its arguments, input fields and enum values that are not listed.',
    '',
    ...table(['persona', 'roles', 'scopes']),
    ...persons,
    '',
    '## Rows',
    '',
    ...table(['type', 'exist for their viewers by', 'where']),
    ...visible.map(({ type, visibleTo, relations }) => {
      const where = Object.entries(relations).map(([name, source]) => `\`${name}\`: ${source}`);
      return tableRow([`\`${type}\``, describeVisible(visibleTo), where.join('; ')]);
    }),
    ...sections,
  ].join('\n')}\n`;
}

function cellOf(access: Access | undefined): string {
  return access ? `${symbols[access.verdict]} ${describeAccess(access)}` : '';
}

function codes(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(' ') || 'none';
}

export function table(titles: readonly string[]): string[] {
  return [tableRow(titles), `|${titles.map(() => '---|').join('')}`];
}

export function tableRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
