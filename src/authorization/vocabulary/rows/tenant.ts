import { nothing } from '../../contract/requirement.ts';
import type { GuardDirective } from '../guard-directive.ts';

export const tenantDirective: GuardDirective = {
  name: 'tenant',
  locations: ['OBJECT'],
  decides: 'rows',
  sdl: `"""
Each row belongs to the tenant that its property \`field\` names; null: to viewers without a tenant. Whatever else opens a
row, it is of the viewer's tenant, unless a relation in \`beyond\` opens it. The scopes of one inner list of
\`acrossScopes\` lift this.
"""
directive @tenant(field: String! = "organizationId", beyond: [Relation!], acrossScopes: [[Scope!]!]) on OBJECT`,
  require: () => nothing,
};
