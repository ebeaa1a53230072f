/**
 * Limits how often a client may try, before any work is done: see docs/throttling.md. Sources: NIST SP 800-63B-4,
 * section 3.2.2; OWASP Authentication Cheat Sheet; RFC 6585, section 4; RFC 9110, section 10.2.3.
 */
import { createHash } from 'node:crypto';
import type { EntityManager } from '../../database/database.ts';
import { TooManyRequestsError } from '../../errors.ts';
import { identifierKey } from '../../users/identifiers/identifiers.ts';
import { type Counter, createRateLimits, type Limit, type Use } from './rate-limits.ts';

/**
 * Every call counts before it resolves, in a statement of its own. Call it outside transactions. `network`: see
 * `networkOf`. If the store fails, its error is thrown, and nothing is allowed.
 */
export interface Throttle {
  /** @throws ThrottledError */
  register(attempt: { network: string }): Promise<void>;
  /**
   * Call it before the password is verified.
   * @throws ThrottledError, the same whether the account exists or not.
   */
  login(attempt: LoginAttempt): Promise<Attempt>;
  /**
   * For a viewer who must give the current password. It counts as a sign-in of that account from that network. From
   * unknown networks it has a count of its own, as large as that of failed sign-ins.
   * @throws ThrottledError
   */
  password(attempt: { network: string; accountId: string; isKnownNetwork: boolean }): Promise<Attempt>;
  /** @throws ThrottledError */
  refresh(attempt: { network: string }): Promise<void>;
  /** @throws ThrottledError */
  refreshOf(attempt: { sessionId: string }): Promise<void>;
  /**
   * Limited, because the security log keeps each change of a profile.
   * @throws TooManyRequestsError
   */
  profile(attempt: { accountId: string }): Promise<void>;
  /** Call it before the database is closed. */
  close(): Promise<void>;
}

export interface LoginAttempt {
  network: string;
  /** `id`: the account's UUID. `identifier`: the typed text, if no account has it. */
  account: { id: string } | { identifier: string };
  /** Whether the account has signed in from that network before. Attempts from other networks then do not block it. */
  isKnownNetwork: boolean;
}

/** Ends once, in one way or the other; ending it again does nothing. An attempt that does not end has failed. */
export interface Attempt {
  /** The password was right. Gives back the counts that only failures use up. */
  succeeded(): Promise<void>;
  /** No password was verified, for example because too many were being hashed. The attempt then does not count. */
  withdrawn(): Promise<void>;
}

export interface ThrottleLimits {
  /** Sign-ins to one account from one network. */
  readonly loginPair: Limit;
  /** Sign-ins to one account from all networks where it has not signed in before. */
  readonly loginAccount: Limit;
  /** Sign-ins from one network. */
  readonly loginAddress: Limit;
  readonly registerAddress: Limit;
  readonly refreshAddress: Limit;
  readonly refreshSession: Limit;
  /** Changes of names by one account. */
  readonly profileAccount: Limit;
}

/**
 * A limit that was just passed for the first time in its window. A property is null if the key of the limit does not
 * tell it.
 */
export interface Block {
  limit: LimitName;
  /** The account's UUID. */
  accountId: string | null;
  network: string | null;
}

/** Thrown by every limit. The message is the same for every account. */
export class ThrottledError extends TooManyRequestsError {
  /** Set for the first refused attempt in its window, for the security log; null for later ones. */
  readonly block: Block | null;

  constructor(msLeft: number, block: Block | null) {
    const seconds = Math.max(1, Math.ceil(msLeft / 1000));
    super(`Too many attempts. Try again in ${inWords(seconds)}.`, seconds);
    this.block = block;
  }
}

/** The configuration's spelling, after `THROTTLE_`. */
export type LimitName =
  | 'LOGIN_PAIR'
  | 'LOGIN_ACCOUNT'
  | 'LOGIN_ADDRESS'
  | 'REGISTER_ADDRESS'
  | 'REFRESH_ADDRESS'
  | 'REFRESH_SESSION'
  | 'PROFILE_ACCOUNT';

export interface ThrottleSettings {
  /** Default: `defaultLimits`. */
  limits?: ThrottleLimits | undefined;
  /** Called for the first refused attempt, before its error is thrown. An error that it throws replaces that one. */
  onBlocked?: ((block: Block) => void | Promise<void>) | undefined;
}

const minute = 60;

/** 100 a day: NIST SP 800-63B-4, section 3.2.2, allows no more failures for an account. */
export const defaultLimits: ThrottleLimits = {
  loginPair: { points: 10, duration: 15 * minute },
  loginAccount: { points: 100, duration: 24 * 60 * minute },
  loginAddress: { points: 100, duration: 15 * minute },
  registerAddress: { points: 100, duration: 60 * minute },
  refreshAddress: { points: 1000, duration: minute },
  refreshSession: { points: 200, duration: minute },
  profileAccount: { points: 60, duration: 60 * minute },
};

