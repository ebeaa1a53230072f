/** A source of events in this process, made of `node:events`, that records what happens to it. */
import { EventEmitter, getEventListeners, on } from 'node:events';
import { type ExecutionResult, parse } from 'graphql';
import { expect, vi } from 'vitest';
import type { DenialMode, Guard, GuardViewer } from '../../../../src/authorization/guard.ts';
import { guardOf, user } from '../harness.ts';

export type Results = AsyncGenerator<ExecutionResult, void, void>;

export class EventSource {
  started = 0;
  closed = 0;
  readonly #emitter = new EventEmitter().setMaxListeners(0);
  readonly #ending = new AbortController();

  emit(event: unknown): void {
    this.#emitter.emit('event', event);
  }

  fail(error: Error): void {
    this.#emitter.emit('error', error);
  }

  /** Ends as a source without more events does. */
  end(): void {
    this.#ending.abort();
  }

  /** How many subscriptions listen. */
  get listeners(): number {
    return this.#emitter.listenerCount('event');
  }

  /** For a field's `subscribe`. */
  readonly subscribe = (): AsyncIterableIterator<unknown> => {
    this.started++;
    const events = on(this.#emitter, 'event', { signal: this.#ending.signal });
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: async () => {
        try {
          const { done, value } = await events.next();
          return done ? { done, value } : { done: false, value: value[0] };
        } catch (error) {
          if ((error as Error).name === 'AbortError') return { done: true, value: undefined };
          throw error;
        }
      },
      return: async () => {
        this.closed++;
        await events.return?.();
        return { done: true, value: undefined };
      },
    };
  };
}

export interface Listener {
  viewer: GuardViewer | null;
}

/** The answer of `guard.subscribe`. */
export function subscribeTo(
  guard: Guard,
  contextValue: Listener,
  query: string,
  variableValues?: Record<string, unknown>,
): ReturnType<Guard['subscribe']> {
  return guard.subscribe({ document: parse(query), contextValue, ...(variableValues && { variableValues }) });
}

/** The results of a subscription, which must not be refused. */
export async function listenTo(...asked: Parameters<typeof subscribeTo>): Promise<Results> {
  const results = await subscribeTo(...asked);
  if (!(Symbol.asyncIterator in results)) throw new Error(`refused: ${results.errors?.[0]?.message}`);
  return results;
}

export const minute = 60_000;
export const done = { done: true, value: undefined };
export const sdl = 'type Query { a: Int @authenticated } type Subscription { n: Int @authenticated open: Int @public }';
export const query = 'subscription { n }';

/** Subscriptions `n` for viewers who are signed in, and `open` for every client. */
export function world(options: { denial?: DenialMode; resolve?: (event: { n: number }) => unknown } = {}) {
  const source = new EventSource();
  const { denial = 'filter', resolve = ({ n }) => n } = options;
  const guard = guardOf(
    sdl,
    {
      Query: { a: () => 1 },
      Subscription: { n: { subscribe: source.subscribe, resolve }, open: { subscribe: source.subscribe } },
    },
    { denial },
  );
  return { source, guard };
}

/** A viewer with a token for a while, and a session that can be ended. */
export function signedIn(forMilliseconds = minute) {
  const session = new AbortController();
  const viewer: GuardViewer = user({ expiresAt: new Date(Date.now() + forMilliseconds), ended: session.signal });
  return { session, context: { viewer } as Listener };
}

export const expired = 'UNAUTHENTICATED The token has expired: sign in again.';
export const endedSession = 'UNAUTHENTICATED The session has ended: sign in again.';

/** The text of a last result, which has only errors. */
export function endOf(result: unknown): string {
  expect(Object.keys(result ?? {})).toEqual(['errors']);
  const { errors = [] } = result as ExecutionResult;
  return errors.map(({ message, extensions }) => `${extensions.code} ${message}`).join();
}

/** Expects that nothing is left of a subscription. */
export function expectNothingLeft(source: EventSource, session: AbortController): void {
  expect(source.listeners).toBe(0);
  expect(getEventListeners(session.signal, 'abort')).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
}
