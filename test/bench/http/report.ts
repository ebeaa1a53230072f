/** The report of `npm run bench`. */
import { conditionLines, type RanOnServer } from '../conditions.ts';
import { figure, spread, table } from '../markdown.ts';
import { median, spreadOf } from '../statistics.ts';
import type { WorkloadName } from './contestant.ts';
import type { LoaderName } from './load.ts';
import type { Slice } from './measure.ts';

export interface Results extends RanOnServer {
  readonly settings: {
    readonly rounds: number;
    readonly secondsOfSlice: number;
    /** For each server, with "my tasks", before the first round. */
    readonly secondsOfWarming: number;
    readonly connections: number;
    readonly poolSize: number;
    readonly users: number;
    readonly tasksOfUser: number;
  };
  readonly servers: readonly { readonly name: string; readonly documentation: string }[];
  readonly workloads: readonly WorkloadName[];
  /** By round. */
  readonly rounds: readonly (readonly Slice[])[];
}

const own = 'Gatewright';
const bare = 'bare node:http';

export const targets = [
  { name: 'Mercurius, JIT, mercurius-auth', atLeast: 1.5 },
  { name: 'Apollo Server, graphql-shield', atLeast: 3.5 },
  { name: bare, atLeast: 0.9 },
] as const;

type Figure = 'perSecond' | 'p50' | 'p99' | 'processor' | 'memory';

/** The workload and the load generator. */
export interface Asked {
  readonly workload: WorkloadName;
  readonly loader: LoaderName;
}

const myTasks: Asked = { workload: 'my tasks', loader: 'autocannon' };

/** One figure for each round. */
function figuresOf({ rounds }: Results, server: string, { workload, loader }: Asked, what: Figure): number[] {
  return rounds.flatMap((slices) =>
    slices
      .filter((slice) => slice.server === server && slice.workload === workload && slice.loader === loader)
      .map((slice) => slice[what]),
  );
}

/** Ratios of requests a second, taken within each round. */
export function ratiosOf(results: Results, asked: Asked, server: string, to: string): number[] {
  const [ones, others] = [server, to].map((name) => figuresOf(results, name, asked, 'perSecond'));
  return (ones as number[]).map((one, round) => one / (others as number[])[round]!);
}

/** In the order of the measurement. */
function askedIn({ rounds }: Results): Asked[] {
  const all = (rounds[0] ?? []).map(({ workload, loader }) => [`${workload} ${loader}`, { workload, loader }] as const);
  return [...new Map(all).values()];
}

export function report(results: Results): string {
  const { conditions, settings, seconds, loadAtEnd: load, postgresql, servers } = results;
  const { rounds, secondsOfSlice, secondsOfWarming, connections, poolSize, users, tasksOfUser } = settings;
  const names = servers.map(({ name }) => name);
  const sections = askedIn(results).map((asked) => {
    const lines = names.map((name) => {
      const figures = (what: Figure) => figuresOf(results, name, asked, what);
      const ratio = name === bare ? '' : spread(spreadOf(ratiosOf(results, asked, name, bare)));
      return [
        name,
        spread(spreadOf(figures('perSecond'))),
        ratio,
        figure(median(figures('p50'))),
        figure(median(figures('p99'))),
        figure(median(figures('processor'))),
        figure(median(figures('memory'))),
      ];
    });
    const head = ['', 'requests a second', 'to the bare handler', 'p50, ms', 'p99, ms', 'processor, ms', 'memory, MiB'];
    return `## ${titleOf(asked)}\n\n${table(head, lines)}`;
  });
  return [
    '# A request: figures',
    'Written by `npm run bench`; [how it measures and how to read it](README.md).',
    [
      ...conditionLines(conditions, { seconds, load }),
      `- PostgreSQL ${postgresql}; the servers, the database and the load share the machine`,
      `- ${users} users with ${tasksOfUser} tasks each; ${connections} connections, ${poolSize} to the database`,
      `- ${rounds} rounds, slices of ${secondsOfSlice} s, after ${secondsOfWarming} s of warming; tokens are signed with HS256`,
    ].join('\n'),
    'Each figure is the median of the rounds, with the least and the most. Ratios are taken within a round.',
    ...(names.includes(own) ? [`## Targets\n\n${targetTable(results, names)}`] : []),
    ...sections,
  ].join('\n\n');
}

function titleOf({ workload, loader }: Asked): string {
  const title = `${workload[0]?.toUpperCase()}${workload.slice(1)}`;
  return loader === 'wrk' ? `${title}, asked by wrk` : title;
}

function targetTable(results: Results, names: readonly string[]): string {
  const lines = askedIn(results)
    .filter(({ workload }) => workload === 'my tasks')
    .flatMap((asked) =>
      targets
        .filter(({ name }) => names.includes(name))
        .map(({ name, atLeast }) => {
          const ratios = spreadOf(ratiosOf(results, asked, own, name));
          const verdict = ratios.median >= atLeast ? 'met' : 'missed';
          return [`${titleOf(asked)}, to ${name}`, spread(ratios), String(atLeast), verdict];
        }),
    );
  return table(['Gatewright', 'measured', 'at least', ''], lines);
}

/** A bar chart of "my tasks". */
export function plot(results: Results): string {
  const bars = results.servers
    .map(({ name }) => ({ name, ...spreadOf(figuresOf(results, name, myTasks, 'perSecond')) }))
    .sort((a, b) => b.median - a.median);
  const [left, width, step] = [250, 420, 34];
  const scale = width / Math.max(...bars.map(({ max }) => max));
  const rows = bars.map(({ name, median: middle, min, max }, i) => {
    const y = 60 + i * step;
    const [from, to] = [left + min * scale, left + max * scale];
    return `<text x="${left - 10}" y="${y + 15}" text-anchor="end">${name}</text>
  <rect x="${left}" y="${y}" width="${(middle * scale).toFixed(1)}" height="22" rx="3" class="${name === own ? 'own' : 'bar'}"/>
  <path d="M${from.toFixed(1)} ${y + 11}H${to.toFixed(1)}" class="spread"/>
  <text x="${(to + 8).toFixed(1)}" y="${y + 15}">${Math.round(middle)}</text>`;
  });
  const height = 70 + bars.length * step;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 740 ${height}" font-family="system-ui, sans-serif" font-size="13" role="img">
  <title>Requests a second for my 50 tasks with their owner</title>
  <style>
    text { fill: #1f2328 } .bar { fill: #8c959f } .own { fill: #0969da } .spread { stroke: #1f2328; stroke-width: 1.5 }
    .ground { fill: #ffffff }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 } .bar { fill: #6e7681 } .own { fill: #4493f8 } .spread { stroke: #e6edf3 } .ground { fill: #0d1117 }
    }
  </style>
  <rect width="740" height="${height}" class="ground"/>
  <text x="20" y="28" font-size="15" font-weight="600">My 50 tasks, ten fields and their owner: requests a second</text>
  <text x="20" y="46" opacity="0.75">median of ${results.settings.rounds} rounds; the line spans the least and the most</text>
  ${rows.join('\n  ')}
</svg>
`;
}
