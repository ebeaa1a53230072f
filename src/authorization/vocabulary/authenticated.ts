import type { ViewerOf } from '../contract/options.ts';
import { rule, type ShieldRule } from '../rules/shield.ts';
import { type GuardDirective, outputLocations } from './guard-directive.ts';

export const authenticatedGuard: GuardDirective = {
  name: 'authenticated',
  locations: outputLocations,
  sdl: `"""
A viewer must be signed in. Source: Apollo Federation, authenticated v0.1.
"""
directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM`,
  require: () => [[{ kind: 'authenticated' }]],
};

export function authenticatedRule(viewerOf: ViewerOf): ShieldRule {
  return rule('authenticated')((_parent, _args, context) => viewerOf(context) !== null);
}
