/** Under what a benchmark ran: without it the figures say nothing. */
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { versions } from './peers-package.ts';

export interface Conditions {
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Over the last minute. More than a few tenths at the start: something else was running. */
  readonly loadAtStart: number;
}

export function conditionsNow(): Conditions {
  return {
    date: new Date().toISOString(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    v8: process.versions.v8,
    versions: versions(),
    loadAtStart: load(),
  };
}

/** The load average of the last minute. */
export function load(): number {
  return Number(loadavg()[0]?.toFixed(2));
}
