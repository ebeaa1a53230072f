/** Servers that share a table of signing keys, with a clock that the test sets. */

import type { SigningKeys } from '../../../../src/authentication/keys/signing-keys.contract.ts';
import {
  listSigningKeys,
  retireSigningKey,
  rotateSigningKey,
} from '../../../../src/authentication/keys/signing-keys.rotation.ts';
import { loadSigningKeys, type SigningKeySettings } from '../../../../src/authentication/keys/signing-keys.ts';
import { type AccessTokens, createAccessTokens } from '../../../../src/authentication/tokens/access-token.ts';
import type { Database } from '../../../../src/database/database.ts';
import { newId } from '../../../../src/database/ids.ts';
import { InvalidTokenError } from '../../../../src/errors.ts';

export const secret = 'a secret of the tests, not of any server';
export const nextSecret = 'another secret of the tests, of no server';
export const accessTokenTtl = 900;
/** How long a key stays after another has begun to sign. */
export const overlap = accessTokenTtl + 5 + 120;

const claims = { userId: newId(), sessionId: newId(), role: 'USER', scopes: ['task:read'] } as const;

/** One server: its keys, and the tokens that it signs and checks. */
export interface Node {
  keys: SigningKeys;
  tokens: AccessTokens;
  /** How often the table was read since the start, and the fault of the next reading. */
  table: { reads: number; fault: Error | null };
}

export type KeyWorld = ReturnType<typeof createKeyWorld>;

export function createKeyWorld(database: Database) {
  let clock = Date.UTC(2026, 0, 1, 12);
  const now = (): Date => new Date(clock);
  const settings = () => ({ algorithm: 'ES256', accessTokenTtl, now: now() }) as const;
  return {
    now,
    pass: (seconds: number): void => {
      clock += seconds * 1000;
    },
    start: async (change: Partial<SigningKeySettings> = {}): Promise<Node> => {
      const em = database.fork();
      const table: Node['table'] = { reads: 0, fault: null };
      const fork = em.fork.bind(em);
      em.fork = (options) => {
        table.reads++;
        if (table.fault) throw table.fault;
        return fork(options);
      };
      const keys = await loadSigningKeys(em, { secret, ...settings(), ...change });
      table.reads = 0;
      return { keys, tokens: createAccessTokens({ keys, issuer: 'i', audience: 'a', ttl: accessTokenTtl }), table };
    },
    rotate: (delay: number, secrets = { secret, previousSecret: null as string | null }) =>
      rotateSigningKey(database.fork(), { ...settings(), ...secrets, signsFrom: new Date(clock + delay * 1000) }),
    retire: (kid: string) => retireSigningKey(database.fork(), kid, settings()),
    list: async () => (await listSigningKeys(database.fork(), settings())).map(({ kid, state }) => [kid, state.is]),
    issue: async ({ tokens }: Node): Promise<string> => (await tokens.issue(claims, now())).token,
    accepts: async ({ tokens }: Node, token: string): Promise<boolean> => {
      try {
        await tokens.verify(token, now());
        return true;
      } catch (error) {
        if (error instanceof InvalidTokenError) return false;
        throw error;
      }
    },
    published: ({ keys }: Node) => keys.jwks(now()).keys.map(({ kid }) => kid),
  };
}

export function kidOf(token: string): string {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;
}
