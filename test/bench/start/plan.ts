/** Reads from the command line what to measure. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const usage = 'usage: npm run bench:start -- [--rounds 1 to 100] [--output DIRECTORY] [--quick]';
const docs = join(import.meta.dirname, '../../../docs/benchmarks');

/** Milliseconds, except `rounds` and `lists`. */
export interface Settings {
  readonly rounds: number;
  /** How long a server rests before its memory is read. */
  readonly rest: number;
  /** After how many requests its memory is read again. */
  readonly lists: number;
  /** How long each operation is measured, and how long before that it runs uncounted. */
  readonly serving: number;
  readonly lead: number;
}

export interface Plan {
  readonly settings: Settings;
  /** Null: only to the console. */
  readonly output: string | null;
}

const full = { rounds: 5, rest: 3000, lists: 2000, serving: 3000, lead: 1000 };
/** A quick run, to see that everything works. Its figures mean little, so it leaves the committed ones alone. */
const quick = { rounds: 1, rest: 200, lists: 100, serving: 300, lead: 100 };

/** Null if the arguments are wrong; it has then said why. */
export function readPlan(args: string[]): Plan | null {
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ args, options: { rounds: text, output: text, quick: { type: 'boolean' } } });
    const settings = values.quick ? quick : full;
    const rounds = values.rounds === undefined ? settings.rounds : wholeNumber('rounds', values.rounds, 1, 100);
    return { settings: { ...settings, rounds }, output: values.output ?? (values.quick ? null : docs) };
  } catch (error) {
    console.error(`bench:start: ${(error as Error).message}\n${usage}`);
    return null;
  }
}

function wholeNumber(option: string, text: string, minimum: number, maximum: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= minimum && number <= maximum) return number;
  throw new Error(`--${option} ${text} will not do: write a whole number from ${minimum} to ${maximum}`);
}
