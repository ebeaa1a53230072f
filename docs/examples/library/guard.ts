/** After: the library guarded by its schema. What is no directive is a policy. */
import { createGuard, type GuardOptions, inputRule, not, rule, type ShieldRule } from 'gatewright/authorization';
import type { GraphQLSchema } from 'graphql';
import type { Context } from './library.ts';

const isLibrarian = rule<Context>('isLibrarian', { cache: 'contextual' })(
  (_parent, _args, { viewer }) => viewer?.roles.includes('LIBRARIAN') ?? false,
);
const mayLend = rule<Context>('mayLend', { cache: 'contextual' })(
  (_parent, _args, { viewer }) => viewer?.scopes.includes('loan:write') ?? false,
);
const isOpen = rule<Context>('isOpen', { cache: 'contextual' })(
  (_parent, _args, { library }) => library.isOpen || 'The library is closed.',
);
const isSuspended = rule<Context>('isSuspended', { cache: 'contextual' })(
  (_parent, _args, { viewer, library }) => viewer !== null && library.isSuspended(viewer.id),
);
const isAnonymous = rule<Context>('isAnonymous', { cache: 'contextual' })(
  (_parent, _args, { viewer }) => viewer === null,
);
const hasTitle = inputRule('hasTitle')((yup) =>
  yup.object({ input: yup.object({ title: yup.string().min(2, 'A title has two letters or more.') }) }),
);

const policies: Record<string, ShieldRule<Context>> = {
  isLibrarian,
  mayLend,
  isOpen,
  isAnonymous,
  isInGoodStanding: not(isSuspended),
  hasTitle,
};

export function guardLibrary(schema: GraphQLSchema, options: Pick<GuardOptions<Context>, 'denial' | 'onDenial'> = {}) {
  return createGuard<Context>(schema, {
    ...options,
    viewer: (context) => context.viewer,
    scopes: ['loan:write'],
    policies,
    owners: { Loan: async (ids, { library }) => ids.map((id) => library.loans.get(id)?.memberId) },
  });
}
