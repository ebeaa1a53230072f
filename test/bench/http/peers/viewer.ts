/** Makes the viewer from the claims of an access token. */
import jwt from 'jsonwebtoken';
import { TypeID } from 'typeid-js';
import { audience, issuer, key } from './environment.ts';

export interface Viewer {
  readonly id: string;
  readonly role: string;
  readonly scopes: readonly string[];
}

export interface Claims {
  readonly sub: string;
  readonly role: string;
  readonly scope: string;
}

export function viewerOf({ sub, role, scope }: Claims): Viewer {
  return { id: TypeID.fromString(sub, 'user').toUUID(), role, scopes: scope.split(' ') };
}

/**
 * As the guides of Apollo Server and most others say: verifies the token of each request in the context function.
 *
 * @throws JsonWebTokenError for a bad token.
 */
export function viewerOfHeader(authorization: string | null | undefined): Viewer | null {
  if (!authorization) return null;
  const token = authorization.replace(/^Bearer /, '');
  return viewerOf(jwt.verify(token, key, { algorithms: ['HS256'], issuer, audience }) as unknown as Claims);
}
