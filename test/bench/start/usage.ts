/** The memory and processor time of a process. Source: proc_pid_status(5), proc_pid_smaps(5), proc_pid_stat(5). */
import { readdirSync, readFileSync } from 'node:fs';

/** MiB. */
export interface Memory {
  /** Its resident memory. */
  readonly resident: number;
  /** The same, counting its share of shared pages; null if the system does not tell. */
  readonly proportional: number | null;
  /** The greatest resident memory since it began. */
  readonly peak: number;
}

/** @throws Error if there is no such process, or no /proc. */
export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    resident: field(status, 'VmRSS'),
    proportional: proportionalOf(pid),
    peak: field(status, 'VmHWM'),
  };
}

/**
 * Processor seconds so far, of all its threads.
 * @throws Error as `memoryOf` does.
 */
export function processorSecondsOf(pid: number): number {
  const [user, system] = statOf(pid).slice(11, 13).map(Number);
  return ((user as number) + (system as number)) / ticks;
}

/** Linux counts in hundredths of a second for programs, whatever it uses internally. */
const ticks = 100;

/**
 * In MiB, from text with lines such as `VmRSS:    1024 kB`.
 * @throws Error if it has no such line.
 */
export function field(text: string, name: string): number {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  if (kibibytes === undefined) throw new Error(`The system does not tell ${name}.`);
  return Number(kibibytes) / 1024;
}

/** The last process in the chain of children, which npm's shell has started. */
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

/** The fields from the third on. The second, a name in brackets, may hold any character. */
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
