/** The guard under GraphQL Yoga, and under any other server that takes Envelop plugins. */
import type { ExecutionArgs } from 'graphql';
import type { Guard } from '../guard.ts';

/** The type is structural, so that the engine depends on no version of Yoga or Envelop. */
export interface EnvelopPlugin {
  onExecute(payload: { setExecuteFn(execute: (args: ExecutionArgs) => unknown): void }): void;
  onSubscribe(payload: { setSubscribeFn(subscribe: (args: ExecutionArgs) => unknown): void }): void;
}

/**
 * Executes and subscribes through the guard: mode `reject`, visible introspection and compiled execution work then.
 *
 * ```js
 * createYoga({ schema: guard.schema, plugins: [useGuard(guard)] });
 * ```
 */
export function useGuard(guard: Guard): EnvelopPlugin {
  return {
    onExecute: ({ setExecuteFn }) => setExecuteFn((args) => guard.execute(args)),
    onSubscribe: ({ setSubscribeFn }) => setSubscribeFn((args) => guard.subscribe(args)),
  };
}
