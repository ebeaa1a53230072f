import { openRule, type ShieldRule } from '../rules/shield.ts';
import { type GuardDirective, outputLocations } from './guard-directive.ts';
import { oneList, policyCondition } from './names.ts';

export const policyGuard: GuardDirective = {
  name: 'policy',
  locations: outputLocations,
  sdl: `"""
Every named rule of at least one inner list allows. Source: Apollo Federation, policy v0.1.
"""
directive @policy(policies: [[Policy!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM`,
  require: (args, site) => oneList('policies', args.policies, site, policyCondition(site)),
};

/**
 * Whether a registered rule depends on the viewer alone. Every rule in it is `contextual` then, and one verdict serves
 * a whole operation.
 *
 * @returns a reason instead, if the rule cannot be used.
 */
export function inspectPolicy(policy: ShieldRule): { viewerOnly: boolean } | string {
  const opened = openRule(policy);
  if (!opened) return 'it is no graphql-shield rule: make it with `rule`, `and`, `or`, `not`, `chain` or `race`';
  if ('func' in opened) {
    if (opened.cache === 'no_cache') return { viewerOnly: false };
    if (opened.cache === 'contextual') return { viewerOnly: true };
    return (
      `its rule \`${opened.name}\` has a cache that can hand one row's verdict to another; ` +
      'use `contextual` if the rule depends on the viewer alone, `no_cache` if not'
    );
  }
  const parts = opened.rules.map(inspectPolicy);
  const refused = parts.find((part) => typeof part === 'string');
  return refused ?? { viewerOnly: parts.every((part) => (part as { viewerOnly: boolean }).viewerOnly) };
}
