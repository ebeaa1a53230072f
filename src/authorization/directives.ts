/** The vocabulary: every guard directive there is, as SDL and by name. */
import { authenticatedGuard } from './rules/authenticated.ts';
import type { GuardDirective } from './rules/guard-directive.ts';
import { ownerGuard } from './rules/owner.ts';
import { ownerOfGuard } from './rules/owner-of.ts';
import { policyGuard } from './rules/policy.ts';
import { publicGuard } from './rules/public.ts';
import { requiresRoleGuard } from './rules/requires-role.ts';
import { requiresScopesGuard } from './rules/requires-scopes.ts';
import { settableByGuard } from './rules/settable-by.ts';

export const guardDirectives: readonly GuardDirective[] = [
  publicGuard,
  authenticatedGuard,
  requiresScopesGuard,
  policyGuard,
  requiresRoleGuard,
  ownerGuard,
  ownerOfGuard,
  settableByGuard,
];

/**
 * The SDL of the vocabulary, for a schema that does not define it itself: scalars Scope and Policy, enum Role
 * and the eight directives.
 *
 * @param roles the values of the enum Role; at least one.
 */
export function directiveTypeDefs({ roles }: { roles: readonly string[] }): string {
  if (roles.length === 0) throw new TypeError('directiveTypeDefs needs at least one role: an enum cannot be empty.');
  const types = [
    '"""\nA permission that an access token carries.\n"""\nscalar Scope',
    '"""\nThe name of a rule that the server registers with the guard.\n"""\nscalar Policy',
    `"""\nWhat a viewer is trusted with.\n"""\nenum Role {\n${roles.map((role) => `  ${role}\n`).join('')}}`,
  ];
  return `${[...types, ...guardDirectives.map(({ sdl }) => sdl)].join('\n\n')}\n`;
}
