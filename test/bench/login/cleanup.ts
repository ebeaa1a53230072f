/** Undoes everything at the end, also on Ctrl-C. */

export interface Cleanup {
  /** Undone in reverse order. A failure to undo is reported, and the rest is still undone. */
  add(what: string, undo: () => unknown): void;
  run(): Promise<void>;
  /** Whether a signal is ending the process. Later failures are then its effect. */
  readonly ending: boolean;
}

const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

function createCleanup(): Cleanup {
  const steps: { what: string; undo: () => unknown }[] = [];
  let ending = false;

  async function run(): Promise<void> {
    for (let step = steps.pop(); step; step = steps.pop()) {
      try {
        await step.undo();
      } catch (error) {
        console.error(`${step.what}: ${(error as Error).message}`);
      }
    }
  }

  for (const [signal, code] of Object.entries(signals)) {
    process.on(signal, () => {
      if (ending) return;
      ending = true;
      console.error(`${signal}: clearing up`);
      void run().finally(() => process.exit(code));
    });
  }
  return {
    add: (what, undo) => void steps.push({ what, undo }),
    run,
    get ending() {
      return ending;
    },
  };
}

/** Runs a benchmark, and cleans up after it. Reports an error under its name, and ends the process with 1. */
export async function runAndClearUp(name: string, run: (cleanup: Cleanup) => Promise<void>): Promise<void> {
  const cleanup = createCleanup();
  try {
    await run(cleanup);
  } catch (error) {
    if (!cleanup.ending) console.error(`${name}: ${(error as Error).message}`);
    process.exitCode = 1;
  }
  await cleanup.run();
}
