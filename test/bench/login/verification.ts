/** How many access tokens are verified a second, with and without the cache. */
import { startChild } from '../child.ts';
import type { VerificationQuestion, VerificationReply } from './verification.child.ts';

export const algorithms = ['ES256', 'RS256', 'HS256'] as const;

/** Verifications a second, and the ratio of cached to new tokens. */
export interface VerificationFigures {
  readonly anew: number;
  readonly cached: number;
  readonly ratio: number;
}

export type VerificationRound = Readonly<Record<(typeof algorithms)[number], VerificationFigures>>;

export async function measureVerification(
  question: Omit<VerificationQuestion, 'algorithm'>,
): Promise<VerificationRound> {
  const figures: Partial<Record<keyof VerificationRound, VerificationFigures>> = {};
  for (const algorithm of algorithms) {
    const module = new URL('./verification.child.ts', import.meta.url);
    const child = startChild<VerificationQuestion, VerificationReply>(module);
    try {
      const { anew, cached } = await child.ask({ algorithm, ...question });
      figures[algorithm] = { anew, cached, ratio: cached / anew };
    } finally {
      await child.end();
    }
  }
  return figures as VerificationRound;
}
