/**
 * Publishes the public keys, for services that check access tokens. Sources: RFC 7517, section 8.5; RFC 9110, section
 * 13.1.2.
 */
import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { SigningKeys } from '../../authentication/keys/signing-keys.contract.ts';

/** In seconds. A rotation gives services twice as long to learn of a new key before it signs. */
export const jwksMaxAge = 300;

export function jwksRoute(
  fastify: FastifyInstance,
  { signingKeys, now }: { signingKeys: Pick<SigningKeys, 'jwks'>; now: () => Date },
): void {
  fastify.get('/.well-known/jwks.json', async (request, reply) => {
    const body = JSON.stringify(signingKeys.jwks(now()));
    const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
    reply.header('cache-control', `public, max-age=${jwksMaxAge}`).header('etag', etag);
    if (isMatch(request.headers['if-none-match'], etag)) return reply.code(304).send();
    return reply.type('application/jwk-set+json').send(body);
  });
}

/** Uses the weak comparison, because a proxy that compresses marks the tag as weak. */
function isMatch(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}
