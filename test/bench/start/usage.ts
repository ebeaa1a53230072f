/** What a process uses. Source: proc_pid_status(5), proc_pid_smaps(5), proc_pid_stat(5). */
import { readdirSync, readFileSync } from 'node:fs';

/** MiB. */
export interface Memory {
  /** What is in memory of it. */
  readonly resident: number;
  /** The same, with pages that are shared counted by its share; null where the system does not tell. */
  readonly proportional: number | null;
  /** The most that was resident since it began. */
  readonly peak: number;
}

/** @throws Error where there is no such process, or no /proc. */
export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    resident: field(status, 'VmRSS'),
    proportional: proportionalOf(pid),
    peak: field(status, 'VmHWM'),
  };
}

/** Seconds of the processors that it has used so far, with all its threads. @throws Error as `memoryOf` does. */
export function processorSecondsOf(pid: number): number {
  const [user, system] = statOf(pid).slice(11, 13).map(Number);
  return ((user as number) + (system as number)) / ticks;
}

/** Linux counts in hundredths of a second for programs, whatever it uses itself. */
const ticks = 100;

/** In MiB, of text with lines such as `VmRSS:    1024 kB`. @throws Error if it has none of that name. */
export function field(text: string, name: string): number {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  if (kibibytes === undefined) throw new Error(`The system does not tell ${name}.`);
  return Number(kibibytes) / 1024;
}

/** The process at the end of the chain of children: what npm's shell has started. */
export function lastDescendant(pid: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(Number(name));
    if (parent !== null) parents.set(parent, Number(name));
  }
  let last = pid;
  for (let child = parents.get(last); child !== undefined; child = parents.get(last)) last = child;
  return last;
}

function parentOf(pid: number): number | null {
  try {
    return Number(statOf(pid)[1]);
  } catch {
    return null;
  }
}

/** From the third field on: the second, a name in brackets, may hold any character. */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function proportionalOf(pid: number): number | null {
  try {
    return field(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss');
  } catch {
    return null;
  }
}
