/** Reads from the command line what to measure. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const usage = 'usage: npm run bench:schema -- [--rounds 1 to 100] [--output DIRECTORY] [--quick]';
const docs = join(import.meta.dirname, '../../../docs/benchmarks');

export interface Settings {
  readonly rounds: number;
  /** Numbers of types, the smallest first. */
  readonly sizes: readonly number[];
}

export interface Plan {
  readonly settings: Settings;
  /** Null: only to the console. */
  readonly output: string | null;
}

const full = { settings: { rounds: 3, sizes: [500, 1000, 2000, 4000, 8000] }, output: docs };
/** A quick run, to see that everything works. Its figures mean little, so it leaves the committed ones alone. */
const quick = { settings: { rounds: 1, sizes: [100, 200] }, output: null };

/** Null if the arguments are wrong; it has then said why. */
export function readPlan(args: string[]): Plan | null {
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ args, options: { rounds: text, output: text, quick: { type: 'boolean' } } });
    const { settings, output } = values.quick ? quick : full;
    const rounds = values.rounds === undefined ? settings.rounds : wholeNumber('rounds', values.rounds, 1, 100);
    return { settings: { ...settings, rounds }, output: values.output ?? output };
  } catch (error) {
    console.error(`bench:schema: ${(error as Error).message}\n${usage}`);
    return null;
  }
}

function wholeNumber(option: string, text: string, minimum: number, maximum: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= minimum && number <= maximum) return number;
  throw new Error(`--${option} ${text} will not do: write a whole number from ${minimum} to ${maximum}`);
}
