/** The vocabulary: every guard directive, as SDL and by name. */
import { assertEnumValueName, assertName, specifiedScalarTypes } from 'graphql';
import { authenticatedGuard } from './authenticated.ts';
import type { GuardDirective } from './guard-directive.ts';
import { ownerGuard } from './owner.ts';
import { ownerOfGuard } from './owner-of.ts';
import { policyGuard } from './policy.ts';
import { publicGuard } from './public.ts';
import { requiresRoleGuard } from './requires-role.ts';
import { requiresScopesGuard } from './requires-scopes.ts';
import { requiresRelationGuard } from './rows/requires-relation.ts';
import { tenantDirective } from './rows/tenant.ts';
import { visibleToDirective } from './rows/visible-to.ts';
import { settableByGuard } from './settable-by.ts';

export const guardDirectives: readonly GuardDirective[] = [
  publicGuard,
  authenticatedGuard,
  requiresScopesGuard,
  policyGuard,
  requiresRoleGuard,
  ownerGuard,
  ownerOfGuard,
  settableByGuard,
  visibleToDirective,
  tenantDirective,
  requiresRelationGuard,
];

export interface VocabularyOptions {
  /** The values of the enum Role; at least one. */
  readonly roles: readonly string[];
  /** Other names for the four types, if the schema has types of these names: `{ Role: 'ViewerRole' }`. */
  readonly names?: {
    readonly Role?: string;
    readonly Scope?: string;
    readonly Policy?: string;
    readonly Relation?: string;
  };
}

const ownNames = { Role: 'Role', Scope: 'Scope', Policy: 'Policy', Relation: 'Relation' };

function assertTypeName(name: string): void {
  assertName(name);
  if (name.startsWith('__')) throw new Error('names that begin with "__" are of introspection.');
  if (specifiedScalarTypes.some((scalar) => scalar.name === name)) throw new Error('it is a scalar of GraphQL itself.');
}

/**
 * The SDL of the vocabulary, for a schema that does not define it itself. It defines the scalars Scope, Policy and
 * Relation, the enum Role and the eleven directives.
 *
 * @throws TypeError for a role or a type whose name is no GraphQL name.
 */
export function directiveTypeDefs({ roles, names = {} }: VocabularyOptions): string {
  if (roles.length === 0) throw new TypeError('directiveTypeDefs needs at least one role: an enum cannot be empty.');
  refuse(roles, 'a role', assertEnumValueName);
  if (new Set(roles).size < roles.length) throw new TypeError('directiveTypeDefs takes each role once.');
  const called: Readonly<Record<string, string>> = { ...ownNames, ...names };
  refuse(Object.values(called), 'a type', assertTypeName);
  const unknown = Object.keys(names).filter((name) => !Object.hasOwn(ownNames, name));
  if (unknown.length > 0) {
    throw new TypeError(
      `directiveTypeDefs has no type ${unknown.join(', ')} to rename: there are Role, Scope, Policy and Relation.`,
    );
  }
  if (new Set(Object.values(called)).size < 4)
    throw new TypeError('directiveTypeDefs needs a name of its own for each type.');
  const types = [
    `"""\nA permission that an access token carries.\n"""\nscalar ${called.Scope}`,
    `"""\nThe name of a rule that the server registers with the guard.\n"""\nscalar ${called.Policy}`,
    `"""\nHow a row stands to the viewer: a relation that is registered for its type, \`visible\`, \`anyone\`, or a relation of a\nparent's, such as \`project.member\`.\n"""\nscalar ${called.Relation}`,
    `"""\nWhat a viewer is trusted with.\n"""\nenum ${called.Role} {\n${roles.map((role) => `  ${role}\n`).join('')}}`,
  ];
  const directives = guardDirectives.map(({ sdl }) =>
    sdl.replace(/\[(Role|Scope|Policy|Relation)!\]/g, (_, name: string) => `[${called[name]}!]`),
  );
  return `${[...types, ...directives].join('\n\n')}\n`;
}

/** SDL is text, so a text that is no name would become something else in it. */
function refuse(names: readonly string[], what: string, assert: (name: string) => unknown): void {
  for (const name of names) {
    try {
      assert(name);
    } catch (error) {
      const reason = (error as Error).message;
      throw new TypeError(`directiveTypeDefs cannot call ${what} ${JSON.stringify(name)}: ${reason}`);
    }
  }
}
