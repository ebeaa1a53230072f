/** What is to be measured, by the command line. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const usage = 'usage: npm run bench:start -- [--rounds 1 to 100] [--output DIRECTORY] [--quick]';
const docs = join(import.meta.dirname, '../../../docs/benchmarks');

/** Milliseconds, but for `rounds` and `lists`. */
export interface Settings {
  readonly rounds: number;
  /** How long a server is left alone before its memory is read. */
  readonly rest: number;
  /** How many requests its memory is read after again. */
  readonly lists: number;
  /** How long each operation is asked for, and how long before that counts. */
  readonly serving: number;
  readonly lead: number;
}

export interface Plan {
  readonly settings: Settings;
  /** Null: on the console alone. */
  readonly output: string | null;
}

const full = { rounds: 5, rest: 3000, lists: 2000, serving: 3000, lead: 1000 };
/** To see that everything runs and answers rightly; its figures mean little, so it leaves the committed ones alone. */
const quick = { rounds: 1, rest: 200, lists: 100, serving: 300, lead: 100 };

/** Null, once it has said why, if the arguments will not do. */
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
