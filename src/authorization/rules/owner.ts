import { anyOf, never } from '../requirement.ts';
import { rule, type ShieldRule } from '../shield.ts';
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
    if (typeof field !== 'string' || field === '') {
      site.problem('`field` must name a property of the parent row');
      return never;
    }
    return anyOf([[{ kind: 'owner', field }]], orRights(args, site));
  },
};

/** @param viewerIdOf of whoever is asking; null when nobody is signed in. */
export function ownerRule(field: string, viewerIdOf: (context: unknown) => string | null): ShieldRule {
  return rule(`owner ${field}`)((parent, _args, context) => {
    const id = viewerIdOf(context);
    return id !== null && parent?.[field] === id;
  });
}
