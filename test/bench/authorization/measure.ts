/** Times one function. */

/** Milliseconds of all runs together. */
export interface Measured {
  /**
   * What the process used of the processors, garbage collection included. Nothing waits here, so on an idle machine
   * that is the time that passes; on a busy one it is what would have passed.
   */
  readonly processor: number;
  readonly elapsed: number;
  readonly runs: number;
}

/** The kernel's clock is slow to read, and exact to a few milliseconds. */
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
