/** The results as Markdown, for the console and for docs/. */
import { conditionLines } from '../conditions.ts';
import { count, spread, table } from '../markdown.ts';
import type { Spread } from '../statistics.ts';
import { type Kind, kinds } from './databases.ts';
import type { Results } from './results.ts';
import { connections, type Operation, operations } from './serving.ts';
import { scripts, temperatures } from './starts.ts';

/** Seconds from npm to the first answer, of a warm `npm start`. */
export const targets: Readonly<Record<Kind, number>> = { embedded: 3, postgresql: 1 };

const names: Readonly<Record<Kind, string>> = { embedded: 'embedded', postgresql: 'PostgreSQL' };

export function report(results: Results): string {
  const { settings } = results;
  return `${[
    '# What starting takes, and what each database serves: figures',
    'Written by `npm run bench:start`; [how it measures and how to read it](README.md#what-starting-takes).',
    conditions(results),
    'Each figure is the median of the rounds, with the least and the most.',
    '## From `npm` to the first answer',
    'Seconds since npm was started; then the seconds of the processors that the server itself used, and the most memory\nthat it had until then, in MiB.',
    starts(results),
    startsInWords(results),
    '## Memory',
    `Of the server's process, in MiB: ${settings.rest / 1000} s after the start, after ${count(settings.lists)} lists of 50 tasks, and after everything below.`,
    memory(results),
    '## What each database serves',
    'Requests a second, and milliseconds until they are answered.',
    serving(results),
  ].join('\n\n')}\n`;
}

function conditions({ conditions, loadAtEnd, seconds, settings, postgresql, npm }: Results): string {
  return [
    ...conditionLines(conditions, { seconds, load: loadAtEnd }),
    `- PostgreSQL ${postgresql}; npm ${npm}; server, database and clients share the machine`,
    `- ${settings.rounds} rounds; each operation ${settings.serving} ms after ${settings.lead} ms that do not count`,
  ].join('\n');
}

function starts({ figures }: Results): string {
  const lines = scripts.flatMap((script) =>
    kinds.flatMap((kind) =>
      temperatures.map((temperature) => {
        const { ready, answered, listed, processor, peak } = figures.starts[script][kind][temperature];
        return [
          `\`npm run ${script}\`, ${names[kind]}, ${temperature}`,
          ...[ready, answered].map(seconds),
          listed ? seconds(listed) : '',
          seconds(processor),
          spread(peak),
        ];
      }),
    ),
  );
  return table(['', '`ready on`', 'first answer', '50 tasks as well', 'processor', 'peak'], lines);
}

function startsInWords({ figures }: Results): string {
  const against = kinds.map((kind) => {
    const { median } = figures.starts.start[kind].warm.answered;
    const target = targets[kind];
    return `${names[kind]} ${median <= target * 1000 ? 'within' : 'beyond'} ${target} s`;
  });
  return [
    `An npm script that does nothing takes ${seconds(figures.npm)} s, which is part of each.`,
    `Targets for the first answer of a warm \`npm start\`: ${against.join(', ')}.`,
  ].join('\n');
}

function memory({ figures, settings }: Results): string {
  const times = { idle: 'after the start', loaded: `after ${count(settings.lists)} lists`, last: 'after everything' };
  const lines = kinds.flatMap((kind) =>
    Object.entries(times).map(([time, title]) => {
      const { resident, proportional, peak } = figures.serving[kind][time as keyof typeof times];
      return [`${names[kind]}, ${title}`, spread(resident), proportional ? spread(proportional) : '', spread(peak)];
    }),
  );
  return table(['', 'resident (RSS)', 'proportional (PSS)', 'peak so far'], lines);
}

function serving({ figures }: Results): string {
  const lines = (Object.keys(operations) as Operation[]).flatMap((operation) =>
    connections.map((number) => [
      `${operations[operation]}, ${number} ${number === 1 ? 'connection' : 'connections'}`,
      ...kinds.flatMap((kind) => {
        const { rate, p50, p99 } = figures.serving[kind].rates[operation][number];
        return [rate, p50, p99].map(spread);
      }),
    ]),
  );
  const head = kinds.flatMap((kind) => [`${names[kind]}, a second`, 'p50', 'p99']);
  return table(['', ...head], lines);
}

function seconds({ median, min, max }: Spread): string {
  return spread({ median: median / 1000, min: min / 1000, max: max / 1000 });
}
