/** How long a start takes: by both scripts, on both databases, for the first time and again. */
import type { Cleanup } from '../login/cleanup.ts';
import { type Databases, kinds } from './databases.ts';
import { forgetStarts, nothing } from './installation.ts';
import { type StartOptions, type StartTimes, start, timeScript } from './started.ts';
import { memoryOf, processorSecondsOf } from './usage.ts';

export interface StartFigures extends StartTimes {
  /** Processor milliseconds of the server's process until then, without npm's. */
  readonly processor: number;
  /** The peak of memory until then, in MiB. */
  readonly peak: number;
}

export const scripts = ['start', 'start:production'] as const satisfies StartOptions['script'][];

/** `cold`: an empty database, and no caches of earlier starts. `warm`: as the start before left it. */
export const temperatures = ['cold', 'warm'] as const;

export type StartRound = {
  readonly [Script in (typeof scripts)[number]]: {
    readonly [Kind in (typeof kinds)[number]]: {
      readonly [Temperature in (typeof temperatures)[number]]: StartFigures;
    };
  };
};

/** How long npm needs for a script that does nothing, in milliseconds. */
export function measureNpm(directory: string): Promise<number> {
  return timeScript(nothing, directory);
}

export async function measureStarts(directory: string, databases: Databases, cleanup: Cleanup): Promise<StartRound> {
  const once = async (
    options: Pick<StartOptions, 'script' | 'environment' | 'token'>,
    prepare = () => {},
  ): Promise<StartFigures> => {
    prepare();
    const server = await start({ ...options, directory }, cleanup);
    const figures = { processor: 1000 * processorSecondsOf(server.pid), peak: memoryOf(server.pid).peak };
    await server.end();
    return { ...server.times, ...figures };
  };
  const round: Record<string, Record<string, Record<string, StartFigures>>> = {};
  for (const script of scripts) {
    round[script] = {};
    for (const kind of kinds) {
      const { environment, reader } = databases.filled[kind];
      const empty = await databases.empty(kind);
      const cold = await once({ script, environment: empty, token: null }, () => forgetStarts(directory));
      // By now the start before has written its caches.
      const warm = await once({ script, environment, token: reader });
      round[script][kind] = { cold, warm };
    }
  }
  return round as StartRound;
}
