/** A town library: rows and resolvers. They are the same before and after. */
import type { GuardViewer } from 'gatewright/authorization';

export interface Context {
  readonly viewer: GuardViewer | null;
  readonly library: Library;
}

export interface BookRow {
  readonly id: string;
  readonly title: string;
  readonly price: number;
}

export interface MemberRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: string;
}

export interface LoanRow {
  readonly id: string;
  readonly bookId: string;
  readonly memberId: string;
  readonly dueOn: string;
  readonly note: string;
}

export class Library {
  readonly books = new Map<string, BookRow>([
    ['b1', { id: 'b1', title: 'Emma', price: 12 }],
    ['b2', { id: 'b2', title: 'Dune', price: 9 }],
  ]);
  readonly members = new Map<string, MemberRow>([
    ['ann', { id: 'ann', name: 'Ann', email: 'ann@town.test', role: 'MEMBER' }],
    ['bob', { id: 'bob', name: 'Bob', email: 'bob@town.test', role: 'MEMBER' }],
    ['lea', { id: 'lea', name: 'Lea', email: 'lea@town.test', role: 'LIBRARIAN' }],
  ]);
  readonly loans = new Map<string, LoanRow>([
    ['l1', { id: 'l1', bookId: 'b1', memberId: 'ann', dueOn: '2027-01-04', note: 'For the train.' }],
    ['l2', { id: 'l2', bookId: 'b2', memberId: 'bob', dueOn: '2027-01-11', note: 'Again.' }],
  ]);
  isOpen = true;
  /** Null: the register cannot be read. */
  suspended: readonly string[] | null = [];

  isSuspended(id: string): boolean {
    if (this.suspended === null) throw new Error('The register of suspensions cannot be read.');
    return this.suspended.includes(id);
  }

  change(id: string, changes: Partial<LoanRow>): LoanRow | null {
    const loan = this.loans.get(id);
    if (!loan) return null;
    const changed = { ...loan, ...changes };
    this.loans.set(id, changed);
    return changed;
  }
}

interface AddBookArgs {
  input: { title: string; price: number };
}

interface RegisterArgs {
  input: { name: string; role?: string };
}

export const resolvers = {
  Query: {
    books: (_root: unknown, _args: unknown, { library }: Context) => [...library.books.values()],
    members: (_root: unknown, _args: unknown, { library }: Context) => [...library.members.values()],
    librarians: (_root: unknown, _args: unknown, { library }: Context) =>
      [...library.members.values()].filter(({ role }) => role === 'LIBRARIAN'),
    me: (_root: unknown, _args: unknown, { library, viewer }: Context) => library.members.get(viewer?.id ?? ''),
    loan: (_root: unknown, { id }: { id: string }, { library }: Context) => library.loans.get(id),
  },
  Mutation: {
    register: (_root: unknown, { input }: RegisterArgs, { library }: Context) => {
      const id = input.name.toLowerCase();
      library.members.set(id, { id, name: input.name, email: '', role: input.role ?? 'MEMBER' });
      return id;
    },
    renewLoan: (_root: unknown, { id }: { id: string }, { library }: Context) =>
      library.change(id, { dueOn: '2027-02-01' }),
    handOver: (_root: unknown, { id, to }: { id: string; to: string }, { library }: Context) =>
      library.change(id, { memberId: to }),
    addBook: (_root: unknown, { input }: AddBookArgs, { library }: Context) => {
      const book = { id: `b${library.books.size + 1}`, ...input };
      library.books.set(book.id, book);
      return book;
    },
    remind: (_root: unknown, { memberId }: { memberId: string }) => `${memberId} is reminded`,
  },
  Person: { __resolveType: () => 'Member' },
  Book: {
    loans: (book: BookRow, _args: unknown, { library }: Context) =>
      [...library.loans.values()].filter(({ bookId }) => bookId === book.id),
  },
  Loan: {
    book: (loan: LoanRow, _args: unknown, { library }: Context) => library.books.get(loan.bookId),
    member: (loan: LoanRow, _args: unknown, { library }: Context) => library.members.get(loan.memberId),
  },
};
