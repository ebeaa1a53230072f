/** The conditions of a benchmark. Without them its figures mean nothing. */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

export interface Conditions {
  readonly date: string;
  /** The measured commit: its short name, "with changes" if the files differ from it, "unknown" outside of git. */
  readonly commit: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Over the last minute. If it is more than a few tenths at the start, something else was running. */
  readonly loadAtStart: number;
}

/** The head of every benchmark's results. */
export interface Ran {
  readonly conditions: Conditions;
  readonly loadAtEnd: number;
  readonly seconds: number;
}

/** The same, for benchmarks that need a PostgreSQL server. */
export interface RanOnServer extends Ran {
  /** Its version. */
  readonly postgresql: string;
}

/** @param versions of the measured packages, by name. */
export function conditionsNow(versions: Readonly<Record<string, string>>): Conditions {
  return {
    date: new Date().toISOString(),
    commit: commitNow(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    v8: process.versions.v8,
    versions,
    loadAtStart: load(),
  };
}

/** The conditions as the first list of a report. `more`: further lines of the benchmark. */
export function conditionLines(conditions: Conditions, end: { seconds: number; load: number }, more = ''): string[] {
  const { date, commit, processor, cores, memoryGiB, system, node, v8, loadAtStart } = conditions;
  const versions = Object.entries(conditions.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `- ${date}, ${Math.round(end.seconds)} s`,
    `- commit ${commit}`,
    `- ${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}`,
    `- load average ${loadAtStart} at the start, ${end.load} at the end${more}`,
    `- Node ${node}, V8 ${v8}, \`NODE_ENV=production\``,
    `- ${versions.join(', ')}`,
  ];
}

/** The load average of the last minute. */
export function load(): number {
  return Number(loadavg()[0]?.toFixed(2));
}

/** The files that the servers are made of. */
const measured = ['src', 'schema', 'package.json', 'package-lock.json'];

/** @param directory anywhere in the repository. */
export function commitNow(directory = import.meta.dirname): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    const commit = git('rev-parse', '--short', 'HEAD');
    const root = git('rev-parse', '--show-toplevel');
    return git('-C', root, 'status', '--porcelain', '--', ...measured) ? `${commit} with changes` : commit;
  } catch {
    return 'unknown';
  }
}
