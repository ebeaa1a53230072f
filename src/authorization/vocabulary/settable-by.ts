import { anyOf, never } from '../contract/requirement.ts';
import type { GuardDirective } from './guard-directive.ts';
import { oneList, oneOf, policyCondition, roleCondition, scopeCondition } from './names.ts';

export const settableByGuard: GuardDirective = {
  name: 'settableBy',
  locations: ['ARGUMENT_DEFINITION', 'INPUT_FIELD_DEFINITION'],
  sdl: `"""
Only a viewer with one of these rights may supply this argument or input field, even as null. Leaving it
out needs nothing.
"""
directive @settableBy(
  roles: [Role!]
  scopes: [[Scope!]!]
  policies: [[Policy!]!]
) on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION`,
  require: (args, site) => {
    if (args.roles == null && args.scopes == null && args.policies == null) {
      site.problem('@settableBy names no roles, scopes or policies');
      return never;
    }
    return anyOf(
      args.roles == null ? never : oneOf('roles', args.roles, site, roleCondition(site, 'settableBy')),
      args.scopes == null ? never : oneList('scopes', args.scopes, site, scopeCondition(site)),
      args.policies == null ? never : oneList('policies', args.policies, site, policyCondition(site)),
    );
  },
};
