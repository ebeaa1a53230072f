import { anyOf, never } from '../../contract/requirement.ts';
import type { MaybePromise } from '../../rules/evaluate.ts';
import { rule, type ShieldRule } from '../../rules/shield.ts';
import type { GuardDirective } from '../guard-directive.ts';
import { oneList, orRights } from '../names.ts';
import { relationCondition } from './relation-names.ts';

export const requiresRelationGuard: GuardDirective = {
  name: 'requiresRelation',
  locations: ['FIELD_DEFINITION', 'OBJECT'],
  sdl: `"""
The parent row stands in every relation of at least one inner list to the viewer. \`orRoles\` and \`orScopes\` as in
\`@owner\`.
"""
directive @requiresRelation(
  relations: [[Relation!]!]!
  orRoles: [Role!]
  orScopes: [[Scope!]!]
) on FIELD_DEFINITION | OBJECT`,
  require: (args, site) => {
    if (site.isRoot) {
      site.problem('@requiresRelation cannot take effect on a root type: its fields have no parent row');
      return never;
    }
    if (!site.rows.has(site.holder)) {
      site.problem(
        `@requiresRelation cannot take effect: rows of ${site.holder} are not registered, in the option \`rows.of\``,
      );
      return never;
    }
    const relations = oneList('relations', args.relations, site, relationCondition(site.holder, site));
    return anyOf(relations, orRights(args, site, 'requiresRelation'));
  },
};

/** Whether a row of a type stands in a relation to the viewer of the context. */
export type StandsIn = (
  of: { readonly type: string; readonly relation: string; readonly row: object },
  context: unknown,
  info: unknown,
) => MaybePromise<boolean>;

export function relationRule(type: string, relation: string, standsIn: StandsIn): ShieldRule {
  return rule(`relation ${type} ${relation}`)((row, _args, context, info) =>
    typeof row === 'object' && row !== null ? standsIn({ type, relation, row }, context, info) : false,
  );
}
