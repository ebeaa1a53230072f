/**
 * A flood of different queries through one guard, in a process of its own. Its store of operations must stay bounded.
 * Each document differs by an alias. Reports the memory in use after a collection.
 */
import { parse } from 'graphql';
import { answer } from '../child.ts';
import { guardFor } from './contestants/gatewright.ts';
import { query } from './question.ts';
import { owner } from './rows.ts';

export interface FloodOrder {
  readonly queries: number;
  /** How often each query is executed; often enough makes it hot. */
  readonly executions: number;
}

export interface FloodSample {
  readonly queries: number;
  /** Operations that the guard keeps compiled. */
  readonly compiled: number;
  readonly heapMiB: number;
  readonly residentMiB: number;
  readonly seconds: number;
}

export interface FloodQuestion {
  /** Sends queries until this many have been sent. */
  readonly upTo: number;
  readonly executions: number;
}

const guard = guardFor('row');
const started = performance.now();
let asked = 0;

answer<FloodQuestion, FloodSample>(async ({ upTo, executions }) => {
  for (; asked < upTo; asked++) await ask(asked, executions);
  return sample();
});

async function ask(number: number, executions: number): Promise<void> {
  const document = parse(query.replace('tasks(', `tasks${number}: tasks(`));
  for (let execution = 0; execution < executions; execution++) {
    const { data, errors } = await guard.execute({
      document,
      contextValue: { viewer: owner() },
      variableValues: { rows: 1 },
    });
    if (errors || !data?.[`tasks${number}`]) throw new Error(`query ${number}: ${JSON.stringify(errors ?? data)}`);
  }
}

function sample(): FloodSample {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const mebibytes = (bytes: number) => Number((bytes / 2 ** 20).toFixed(1));
  const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
  const compiled = guard.compiled?.operations ?? 0;
  return { queries: asked, compiled, heapMiB: mebibytes(heapUsed), residentMiB: mebibytes(rss), seconds };
}
