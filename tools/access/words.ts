/** Describes requirements and their sources. */
import type { Access, Source } from '../../src/authorization/guard.ts';
import { requirementText as describe, oneLine } from '../../src/authorization/reflection/described.ts';

export { describe, oneLine };

/** The text in a cell of the matrix. */
export function describeAccess(access: Access): string {
  return access.verdict === 'depends' ? `if ${describe(access.on)}` : access.verdict;
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
