/** Before: the library guarded by graphql-shield, as one writes it by hand. */
import { createRequire } from 'node:module';
import type * as Middleware from 'graphql-middleware';
import type * as Shield from 'graphql-shield';

const require = createRequire(import.meta.url);
// On Node 23 and later graphql-shield loads as CommonJS alone, and its `chain` and `race` miss what Node removed.
const util = require('node:util') as { isUndefined?: (value: unknown) => boolean };
util.isUndefined ??= (value) => value === undefined;
const { applyMiddleware } = require('graphql-middleware') as typeof Middleware;
const { allow, and, chain, inputRule, not, or, race, rule, shield } = require('graphql-shield') as typeof Shield;

const isAuthenticated = rule('isAuthenticated', { cache: 'contextual' })(
  (_parent, _args, { viewer }) => viewer !== null,
);
const isLibrarian = rule('isLibrarian', { cache: 'contextual' })(
  (_parent, _args, { viewer }) => viewer?.roles.includes('LIBRARIAN') ?? false,
);
const mayLend = rule('mayLend', { cache: 'contextual' })(
  (_parent, _args, { viewer }) => viewer?.scopes.includes('loan:write') ?? false,
);
const isOpen = rule('isOpen', { cache: 'contextual' })(
  (_parent, _args, { library }) => library.isOpen || 'The library is closed.',
);
const isSuspended = rule('isSuspended', { cache: 'contextual' })(
  (_parent, _args, { viewer, library }) => viewer !== null && library.isSuspended(viewer.id),
);
const isSelf = rule('isSelf', { cache: 'strict' })((member, _args, { viewer }) => member.id === viewer?.id);
const isBorrower = rule('isBorrower', { cache: 'strict' })((loan, _args, { viewer }) => loan.memberId === viewer?.id);
const ownsLoan = rule('ownsLoan', { cache: 'strict' })(
  (_parent, { id }, { viewer, library }) => viewer !== null && library.loans.get(id)?.memberId === viewer.id,
);
const hasTitle = inputRule('hasTitle')((yup) =>
  yup.object({ input: yup.object({ title: yup.string().min(2, 'A title has two letters or more.') }) }),
);

const permissions = shield(
  {
    Query: {
      '*': isAuthenticated,
      books: allow,
      librarians: allow,
      members: isLibrarian,
    },
    Mutation: {
      register: not(isAuthenticated),
      renewLoan: and(isAuthenticated, mayLend, not(isSuspended), or(ownsLoan, isLibrarian)),
      handOver: and(mayLend, or(ownsLoan, isLibrarian)),
      addBook: chain(isLibrarian, hasTitle),
      remind: race(isLibrarian, and(mayLend, isOpen)),
    },
    Person: isAuthenticated,
    Book: { price: isLibrarian },
    Member: { email: or(isSelf, isLibrarian) },
    Loan: { note: isBorrower },
    RegisterInput: { role: isLibrarian },
  },
  { allowExternalErrors: true, fallbackError: 'Not allowed.' },
);

export const guardByShield = (schema: Parameters<typeof applyMiddleware>[0]) => applyMiddleware(schema, permissions);
