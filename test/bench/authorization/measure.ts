/** Times one function. */
import { median } from './statistics.ts';

export interface Measured {
  /** Of one run: the median of batches, each the mean of its runs. */
  readonly milliseconds: number;
  readonly runs: number;
}

/** Long enough for the collector of short-lived garbage to have its part in each batch. */
const batchMilliseconds = 10;

export async function measure(run: () => unknown, milliseconds: number, leastBatches = 1): Promise<Measured> {
  const batches: number[] = [];
  let runs = 0;
  const started = performance.now();
  while (batches.length < leastBatches || performance.now() - started < milliseconds) {
    const batchStarted = performance.now();
    let inBatch = 0;
    let elapsed = 0;
    while (elapsed < batchMilliseconds) {
      await run();
      inBatch++;
      elapsed = performance.now() - batchStarted;
    }
    batches.push(elapsed / inBatch);
    runs += inBatch;
  }
  return { milliseconds: median(batches), runs };
}
