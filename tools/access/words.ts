/** Describes requirements and their sources. */
import type { Access, Requirement, RowAccess, Source } from '../../src/authorization/guard.ts';
import { requirementText as describe, oneLine } from '../../src/authorization/reflection/described.ts';

export { describe, oneLine };

/** The text in a cell of the matrix. */
export function describeAccess(access: Access): string {
  const verdict = access.verdict === 'depends' ? `if ${describe(access.on)}` : access.verdict;
  return access.verdict === 'deny' || !access.rows ? verdict : `${verdict}, ${describeRows(access.rows)}`;
}

/** Such as: rows of Task: `owner`, or `project.member` and `tenant`. */
export function describeRows(rows: RowAccess): string {
  if ('all' in rows) return 'all rows';
  const byType = new Map<string, string[]>();
  for (const alternative of rows.on) {
    const names = alternative.flatMap((one) => (one.kind === 'relation' ? [`\`${one.name}\``] : []));
    const type = alternative.find((one) => one.kind === 'relation')?.type ?? '';
    byType.set(type, [...(byType.get(type) ?? []), names.join(' and ')]);
  }
  return [...byType].map(([type, each]) => `rows of ${type}: ${each.join(', or ')}`).join('; ') || 'no rows';
}

/** For whom rows exist, such as: `owner`, or scope `task:read:any`. */
export function describeVisible(visibleTo: Requirement): string {
  return visibleTo
    .map((alternative) =>
      alternative.map((one) => (one.kind === 'relation' ? `\`${one.name}\`` : describe([[one]]))).join(' and '),
    )
    .join(', or ');
}

/** How a directive reaches the coordinate, for example: on its type `Task`. */
export function describeWay(source: Source): string {
  return source.reads ? `it reads \`${source.reads}\`: ${wayOf(source)}` : wayOf(source);
}

function wayOf({ on, through }: Source): string {
  switch (through) {
    case 'itself':
      return `on \`${on}\` itself`;
    case 'type':
      return `on its type \`${on}\``;
    case 'interface':
      return `on the interface \`${on}\` of its type`;
    case 'interface field':
      return `on the interface's field \`${on}\``;
    case 'interface argument':
      return `on the interface's argument \`${on}\``;
    case 'returned type':
      return `on \`${on}\`, which it returns`;
    case 'interface of the returned type':
      return `on the interface \`${on}\` of what it returns`;
  }
}
