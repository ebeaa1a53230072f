/** Access tokens: JWTs by RFC 9068, checked as RFC 8725 advises. */
import { hash, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { LRUCache } from 'lru-cache';
import { fromGlobalId, toGlobalId } from '../../database/ids.ts';
import { InvalidTokenError } from '../../errors.ts';
import type { Role } from '../../graphql/schema-types.ts';
import { leeway } from '../keys/key-schedule.ts';
import type { SigningKeys } from '../keys/signing-keys.contract.ts';

export interface AccessTokenClaims {
  /** The account's UUID. */
  userId: string;
  /** The session's UUID. */
  sessionId: string;
  role: Role;
  scopes: readonly string[];
}

export interface AccessTokens {
  /** Signs a token. `expiresAt` is its `exp`. */
  issue(claims: AccessTokenClaims, now: Date): Promise<{ token: string; expiresAt: Date; expiresIn: number }>;
  /** @throws InvalidTokenError for every kind of bad token. */
  verify(token: string, now: Date): Promise<AccessTokenClaims>;
  /** When this server issued its newest token; null if it has issued none. */
  newestIssue(): Date | null;
}

export interface AccessTokenSettings {
  keys: SigningKeys;
  issuer: string;
  audience: string;
  /** Seconds. */
  ttl: number;
}

/** This server's tokens have some 600 characters with ES256, some 1,000 with RS256. */
const maxLength = 4096;

/** How many verified tokens are cached: some 4 MB. */
const maxRemembered = 10_000;

/** The one client that tokens are issued to (RFC 9068, section 2.2 requires its name). */
const clientId = 'gatewright';

export function createAccessTokens(settings: AccessTokenSettings): AccessTokens {
  const { keys, issuer, audience, ttl } = settings;
  // Verified tokens by their hash. Each use still checks time and key, because those can change.
  const remembered = new LRUCache<string, Verified>({ max: maxRemembered });

  let newest: Date | null = null;

  return {
    newestIssue: () => newest,

    issue: async ({ userId, sessionId, role, scopes }, now) => {
      const { kid, algorithm, signingKey } = keys.current(now);
      const iat = seconds(now);
      const exp = iat + ttl;
      const payload = {
        iss: issuer,
        aud: audience,
        sub: toGlobalId('user', userId),
        client_id: clientId,
        iat,
        exp,
        jti: randomUUID(),
        scope: scopes.join(' '),
        sid: toGlobalId('session', sessionId),
        role,
      };
      const token = jwt.sign(payload, signingKey, { algorithm, header: { alg: algorithm, typ: 'at+jwt', kid } });
      newest = now;
      return { token, expiresAt: new Date(exp * 1000), expiresIn: ttl };
    },

    verify: async (token, now) => {
      if (token.length > maxLength) throw new InvalidTokenError();
      const digest = hash('sha256', token, 'base64');
      const known = remembered.get(digest);
      const verified = known ?? (await verifyOnce(token, settings, now));
      if (!isCurrent(verified, now) || !keys.known(verified.kid, now)) {
        remembered.delete(digest);
        throw new InvalidTokenError();
      }
      if (!known) remembered.set(digest, verified);
      return verified.claims;
    },
  };
}

interface Verified {
  claims: AccessTokenClaims;
  kid: string;
  iat: number;
  exp: number;
}

function isCurrent({ iat, exp }: Verified, now: Date): boolean {
  return iat <= seconds(now) + leeway && seconds(now) < exp + leeway;
}

async function verifyOnce(
  token: string,
  { keys, issuer, audience, ttl }: AccessTokenSettings,
  now: Date,
): Promise<Verified> {
  const header = readHeader(token);
  const key = await keys.find(header.kid, now);
  if (!key || header.alg !== key.algorithm) throw new InvalidTokenError();
  let payload: unknown;
  try {
    payload = jwt.verify(token, key.verifyingKey, {
      algorithms: [key.algorithm],
      issuer,
      audience,
      clockTimestamp: seconds(now),
      clockTolerance: leeway,
    });
  } catch {
    throw new InvalidTokenError();
  }
  return { ...readClaims(payload, ttl), kid: key.kid };
}

/** Checks what jsonwebtoken accepts: any `typ`, an unknown `crit`, and Base64 in another spelling. */
function readHeader(token: string): { alg: string; kid: string } {
  const parts = token.split('.');
  if (parts.length !== 3 || !parts.every(isCanonicalBase64Url)) throw new InvalidTokenError();
  const header = parseObject(Buffer.from(parts[0] as string, 'base64url').toString('utf8'));
  // No other names, because `crit`, `b64`, `jku`, `jwk`, `x5u` and the like change a token's meaning or name another
  // key.
  if (!Object.keys(header).every((name) => ['alg', 'typ', 'kid'].includes(name))) throw new InvalidTokenError();
  const { alg, typ, kid } = header;
  if (typeof alg !== 'string' || typeof kid !== 'string' || typeof typ !== 'string') throw new InvalidTokenError();
  if (!/^(?:application\/)?at\+jwt$/i.test(typ)) throw new InvalidTokenError();
  return { alg, kid };
}

function isCanonicalBase64Url(part: string): boolean {
  return part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part;
}

/** Checks what jsonwebtoken accepts: claims that are missing, of another type, or far in the future. */
function readClaims(payload: unknown, ttl: number): Omit<Verified, 'kid'> {
  if (typeof payload !== 'object' || payload === null) throw new InvalidTokenError();
  const { sub, sid, aud, iat, exp, nbf, jti, client_id, scope, role } = payload as Record<string, unknown>;
  const userId = fromGlobalId('user', sub);
  const sessionId = fromGlobalId('session', sid);
  const wellFormed =
    userId !== null &&
    sessionId !== null &&
    [aud].flat().every((value) => typeof value === 'string') &&
    isTime(iat) &&
    isTime(exp) &&
    exp > iat &&
    exp <= iat + ttl + leeway &&
    nbf === undefined &&
    typeof jti === 'string' &&
    client_id === clientId &&
    typeof scope === 'string' &&
    (role === 'USER' || role === 'ADMIN');
  if (!wellFormed) throw new InvalidTokenError();
  return { claims: Object.freeze({ userId, sessionId, role, scopes: scopesOf(scope) }), iat, exp };
}

/** Tokens with the same scopes share one list. */
const scopeLists = new LRUCache<string, readonly string[]>({ max: 100 });

function scopesOf(scope: string): readonly string[] {
  let scopes = scopeLists.get(scope);
  if (!scopes) {
    scopes = Object.freeze(scope.split(' ').filter(Boolean));
    scopeLists.set(scope, scopes);
  }
  return scopes;
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Refused below, like every other fault.
  }
  throw new InvalidTokenError();
}

function seconds(moment: Date): number {
  return Math.floor(moment.getTime() / 1000);
}
