import type { ViewerOf } from '../contract/options.ts';
import { rule, type ShieldRule } from '../rules/shield.ts';
import { type GuardDirective, outputLocations } from './guard-directive.ts';
import { oneList, scopeCondition } from './names.ts';

export const requiresScopesGuard: GuardDirective = {
  name: 'requiresScopes',
  locations: outputLocations,
  sdl: `"""
The access token holds every scope of at least one inner list. Source: Apollo Federation, requiresScopes v0.1.
"""
directive @requiresScopes(scopes: [[Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM`,
  require: (args, site) => oneList('scopes', args.scopes, site, scopeCondition(site)),
};

export function scopeRule(name: string, viewerOf: ViewerOf): ShieldRule {
  return rule(`scope ${name}`)((_parent, _args, context) => viewerOf(context)?.scopes.includes(name) ?? false);
}
