/** The results as Markdown, for the console and for docs/. */
import { conditionLines } from '../conditions.ts';
import { count, figure, spread, table } from '../markdown.ts';
import { groups } from './comparisons.ts';
import { type Figure, type Results, target } from './results.ts';

/** The target concerns lists that have an index. */
const targeted: readonly string[] = [groups.orders, groups.indexed, groups.accounts, groups.pages];

export function report(results: Results): string {
  const { figures } = results;
  const sections = [...new Set(figures.map(({ group }) => group))].flatMap((group) => [
    `## ${group}`,
    comparisons(figures.filter((figure) => figure.group === group)),
  ]);
  return `${[
    '# How lists grow: figures',
    'Written by `npm run bench:growth`; [how it measures and how to read it](README.md#how-lists-grow).',
    conditions(results),
    'Milliseconds from the request to the last byte, the median of a round; of all rounds the median, with the least and\nthe most. Ratios are taken within a round.',
    `Target for Gatewright: ${target} at most, of ${count(results.settings.sizes.at(-1) ?? 0)} tasks to ${count(results.settings.sizes[0] ?? 0)} and of page 1,000 to page 1.`,
    summary(figures),
    '## The databases',
    databases(results),
    ...sections,
  ].join('\n\n')}\n`;
}

function conditions({ conditions, loadAtEnd, seconds, settings, postgresql }: Results): string {
  const { rounds, amount } = settings;
  return [
    ...conditionLines(conditions, { seconds, load: loadAtEnd }),
    `- PostgreSQL ${postgresql}; servers, databases and client share the machine; one request at a time`,
    `- ${rounds} rounds; of each variant ${amount.requests} requests, or as many as ${amount.budget} ms are enough for, and 3 at least`,
  ].join('\n');
}

function summary(figures: readonly Figure[]): string {
  return table(
    ['', 'comparisons', 'within the target', 'greatest ratio'],
    targeted.map((group) => {
      const ratios = figures.filter((figure) => figure.group === group).map(({ ratio }) => ratio.median);
      const within = ratios.filter((ratio) => ratio <= target).length;
      return [group, count(ratios.length), count(within), ratios.length > 0 ? figure(Math.max(...ratios)) : ''];
    }),
  );
}

function databases({ databases }: Results): string {
  const mebibytes = (bytes: number) => `${count(Math.round(bytes / 2 ** 20))} MiB`;
  return table(
    ['tasks', 'accounts', 'table', 'indexes', 'made in'],
    databases.map(({ tasks, accounts, tableBytes, indexBytes, seconds }) => [
      ...[count(tasks), count(accounts), mebibytes(tableBytes), mebibytes(indexBytes), `${figure(seconds)} s`],
    ]),
  );
}

function comparisons(figures: readonly Figure[]): string {
  const names = figures[0]?.variants ?? [];
  return table(
    ['', ...names, 'ratio'],
    figures.map(({ title, latencies, ratio, group }) => [
      ...[title, ...latencies.map(spread)],
      `${spread(ratio)}${targeted.includes(group) && ratio.median > target ? ', missed' : ''}`,
    ]),
  );
}
