/** The results as Markdown, for the console and for docs/. */
import { conditionLines } from '../conditions.ts';
import { count, figure, spread, table } from '../markdown.ts';
import { entries } from './contestants.ts';
import type { Cell, Flood, Results } from './results.ts';
import { targetRows } from './rows.ts';
import { type Workload, workloads } from './workloads.ts';

export function report(results: Results): string {
  const { cells, sizes, floods } = results;
  const rows = targetRows;
  const guarded = ['viewer', 'row', 'denied'] as const;
  return `${[
    '# What authorization costs: figures',
    'Written by `npm run bench:authorization`; [how it measures and how to read it](README.md).',
    conditions(results),
    `## The price of the guards, ${count(rows)} rows`,
    'Processor time, guarded against unguarded in the same engine: 1 is free. The median of the rounds, with the least and the\nmost.',
    'Targets for Gatewright: at most 1.05 with viewer rules, 1.25 with one row rule.',
    byWorkload(cells, rows, guarded, ({ price }) => price && spread(price)),
    `## Against graphql-js without guards, ${count(rows)} rows`,
    'Less than 1 is faster than graphql-js with no guards at all.',
    byWorkload(cells, rows, ['unguarded', ...guarded], ({ toGraphqlJs }) => spread(toGraphqlJs)),
    `## Against \`guard.execute\`, ${count(rows)} rows`,
    'How many times as long as Gatewright it takes for the same.',
    byWorkload(cells, rows, ['unguarded', ...guarded], ({ toGatewright }) => spread(toGatewright)),
    '## Every size',
    'Milliseconds of processor time for one execution: the median of the rounds.',
    ...(['unguarded', ...guarded] as const).flatMap((workload) => [
      `### ${sentence(workloads[workload].title)}`,
      bySize(cells, sizes, workload),
    ]),
    '## Memory under unique queries',
    '`guard.execute`, one row rule, one row. In use after the collector has run.',
    ...floods.map(memory),
  ].join('\n\n')}\n`;
}

function conditions({ conditions, loadAtEnd, seconds, settings, share }: Results): string {
  const { rounds, warmUp, settle, slice, slices, slicesAtTarget } = settings;
  return [
    ...conditionLines(conditions, { seconds, load: loadAtEnd }, `; ${share} s of processor time in a second measured`),
    `- ${rounds} rounds; ${warmUp} ms to warm up, ${settle} ms more for small sizes; ${slices} slices of ${slice} ms at each size, ${slicesAtTarget} at 1,000 rows`,
  ].join('\n');
}

function byWorkload(
  cells: readonly Cell[],
  rows: number,
  columns: readonly Workload[],
  show: (cell: Cell) => string | undefined,
): string {
  const lines = Object.entries(entries).map(([contestant, { title }]) => [
    title,
    ...columns.map((workload) => {
      const cell = find(cells, contestant, workload, rows);
      return (cell && show(cell)) ?? '';
    }),
  ]);
  const titles = columns.map((workload) => workloads[workload].title);
  return table(
    ['', ...titles],
    lines.filter((line) => line.slice(1).some(Boolean)),
  );
}

function bySize(cells: readonly Cell[], sizes: readonly number[], workload: Workload): string {
  const lines = Object.entries(entries)
    .filter(([, entry]) => entry.workloads.includes(workload))
    .map(([contestant, { title }]) => [
      title,
      ...sizes.map((rows) => figure(find(cells, contestant, workload, rows)?.milliseconds.median as number)),
    ]);
  return table(['rows', ...sizes.map(count)], lines);
}

function memory({ queries, executions, samples }: Flood): string {
  const times = executions === 1 ? 'once' : `${executions} times`;
  const lines = samples.map((sample) => [
    count(sample.queries),
    count(sample.compiled),
    sample.heapMiB.toFixed(1),
    sample.residentMiB.toFixed(0),
    sample.seconds.toFixed(1),
  ]);
  return `### ${count(queries)} queries, each executed ${times}\n\n${table(['queries', 'kept compiled', 'heap, MiB', 'resident, MiB', 'seconds'], lines)}`;
}

function find(cells: readonly Cell[], contestant: string, workload: Workload, rows: number): Cell | undefined {
  return cells.find((cell) => cell.contestant === contestant && cell.workload === workload && cell.rows === rows);
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
