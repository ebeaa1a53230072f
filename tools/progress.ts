/** How far a tool has come: a bar on a terminal; elsewhere a line for every tenth. */
import { SingleBar } from 'cli-progress';

export interface Progress {
  /** So many more are done. */
  step(count: number): void;
  /** There will be no more, whether all are done or not: the terminal gets its cursor back. */
  stop(): void;
}

export function progress(what: string, total: number): Progress {
  let done = 0;
  if (!process.stdout.isTTY || total === 0) {
    return {
      step: (count) => {
        const before = Math.floor((10 * done) / total);
        done += count;
        if (Math.floor((10 * done) / total) > before) console.log(`${what}: ${done} of ${total}`);
      },
      stop: () => {},
    };
  }
  const bar = new SingleBar({ format: `${what} [{bar}] {value} of {total}`, hideCursor: true });
  bar.start(total, 0);
  return {
    step: (count) => {
      done += count;
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}
