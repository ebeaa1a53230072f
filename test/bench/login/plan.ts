/** Reads from the command line what to measure. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Settings } from './results.ts';

const usage =
  'usage: npm run bench:login -- [--rounds 1 to 100] [--output DIRECTORY] [--seed 0 to 4294967295] [--quick]';
const docs = join(import.meta.dirname, '../../../docs/benchmarks');

export interface Plan {
  readonly settings: Omit<Settings, 'timing'> & {
    /** `seed`: undefined if none was given. */
    readonly timing: { readonly samples: number; readonly seed: number | undefined };
  };
  /** Null: only to the console. */
  readonly output: string | null;
}

const full = {
  rounds: 5,
  hashes: { hashing: 3000, lead: 3000, storm: 8000 },
  readers: { rate: 100, reading: 15_000, lead: 3000 },
  refreshes: 5000,
  tokens: 2000,
  samples: 400,
  output: docs,
};
/** A quick run, to see that everything works. Its figures mean little, so it leaves the committed ones alone. */
const quick = {
  rounds: 1,
  hashes: { hashing: 500, lead: 500, storm: 2000 },
  readers: { rate: 50, reading: 2000, lead: 500 },
  refreshes: 1000,
  tokens: 200,
  samples: 20,
  output: null,
};

/** Null if the arguments are wrong; it has then said why. */
export function readPlan(args: string[]): Plan | null {
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({
      args,
      options: { rounds: text, output: text, seed: text, quick: { type: 'boolean' } },
    });
    const { samples, output, ...settings } = values.quick ? quick : full;
    const rounds = values.rounds === undefined ? settings.rounds : wholeNumber('rounds', values.rounds, 1, 100);
    const seed = values.seed === undefined ? undefined : wholeNumber('seed', values.seed, 0, 2 ** 32 - 1);
    return { settings: { ...settings, rounds, timing: { samples, seed } }, output: values.output ?? output };
  } catch (error) {
    console.error(`bench:login: ${(error as Error).message}\n${usage}`);
    return null;
  }
}

function wholeNumber(option: string, text: string, minimum: number, maximum: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= minimum && number <= maximum) return number;
  throw new Error(`--${option} ${text} will not do: write a whole number from ${minimum} to ${maximum}`);
}
