import { nothing } from '../../contract/requirement.ts';
import type { GuardDirective } from '../guard-directive.ts';

export const visibleToDirective: GuardDirective = {
  name: 'visibleTo',
  locations: ['OBJECT'],
  decides: 'rows',
  sdl: `"""
Rows of the type exist for a viewer who stands in every relation of an inner list to them. \`orRoles\` and \`orScopes\` as in
\`@owner\`. For anybody else a row is as if it were not there: lists, counts and cursors leave it out, and a field that
returns one is null.
"""
directive @visibleTo(relations: [[Relation!]!]!, orRoles: [Role!], orScopes: [[Scope!]!]) on OBJECT`,
  // It hides rows, and denies no field.
  require: () => nothing,
};
