import type { ViewerOf } from '../contract/options.ts';
import { rule, type ShieldRule } from '../rules/shield.ts';
import { type GuardDirective, outputLocations } from './guard-directive.ts';
import { oneOf, roleCondition } from './names.ts';

export const requiresRoleGuard: GuardDirective = {
  name: 'requiresRole',
  locations: outputLocations,
  sdl: `"""
The viewer has one of these roles.
"""
directive @requiresRole(roles: [Role!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM`,
  require: (args, site) => oneOf('roles', args.roles, site, roleCondition(site, 'requiresRole')),
};

export function roleRule(name: string, viewerOf: ViewerOf): ShieldRule {
  return rule(`role ${name}`)((_parent, _args, context) => viewerOf(context)?.roles.includes(name) ?? false);
}
