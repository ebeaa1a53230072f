/** `--explain`: what a coordinate requires, which personas meet it, and which directives ask for it. */

import { isNothing } from '../../src/authorization/contract/requirement.ts';
import type { Explanation, Guard } from '../../src/authorization/guard.ts';
import { accessOf, printed, sourceOf } from './json.ts';
import { AccessError, type Format } from './options.ts';
import type { Personas } from './personas.ts';
import { columns } from './text.ts';
import { describe, describeAccess, describeVisible, describeWay, oneLine } from './words.ts';

/** @throws AccessError if the text is not a coordinate. */
export function explained(guard: Guard, coordinate: string, personas: Personas, format: Format): string {
  const explanation = explanationOf(guard, coordinate);
  const { requirement, sources, rows } = explanation;
  const cells = guard.matrix(personas).get(coordinate) ?? {};
  const access = Object.entries(cells).map(([name, its]) => ({ name, access: its }));
  if (format === 'json') {
    return printed({
      coordinate,
      requirement,
      requires: describe(requirement),
      sources: sources.map(sourceOf),
      rows,
      access: Object.fromEntries(access.map(({ name, access: its }) => [name, accessOf(its)])),
    });
  }
  const code = (text: string) => (format === 'markdown' ? `\`${text}\`` : text);
  const bullet = format === 'markdown' ? '- ' : '  ';
  const written = sources.map((source) => [
    `${bullet}${code(oneLine(source.directive))}`,
    oneLine(describeWay(source)),
    source.location ?? '',
  ]);
  return [
    `${code(coordinate)} requires ${describe(requirement)}${isNothing(requirement) ? ': anyone' : ''}.`,
    '',
    ...(sources.length > 0 ? columns(written) : ['No directive guards it: every viewer of the field may supply it.']),
    '',
    ...rows.flatMap(({ type, visibleTo, relations }) => [
      `Rows of ${type} exist for their viewers by ${describeVisible(visibleTo)}:`,
      '',
      ...columns(Object.entries(relations).map(([name, source]) => [`${bullet}${code(name)}`, oneLine(source)])),
      '',
    ]),
    ...columns(access.map(({ name, access: its }) => [`${bullet}${name}`, describeAccess(its)])),
    '',
  ].join('\n');
}

function explanationOf(guard: Guard, coordinate: string): Explanation {
  try {
    return guard.explain(coordinate);
  } catch (error) {
    if (error instanceof RangeError) throw new AccessError(error.message);
    throw error;
  }
}
