import type { Noun } from '../../graphql/noun.ts';
import { SigningKey } from '../keys/signing-key.entity.ts';
import { RateLimit } from '../throttling/rate-limit.entity.ts';
import { authenticationResolvers } from './sign-in.resolvers.ts';

/** Operations without a type of their own, and the tables that they need. */
export const signIn: Noun = {
  name: 'signIn',
  entities: [SigningKey, RateLimit],
  resolvers: authenticationResolvers,
};
