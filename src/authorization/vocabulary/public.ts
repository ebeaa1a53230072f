import { nothing } from '../contract/requirement.ts';
import type { GuardDirective } from './guard-directive.ts';

export const publicGuard: GuardDirective = {
  name: 'public',
  locations: ['FIELD_DEFINITION', 'OBJECT'],
  sdl: `"""
Anyone may see this, signed in or not.
"""
directive @public on FIELD_DEFINITION | OBJECT`,
  require: () => nothing,
};
