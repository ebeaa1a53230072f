/** Attempts on a real store, with limits and a clock that a test sets. */
import { randomBytes } from 'node:crypto';
import { vi } from 'vitest';
import {
  type Attempt,
  type Block,
  createThrottle,
  type LoginAttempt,
  type Throttle,
  type ThrottleLimits,
} from '../../../../src/authentication/throttling/throttle.ts';
import type { Database } from '../../../../src/database/database.ts';
import { newId } from '../../../../src/database/ids.ts';
import { TooManyRequestsError } from '../../../../src/errors.ts';

export const minute = 60;

const many = { points: 1_000_000, duration: 15 * minute };

/** No limit applies, except those that a test sets. */
export const unlimited: ThrottleLimits = {
  loginPair: many,
  loginAccount: many,
  loginAddress: many,
  registerAddress: many,
  refreshAddress: many,
  refreshSession: many,
  profileAccount: many,
};

export interface Node {
  throttle: Throttle;
  /** The blocks that the throttle has reported. */
  blocks: Block[];
}

/** Names that no other test has, so that all tests can share one database. */
export const someNetwork = (): string => `network-${randomBytes(6).toString('hex')}`;
export const someAccount = (): { id: string } => ({ id: newId() });
export const someName = (): { identifier: string } => ({ identifier: `name${randomBytes(6).toString('hex')}` });

/** The throttle of one server on that database. */
export async function createNode(database: Database, limits: Partial<ThrottleLimits>): Promise<Node> {
  const blocks: Block[] = [];
  const onBlocked = (block: Block) => void blocks.push(block);
  return {
    blocks,
    throttle: await createThrottle(database.fork(), { limits: { ...unlimited, ...limits }, onBlocked }),
  };
}

export type Outcome = Attempt | TooManyRequestsError;

/** A refusal is an outcome; every other error is thrown. */
export async function outcomeOf<T>(attempt: Promise<T>): Promise<T | TooManyRequestsError> {
  try {
    return await attempt;
  } catch (error) {
    if (error instanceof TooManyRequestsError) return error;
    throw error;
  }
}

export function isRefused(outcome: unknown): outcome is TooManyRequestsError {
  return outcome instanceof TooManyRequestsError;
}

/** The seconds that the client is told. */
export function retryAfter(error: TooManyRequestsError): number {
  const text = error.extensions.http?.headers?.['retry-after'] ?? '';
  if (!/^\d+$/.test(text)) throw new Error(`Not whole seconds: ${text}`);
  return Number(text);
}

/** Sign-ins one after the other. Default: from a network where the account has not signed in before. */
export async function logins(
  { throttle }: Pick<Node, 'throttle'>,
  count: number,
  attempt: Omit<LoginAttempt, 'isKnownNetwork'> & { isKnownNetwork?: boolean },
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let n = 0; n < count; n++) outcomes.push(await outcomeOf(throttle.login({ isKnownNetwork: false, ...attempt })));
  return outcomes;
}

/** `true` for each attempt that passed, in order. */
export function passes(outcomes: readonly unknown[]): boolean[] {
  return outcomes.map((outcome) => !isRefused(outcome));
}

export const countPasses = (outcomes: readonly unknown[]): number => passes(outcomes).filter(Boolean).length;

/** Starts all calls at once, when all are ready. */
export async function together<T>(count: number, call: (n: number) => Promise<T>) {
  const barrier = Promise.withResolvers<void>();
  const calls = Array.from({ length: count }, async (_, n) => {
    await barrier.promise;
    return await outcomeOf(call(n));
  });
  barrier.resolve();
  return await Promise.all(calls);
}

/** Stops only the clock, not the timers, because the database needs its time. */
export function stopClock(): void {
  vi.useFakeTimers({ toFake: ['Date'] });
}

export function pass(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}
