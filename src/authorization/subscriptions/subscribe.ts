/**
 * Subscriptions. The guard decides one before the source of events starts, and again for each event. It ends one when
 * the viewer's token expires or the session ends.
 */
import type { createSourceEventStream, ExecutionResult } from 'graphql';
import type { GuardViewer } from '../contract/options.ts';
import type { MaybePromise } from '../rules/evaluate.ts';
import { maskedFault } from '../rules/fault.ts';
import { Lifetime } from './lifetime.ts';

export type Subscribed = ExecutionResult | AsyncGenerator<ExecutionResult, void, void>;
type Step = IteratorResult<ExecutionResult, void>;
type Source = AsyncIterator<unknown>;

export interface SubscriptionParts {
  /** The present viewer. */
  viewer(): GuardViewer | null;
  /** The guarded source of events, or the answer that refuses it. */
  start(): ReturnType<typeof createSourceEventStream>;
  /** Executes the operation with the event as its root value, and decides anew. */
  executeEvent(event: unknown): MaybePromise<ExecutionResult>;
}

/** @returns the results, or why there are none. In that case the source has not started, or is closed again. */
export async function subscribe({ viewer, start, executeEvent }: SubscriptionParts): Promise<Subscribed> {
  try {
    viewer();
  } catch (error) {
    return { errors: [maskedFault(error)] };
  }
  const lifetime = new Lifetime(viewer);
  const ended = new Promise<ExecutionResult>((resolve) => {
    lifetime.onEnd = (why) => resolve({ errors: [why] });
  });
  const begin = async (): Promise<Subscribed> => {
    if (!lifetime.check()) return ended;
    const started = await start();
    if (!(Symbol.asyncIterator in started)) return started;
    const source = started[Symbol.asyncIterator]();
    if (lifetime.check()) return new GuardedEvents(source, lifetime, executeEvent);
    close(source).catch(ignore);
    return ended;
  };
  try {
    // A source that is slow to start does not delay the end of a session.
    const begun = await Promise.race([begin(), ended]);
    if (!(begun instanceof GuardedEvents)) lifetime.stop();
    return begun;
  } catch (error) {
    lifetime.stop();
    throw error;
  }
}

/** The results of a subscription. However it ends, the source is closed and the viewer no longer watched. */
class GuardedEvents implements AsyncGenerator<ExecutionResult, void, void> {
  readonly #source: Source;
  readonly #lifetime: Lifetime;
  readonly #execute: SubscriptionParts['executeEvent'];
  /** Calls of `next` without an answer, oldest first. */
  readonly #pending = new Set<PromiseWithResolvers<Step>>();
  /** How many of them wait for the source, rather than for the execution of an event. */
  #waiting = 0;
  #isOver = false;
  /** Why the viewer may listen no more. It is handed out once. */
  #last: ExecutionResult | null = null;

  constructor(source: Source, lifetime: Lifetime, execute: SubscriptionParts['executeEvent']) {
    this.#source = source;
    this.#lifetime = lifetime;
    this.#execute = execute;
    lifetime.onEnd = (why) => {
      this.#last = { errors: [why] };
      this.#finish();
      close(source).catch(ignore);
    };
  }

  next(): Promise<Step> {
    if (this.#isOver) return Promise.resolve(this.#takeLast());
    const pending = Promise.withResolvers<Step>();
    this.#pending.add(pending);
    this.#nextResult().then(
      (step) => {
        if (step.done) this.#isOver = true;
        this.#settle(pending, () => pending.resolve(step));
      },
      (error: unknown) => {
        this.#isOver = true;
        this.#settle(pending, () => pending.reject(error));
      },
    );
    return pending.promise;
  }

  /** A consumer that unsubscribes need not wait for a source that itself waits for its next event. */
  async return(): Promise<Step> {
    const isWaiting = this.#waiting > 0;
    const wasOver = this.#isOver;
    this.#last = null;
    this.#finish();
    if (!wasOver) {
      const closing = close(this.#source);
      if (isWaiting) closing.catch(ignore);
      else await closing;
    }
    return { done: true, value: undefined };
  }

  /** Closes the source, and throws the consumer's own error. */
  async throw(error: unknown): Promise<Step> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async #nextResult(): Promise<Step> {
    this.#waiting++;
    const { done, value: event } = await Promise.resolve(this.#source.next()).finally(() => this.#waiting--);
    if (done || !this.#lifetime.check()) return { done: true, value: undefined };
    try {
      const value = await this.#execute(event);
      // The execution took time, so the viewer is checked again.
      return this.#lifetime.check() ? { done: false, value } : { done: true, value: undefined };
    } catch (error) {
      if (!this.#isOver) close(this.#source).catch(ignore);
      throw error;
    }
  }

  /** Drops an answer that comes after the end, because `finish` has given another one. */
  #settle(pending: PromiseWithResolvers<Step>, answer: () => void): void {
    if (this.#pending.delete(pending)) answer();
    // An earlier call of `next` may still be executing the last event.
    if (this.#isOver && this.#pending.size === 0) this.#lifetime.stop();
  }

  /** Answers every waiting call. The oldest gets the reason, if there is one. */
  #finish(): void {
    this.#isOver = true;
    this.#lifetime.stop();
    for (const pending of this.#pending) pending.resolve(this.#takeLast());
    this.#pending.clear();
  }

  #takeLast(): Step {
    const value = this.#last;
    this.#last = null;
    return value ? { done: false, value } : { done: true, value: undefined };
  }
}

async function close(source: Source): Promise<void> {
  await source.return?.();
}

/** The consumer has its answer, so nobody needs to hear that a source failed to close. */
function ignore(): void {}
