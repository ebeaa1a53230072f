/** The results as Markdown, for the console and for docs/. */
import { conditionLines } from '../conditions.ts';
import { count, spread, table } from '../markdown.ts';
import { growthOf, type Measured, type Results, type Step, timeOf } from './results.ts';

const steps: readonly (readonly [Step, string])[] = [
  ['guard', '`createGuard`'],
  ['first', 'first visible schema'],
  ['longestTurn', 'its longest slice, by the clock'],
  ['later', 'visible schema of other rights'],
  ['kept', 'visible schema that is kept'],
  ['introspection', 'introspection by the guard'],
  ['plain', 'introspection by graphql-js alone'],
];

/** Milliseconds for which other requests wait while the first schema with this many types is made. */
export const target = { types: 2000, milliseconds: 100 };

export function report(results: Results): string {
  const { measured, conditions, seconds, loadAtEnd, settings } = results;
  const [smallest, ...larger] = measured;
  return `${[
    '# How schemas grow: figures',
    'Written by `npm run bench:schema`; [how it measures and how to read it](README.md#how-schemas-grow).',
    [
      ...conditionLines(conditions, { seconds, load: loadAtEnd }),
      `- ${settings.rounds} rounds, each schema in a process of its own`,
    ].join('\n'),
    `Milliseconds of processor time, the median of the rounds, with the least and the most. Target: the first visible schema of\n${count(target.types)} types keeps other requests waiting for ${target.milliseconds} ms at most.${verdict(measured)}`,
    table(
      ['types', ...measured.map(({ types }) => count(types))],
      steps.map(([step, title]) => [title, ...measured.map((one) => spread(timeOf(step, one)))]),
    ),
    `## What a type costs, against ${count(smallest?.types ?? 0)} types`,
    '1 is linear: twice as many types take twice as long.',
    table(
      ['types', ...larger.map(({ types }) => count(types))],
      steps
        .filter(([step]) => step !== 'kept' && step !== 'longestTurn')
        .map(([step, title]) => [title, ...larger.map((one) => spread(growthOf(step, smallest as Measured, one)))]),
    ),
  ].join('\n\n')}\n`;
}

function verdict(measured: readonly Measured[]): string {
  const aimedAt = measured.find(({ types }) => types === target.types);
  if (!aimedAt) return '';
  return timeOf('longestTurn', aimedAt).median <= target.milliseconds ? ' It is met.' : ' It is missed.';
}
