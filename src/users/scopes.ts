/** All scopes, and the scopes that each role has. */
import type { Role } from '../graphql/schema-types.ts';

const userScopes = ['task:read', 'task:write', 'user:read'] as const;
const adminScopes = [
  ...userScopes,
  'task:read:any',
  'task:write:any',
  'user:read:any',
  'user:write:any',
  'audit:read',
] as const;

export const scopesOfRole: Readonly<Record<Role, readonly string[]>> = { USER: userScopes, ADMIN: adminScopes };

/** Every scope. */
export const allScopes: readonly string[] = adminScopes;
