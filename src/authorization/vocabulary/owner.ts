import { anyOf, never } from '../contract/requirement.ts';
import { isOwnId, ownerIn } from '../rules/owner-id.ts';
import { isRepresentation, referenceResolverAdvice } from '../rules/reference-resolvers.ts';
import { rule, type ShieldRule } from '../rules/shield.ts';
import type { GuardDirective } from './guard-directive.ts';
import { orRights } from './names.ts';

export const ownerGuard: GuardDirective = {
  name: 'owner',
  locations: ['FIELD_DEFINITION', 'OBJECT'],
  sdl: `"""
The parent row is the viewer's own: its property \`field\` is the viewer's id. One of \`orRoles\`, or every
scope of one inner list of \`orScopes\`, does as well.
"""
directive @owner(field: String! = "ownerId", orRoles: [Role!], orScopes: [[Scope!]!]) on FIELD_DEFINITION | OBJECT`,
  require: (args, site) => {
    if (site.isRoot) {
      site.problem('@owner cannot take effect on a root type: its fields have no parent row; use @ownerOf');
      return never;
    }
    const { field = 'ownerId' } = args;
    if (typeof field !== 'string' || ownerPath(field).includes('')) {
      site.problem('`field` must name a property of the parent row, or a dotted path of them such as `user.id`');
      return never;
    }
    return anyOf([[{ kind: 'owner', field }]], orRights(args, site, 'owner'));
  },
};

/** @param viewerIdOf the id of the viewer; null when nobody is signed in. */
export function ownerRule(field: string, viewerIdOf: (context: unknown) => string | null): ShieldRule {
  const path = ownerPath(field);
  return rule(`owner ${field}`)((row, _args, context, info) => {
    const id = viewerIdOf(context);
    if (id === null) return false;
    try {
      return isOwnId(ownerIn(row, path), id);
    } catch (cause) {
      // Compiled code gives no `info` of a call. graphql-js meets the same fault again, and reports it.
      const { parentType, fieldName } = info;
      const said = cause instanceof Error ? cause.message : String(cause);
      const why = isRepresentation(row)
        ? `\`${parentType}\` has no reference resolver, so \`_entities\` takes for the row what a client wrote; ${referenceResolverAdvice}`
        : said;
      throw new TypeError(`\`${parentType}.${fieldName}\`: @owner reads \`${field}\` of the row: ${why}`, { cause });
    }
  });
}

/** The properties that lead to the owner's id. */
export function ownerPath(field: string): string[] {
  return field.split('.');
}
