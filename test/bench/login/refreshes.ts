/** Refreshing: chains, where each link uses the last token; and an immediate retry of the last link. */
import { percentile } from '../statistics.ts';
import type { Account } from './accounts.ts';
import { type Client, createClient, wrong } from './client.ts';
import { refreshing, sessionOf, signIn, type Tokens } from './operations.ts';

/** Rates a second, and milliseconds. */
export interface RefreshFigures {
  readonly refreshes: number;
  readonly refreshP50: number;
  readonly refreshP99: number;
  readonly replays: number;
  readonly replayP50: number;
  readonly replayP99: number;
}

export const chains = 16;

/**
 * @param milliseconds of each of the two phases. Retries end before the retry window does, by default half a minute.
 */
export async function measureRefreshes(
  url: string,
  accounts: readonly Account[],
  milliseconds: number,
): Promise<RefreshFigures> {
  const client = createClient(url);
  try {
    const sessions: Tokens[] = [];
    for (const { username, password } of accounts.slice(0, chains)) {
      sessions.push(sessionOf(await client.send(signIn(username, password))));
    }
    const tokens = sessions.map(({ refreshToken }) => refreshToken);
    const seen = new Set(tokens);
    const traded = await repeat(milliseconds, async (chain) => {
      const { refreshToken, took } = await refresh(client, tokens[chain] as string);
      if (seen.has(refreshToken)) throw new Error('a wrong answer, not a new refresh token: one that was given before');
      seen.add(refreshToken);
      tokens[chain] = refreshToken;
      return took;
    });
    const successors = await Promise.all(tokens.map((token) => refresh(client, token)));
    const replayed = await repeat(milliseconds, async (chain) => {
      const { refreshToken, took } = await refresh(client, tokens[chain] as string);
      if (refreshToken !== successors[chain]?.refreshToken) throw new Error('a wrong answer, not the same successor');
      return took;
    });
    return {
      ...{ refreshes: traded.perSecond, refreshP50: traded.p50, refreshP99: traded.p99 },
      ...{ replays: replayed.perSecond, replayP50: replayed.p50, replayP99: replayed.p99 },
    };
  } finally {
    client.close();
  }
}

async function refresh(client: Client, token: string): Promise<{ refreshToken: string; took: number }> {
  const reply = await client.send(refreshing(token));
  const { refreshToken } = sessionOf(reply);
  if (refreshToken === token) throw wrong('another refresh token', reply);
  return { refreshToken, took: reply.milliseconds };
}

async function repeat(
  milliseconds: number,
  once: (chain: number) => Promise<number>,
): Promise<{ perSecond: number; p50: number; p99: number }> {
  const started = performance.now();
  const latencies: number[] = [];
  const run = async (_: unknown, chain: number): Promise<void> => {
    while (performance.now() - started < milliseconds) latencies.push(await once(chain));
  };
  await Promise.all(Array.from({ length: chains }, run));
  const seconds = (performance.now() - started) / 1000;
  return {
    perSecond: latencies.length / seconds,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
  };
}
