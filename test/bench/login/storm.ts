/** Clients that only sign in, each as soon as it has its answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from './accounts.ts';
import { checkRefusal, createClient, type Reply, refusalCodes } from './client.ts';
import { checkInvalidCredentials, sessionOf, signIn } from './operations.ts';

export interface StormOptions {
  readonly url: string;
  readonly accounts: readonly Account[];
  readonly clients: number;
  /** Every second password is wrong. Default: all are right. */
  readonly halfWrong?: boolean;
}

export interface Answered {
  readonly kind: 'signed in' | 'wrong password' | 'refused';
  readonly milliseconds: number;
  /** By `performance.now()`. */
  readonly at: number;
}

export interface Storm {
  readonly answers: readonly Answered[];
  /** Rejects as soon as an answer is wrong. */
  readonly failed: Promise<never>;
  /**
   * Sends no more, and resolves when all requests are answered.
   * @throws Error if an answer was wrong.
   */
  end(): Promise<void>;
}

/** Milliseconds after which a refused client tries again. It ignores Retry-After, as attackers do. */
export const impatience = 250;

export function startStorm({ url, accounts, clients, halfWrong = false }: StormOptions): Storm {
  const http = createClient(url);
  const answers: Answered[] = [];
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  let ending = false;

  async function one(client: number): Promise<void> {
    for (let turn = 0; !ending; turn++) {
      const { username, password } = accounts[(client + turn * clients) % accounts.length] as Account;
      const isWrong = halfWrong && (client + turn) % 2 === 1;
      const reply = await http.send(signIn(username, isWrong ? `${password}!` : password));
      const kind = reply.status in refusalCodes ? 'refused' : isWrong ? 'wrong password' : 'signed in';
      checks[kind](reply);
      answers.push({ kind, milliseconds: reply.milliseconds, at: performance.now() });
      if (kind === 'refused' && !ending) await sleep(impatience);
    }
  }

  const all = Promise.all(Array.from({ length: clients }, (_, client) => one(client)));
  all.catch((error) => {
    ending = true;
    failure.reject(error);
  });
  return {
    answers,
    failed: failure.promise,
    end: async () => {
      ending = true;
      try {
        await all;
      } finally {
        http.close();
      }
    },
  };
}

const checks: Record<Answered['kind'], (reply: Reply) => unknown> = {
  'signed in': sessionOf,
  'wrong password': checkInvalidCredentials,
  refused: checkRefusal,
};
