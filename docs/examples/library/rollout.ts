/** In between: graphql-shield decides still, and the guard tells what it would deny beyond. */
import type { DenialEvent } from 'gatewright/authorization';
import type { GraphQLSchema } from 'graphql';
import { guardLibrary } from './guard.ts';
import type { Context } from './library.ts';
import { guardByShield } from './permissions.ts';

export function watchLibrary(schema: GraphQLSchema, onDenial: (event: DenialEvent<Context>) => void) {
  return guardLibrary(guardByShield(schema), { denial: 'report', onDenial });
}
