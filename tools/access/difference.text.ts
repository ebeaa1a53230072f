/** `--diff` in words. */
import { isNothing, type Requirement } from '../../src/authorization/contract/requirement.ts';
import type { Change, CoordinateChange, Difference, Effect, RowChange } from './difference.ts';
import { printed } from './json.ts';
import type { Format } from './options.ts';
import type { Reference } from './reference.ts';
import { describe, describeVisible } from './words.ts';

const signs: Record<Effect, string> = { opens: '+', closes: '-', changes: '~' };

export function printDifference(
  difference: Difference,
  { name, notes }: Pick<Reference, 'name' | 'notes'>,
  format: Format,
): string {
  if (format === 'json') return printed({ against: name, notes, ...difference });
  const lines = format === 'markdown' ? inMarkdown(difference) : inText(difference);
  const { roles, coordinates, rows } = difference;
  const effects = [...coordinates.map(effectsOf), ...rows.map(({ personas }) => personas.map((each) => each.effect))];
  const count = (effect: Effect) =>
    effects.filter((each) => each.some((one) => one === effect || one === 'changes')).length;
  const isSame = roles.length + coordinates.length + rows.length === 0;
  return `${[
    `${format === 'markdown' ? '# ' : ''}Access, against ${name}`,
    '',
    ...notes.flatMap((note) => [note, '']),
    ...(isSame ? [] : [`Opens ${count('opens')}, closes ${count('closes')}: + opens, - closes, ~ does both.`]),
    ...(isSame ? [notes.length > 0 ? 'Otherwise nobody may do more or less.' : 'Nobody may do more or less.'] : lines),
  ].join('\n')}\n`;
}

function effectsOf({ effect, personas }: CoordinateChange): Effect[] {
  return [...(effect ? [effect] : []), ...personas.map((each) => each.effect)];
}

function inText({ roles, coordinates, rows }: Difference): string[] {
  return [
    ...(roles.length > 0 ? ['', ...rolesInWords(roles)] : []),
    ...rows.flatMap((change) => ['', `rows of ${change.type}`, ...linesOfRows(change).map((line) => `  ${line}`)]),
    ...coordinates.flatMap((change) => ['', titleOf(change), ...linesOf(change).map((line) => `  ${line}`)]),
  ];
}

function inMarkdown({ roles, coordinates, rows }: Difference): string[] {
  return [
    ...(roles.length > 0 ? ['', ...rolesInWords(roles).map((line) => `- ${line}`)] : []),
    ...rows.flatMap((change) => [
      '',
      `## Rows of \`${change.type}\``,
      '',
      ...linesOfRows(change).map((line) => `- \`${line[0]}\`${line.slice(1)}`),
    ]),
    ...coordinates.flatMap((change) => [
      '',
      `## \`${change.coordinate}\`${change.before && change.after ? '' : ` ${titleOf(change).split(' ').at(-1)}`}`,
      '',
      ...linesOf(change).map((line) => `- \`${line[0]}\`${line.slice(1)}`),
    ]),
  ];
}

function rolesInWords(roles: Difference['roles']): string[] {
  return roles.map(({ role, before, after }) => {
    if (!before) return `role ${role} is new, with ${names(after ?? [])}`;
    if (!after) return `role ${role} is gone`;
    const gained = after.filter((scope) => !before.includes(scope));
    const lost = before.filter((scope) => !after.includes(scope));
    return [
      `role ${role}`,
      ...(gained.length > 0 ? [`gains ${names(gained)}`] : []),
      ...(lost.length > 0 ? [`loses ${names(lost)}`] : []),
    ].join(' ');
  });
}

function names(scopes: readonly string[]): string {
  return scopes.map((scope) => `\`${scope}\``).join(', ') || 'no scopes';
}

function titleOf({ coordinate, before, after }: CoordinateChange): string {
  if (!before) return `${coordinate} (new)`;
  return after ? coordinate : `${coordinate} (removed)`;
}

function linesOfRows({ personas, relations }: RowChange): string[] {
  const shown = (requirement: Requirement) => {
    if (isNothing(requirement)) return 'all';
    return requirement.length === 0 ? 'none' : describeVisible(requirement);
  };
  return [
    ...linesOfPersonas(personas, shown),
    ...relations.map(
      ({ relation, before, after }) => `~ \`${relation}\`: ${before ?? 'not there'} → ${after ?? 'not there'}`,
    ),
  ];
}

/** The personas for whom the same changes are on one line. */
function linesOfPersonas(
  personas: CoordinateChange['personas'],
  words: (requirement: Requirement) => string,
): string[] {
  const groups = new Map<string, string[]>();
  for (const change of personas) {
    const what = `${signs[change.effect]} ${fromTo(change, words)}`;
    groups.set(what, [...(groups.get(what) ?? []), change.persona]);
  }
  return [...groups].map(([what, who]) => `${what[0]} ${who.join(', ')}:${what.slice(1)}`);
}

/** Last comes the requirement, which concerns all others. */
function linesOf({ effect, before, after, personas }: CoordinateChange): string[] {
  const lines = linesOfPersonas(personas, state);
  if (effect) lines.push(`${signs[effect]} requires: ${fromTo({ before, after }, describe)}`);
  return lines;
}

function fromTo(change: Change<Requirement>, words: (requirement: Requirement) => string): string {
  const of = (requirement: Requirement | null) => (requirement ? words(requirement) : 'not there');
  return `${of(change.before)} → ${of(change.after)}`;
}

function state(requirement: Requirement): string {
  if (isNothing(requirement)) return 'allow';
  return requirement.length === 0 ? 'deny' : `if ${describe(requirement)}`;
}