/** `em` names the database. A transaction that `em` is in is not used. */
export async function createThrottle(
  em: EntityManager,
  { limits = defaultLimits, onBlocked }: ThrottleSettings = {},
): Promise<Throttle> {
  const rateLimits = await createRateLimits(em);
  const final = { isFinal: true };
  const pair = rateLimits.counter('login-pair', limits.loginPair);
  const address = rateLimits.counter('login-address', limits.loginAddress);
  const account = rateLimits.counter('login-account', limits.loginAccount);
  const passwordAccount = rateLimits.counter('password-account', limits.loginAccount);
  const registerAddress = rateLimits.counter('register-address', limits.registerAddress, final);
  const refreshAddress = rateLimits.counter('refresh-address', limits.refreshAddress, final);
  const profileAccount = rateLimits.counter('profile-account', limits.profileAccount, final);
  const refreshSession = rateLimits.counter('refresh-session', limits.refreshSession, final);

  async function refuse(use: Use, block: Block): Promise<never> {
    if (use.isFirstRefused) await onBlocked?.(block);
    throw new ThrottledError(use.msLeft, use.isFirstRefused ? block : null);
  }

  async function countFinal(counter: Counter, key: string, block: Block): Promise<void> {
    const use = await counter.count(key);
    if (!use.isAllowed) await refuse(use, block);
  }

  /** Counts all, or none: when one limit refuses, the limits before it get their counts back. */
  async function countAll(steps: readonly Step[]): Promise<Use[]> {
    // Reads first, so that a flood does not write to the database.
    for (const { counter, key } of steps) {
      const msLeft = await counter.msRefused(key);
      if (msLeft > 0) throw new ThrottledError(msLeft, null);
    }
    const uses: Use[] = [];
    for (const { counter, key, block } of steps) {
      const use = await counter.count(key);
      if (!use.isAllowed) {
        await giveBack(steps, uses);
        await refuse(use, block);
      }
      uses.push(use);
    }
    return uses;
  }

  async function attempt({ network, accountKey, accountId }: Who, also: readonly Step[]): Promise<Attempt> {
    const pairKey = `${accountKey} ${network}`;
    const pairStep: Step = { counter: pair, key: pairKey, block: { limit: 'LOGIN_PAIR', accountId, network } };
    const steps = [pairStep, ...also];
    const uses = await countAll(steps);
    let isOver = false;
    const once = (end: () => Promise<void>) => async (): Promise<void> => {
      if (isOver) return;
      isOver = true;
      await end();
    };
    return {
      succeeded: once(async () => {
        await giveBack(also, uses.slice(1));
        await pair.clear(pairKey);
      }),
      withdrawn: once(() => giveBack(steps, uses)),
    };
  }

  return {
    register: ({ network }) =>
      countFinal(registerAddress, network, { limit: 'REGISTER_ADDRESS', accountId: null, network }),

    login: ({ network, account: given, isKnownNetwork }) => {
      const accountId = 'id' in given ? given.id : null;
      const accountKey = accountId ?? keyOf((given as { identifier: string }).identifier);
      // The narrowest limit first. One network's attempts on one account then leave the network's limit to others.
      // They use up only a few attempts of the account's limit.
      const steps: Step[] = [
        { counter: address, key: network, block: { limit: 'LOGIN_ADDRESS', accountId: null, network } },
      ];
      if (!isKnownNetwork) {
        steps.push({ counter: account, key: accountKey, block: { limit: 'LOGIN_ACCOUNT', accountId, network } });
      }
      return attempt({ network, accountKey, accountId }, steps);
    },

    password: ({ network, accountId, isKnownNetwork }) => {
      const block: Block = { limit: 'LOGIN_ACCOUNT', accountId, network };
      const also = isKnownNetwork ? [] : [{ counter: passwordAccount, key: accountId, block }];
      return attempt({ network, accountKey: accountId, accountId }, also);
    },

    refresh: ({ network }) =>
      countFinal(refreshAddress, network, { limit: 'REFRESH_ADDRESS', accountId: null, network }),

    refreshOf: ({ sessionId }) =>
      countFinal(refreshSession, sessionId, { limit: 'REFRESH_SESSION', accountId: null, network: null }),

    profile: ({ accountId }) =>
      countFinal(profileAccount, accountId, { limit: 'PROFILE_ACCOUNT', accountId, network: null }),

    close: rateLimits.close,
  };
}

interface Step {
  counter: Counter;
  key: string;
  block: Block;
}

/** `uses`: those of the first steps, in the same order. */
async function giveBack(steps: readonly Step[], uses: readonly Use[]): Promise<void> {
  for (const [index, use] of uses.entries()) await steps[index]?.counter.giveBack(use);
}

interface Who {
  network: string;
  accountKey: string;
  accountId: string | null;
}

/** All spellings of a name share one key, as they would share an account. The name itself is not stored. */
function keyOf(identifier: string): string {
  return createHash('sha256')
    .update(JSON.stringify(identifierKey(identifier)))
    .digest('base64url');
}

function inWords(seconds: number): string {
  if (seconds === 1) return '1 second';
  if (seconds <= 2 * minute) return `${seconds} seconds`;
  const minutes = Math.ceil(seconds / minute);
  return minutes <= 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}
