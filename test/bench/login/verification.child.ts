/**
 * Verifies access tokens in a process of its own: each for the first time, and one again and again. Only this file of
 * the benchmark imports the authentication room.
 */
import { sharedOptions } from '../../../mikro-orm.config.ts';
import { createAuthentication } from '../../../src/authentication/authentication.ts';
import type { SigningAlgorithm } from '../../../src/authentication/keys/key-material.ts';
import type { AccessTokenClaims } from '../../../src/authentication/tokens/access-token.ts';
import { openDatabase } from '../../../src/database/connection.ts';
import { newId } from '../../../src/database/ids.ts';
import { InvalidTokenError } from '../../../src/errors.ts';
import { scopesOfRole } from '../../../src/users/scopes.ts';
import { answer } from '../child.ts';

export interface VerificationQuestion {
  readonly algorithm: SigningAlgorithm;
  /** The database of the keys. No other server uses it. */
  readonly databaseUrl: string;
  readonly secret: string;
  /** How many tokens are new; fewer than the cache holds. */
  readonly tokens: number;
}

/** Verifications a second. */
export interface VerificationReply {
  readonly anew: number;
  readonly cached: number;
}

/** Without the migrator's own lines. */
const options = { ...sharedOptions, logger: () => {} };

/** Seconds. */
const lifetime = 900;
/** How much more often a known token is verified. */
const cachedTimes = 20;

answer<VerificationQuestion, VerificationReply>(async ({ algorithm, databaseUrl, secret, tokens }) => {
  const database = await openDatabase({ kind: 'postgresql', url: databaseUrl }, options);
  await database.migrate();
  const authentication = await createAuthentication(
    {
      ...{ algorithm, secret },
      ...{ issuer: 'http://bench.example', audience: 'http://bench.example/graphql' },
      ...{ accessTokenTtl: lifetime, refreshTokenTtl: lifetime, refreshRetryWindow: 30, sessionTtl: lifetime },
      ...{ maxHashes: 1, now: new Date() },
    },
    database,
  );
  const { issue, verify } = authentication.accessTokens;
  const claims: AccessTokenClaims = { userId: newId(), sessionId: newId(), role: 'USER', scopes: scopesOfRole.USER };
  const now = new Date();
  const issued: string[] = [];
  for (let token = 0; token < 2 * tokens; token++) issued.push((await issue(claims, now)).token);
  const [warmUp, anew] = [issued.slice(0, tokens), issued.slice(tokens)];
  const known = anew[0] as string;
  const cached = new Array<string>(cachedTimes * tokens).fill(known);

  const rate = async (of: readonly string[]): Promise<number> => {
    globalThis.gc?.();
    const started = performance.now();
    for (const token of of) await verify(token, now);
    return (of.length * 1000) / (performance.now() - started);
  };
  await check(verify, warmUp[0] as string, claims);
  await rate(warmUp);
  const reply = { anew: await rate(anew), cached: 0 };
  await rate(cached.slice(0, tokens));
  reply.cached = await rate(cached);
  await authentication.close();
  await database.close();
  return reply;
});

/** @throws Error unless a good token is accepted with its claims, twice, and a changed one is refused. */
async function check(
  verify: (token: string, now: Date) => Promise<AccessTokenClaims>,
  token: string,
  claims: AccessTokenClaims,
): Promise<void> {
  const now = new Date();
  for (const found of [await verify(token, now), await verify(token, now)]) {
    if (found.sessionId !== claims.sessionId || found.scopes.join() !== claims.scopes.join()) {
      throw new Error(`a wrong answer, not the claims that were issued: ${JSON.stringify(found)}`);
    }
  }
  const [header, payload, signature = ''] = token.split('.');
  const changed = `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  const refused = await verify(changed, now).then(
    () => null,
    (error: unknown) => error,
  );
  if (!(refused instanceof InvalidTokenError)) throw new Error('a wrong answer: a changed token was not refused');
}
