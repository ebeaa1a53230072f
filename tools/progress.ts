/** Progress of a tool: a bar on a terminal, otherwise a line for every tenth. */
import { SingleBar } from 'cli-progress';

export interface Progress {
  /** Adds `count` to what is done. */
  step(count: number): void;
  /** Ends the bar, also after a failure, so that the terminal shows its cursor again. */
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
