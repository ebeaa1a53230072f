/** Times one function. */

/** Milliseconds of all runs together. */
export interface Measured {
  /**
   * The processor time of the process, garbage collection included. Nothing waits here. So on an idle machine it equals
   * the elapsed time, and on a busy machine it is what that would have been.
   */
  readonly processor: number;
  readonly elapsed: number;
  readonly runs: number;
}

/** The kernel's clock is slow to read, and exact only to a few milliseconds. */
const lookEvery = 5;

export async function measure(run: () => unknown, milliseconds: number): Promise<Measured> {
  const before = process.cpuUsage();
  const started = performance.now();
  let looked = started;
  let runs = 0;
  for (;;) {
    await run();
    runs++;
    const now = performance.now();
    if (now - looked < lookEvery) continue;
    looked = now;
    const { user, system } = process.cpuUsage(before);
    const processor = (user + system) / 1000;
    if (processor >= milliseconds) return { processor, elapsed: now - started, runs };
  }
}
