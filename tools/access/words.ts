/** Requirements and where they come from, in words. */
import { describeRequirement } from '../../src/authorization/contract/denial.ts';
import { type Condition, isNothing, type Requirement } from '../../src/authorization/contract/requirement.ts';
import type { Access, Source } from '../../src/authorization/guard.ts';

/** Names in backticks; one line, whatever the schema's names are. */
export function describe(requirement: Requirement): string {
  if (isNothing(requirement)) return 'nothing';
  if (requirement.length === 0) return 'what nobody has';
  return describeRequirement(requirement.map((alternative) => alternative.map(printable)));
}

/** In a cell of the matrix. */
export function describeAccess(access: Access): string {
  return access.verdict === 'depends' ? `if ${describe(access.on)}` : access.verdict;
}

/** How a directive reaches the coordinate, such as: on its type `Task`. */
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

/** On one line, and without what moves a terminal's cursor or turns the direction of text. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');
}

function printable(condition: Condition): Condition {
  return 'name' in condition ? { ...condition, name: oneLine(condition.name).replaceAll('`', '\ufffd') } : condition;
}
