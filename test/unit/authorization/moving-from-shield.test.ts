/**
 * The example of docs/moving-from-graphql-shield.md: what it calls the same is the same, and what it calls closed is
 * closed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { buildASTSchema, type ExecutionResult, graphql, Kind, parse, print, Source } from 'graphql';
import { describe, expect, it } from 'vitest';
import { guardLibrary } from '../../../docs/examples/library/guard.ts';
import { type Context, Library, resolvers } from '../../../docs/examples/library/library.ts';
import { guardByShield } from '../../../docs/examples/library/permissions.ts';
import { watchLibrary } from '../../../docs/examples/library/rollout.ts';
import {
  type DenialEvent,
  directiveTypeDefs,
  type Guard,
  GuardError,
  type GuardViewer,
} from '../../../src/authorization/guard.ts';

const examples = join(import.meta.dirname, '../../../docs/examples/library');
const read = (name: string) => readFileSync(join(examples, name), 'utf8');
const vocabulary = directiveTypeDefs({ roles: ['MEMBER', 'LIBRARIAN'] });

const personas: Record<string, GuardViewer | null> = {
  anonymous: null,
  ann: { id: 'ann', roles: ['MEMBER'], scopes: ['loan:write'] },
  bob: { id: 'bob', roles: ['MEMBER'], scopes: [] },
  lea: { id: 'lea', roles: ['LIBRARIAN'], scopes: ['loan:write'] },
};

type Ask = (source: string, operationName: string, contextValue: Context) => Promise<ExecutionResult>;

const shielded = guardByShield(makeExecutableSchema({ typeDefs: read('before.graphql'), resolvers }));
const before: Ask = (source, operationName, contextValue) =>
  graphql({ schema: shielded, source, operationName, contextValue });

const schema = makeExecutableSchema({ typeDefs: [vocabulary, read('after.graphql')], resolvers });
const after = askGuard(guardLibrary(schema));

function askGuard(guard: Guard): Ask {
  return async (source, operationName, contextValue) =>
    guard.execute({ document: parse(source), operationName, contextValue });
}

/** The data of a persona, the denied places, and the rows afterwards. */
async function outcome(ask: Ask, file: string, name: string, persona: string, prepare = (_library: Library) => {}) {
  const library = new Library();
  prepare(library);
  const { data, errors = [] } = await ask(file, name, { viewer: personas[persona] ?? null, library });
  const denied = errors.map(({ path }) => path?.map((key) => (typeof key === 'number' ? '@' : key)).join('.'));
  const rows = [library.books, library.members, library.loans].map((map) => [...map.values()]);
  return { data: JSON.parse(JSON.stringify(data ?? null)), denied: [...new Set(denied)].sort(), rows, errors };
}

/** Each operation of a file, with its fragments. */
function operationsOf(file: string): Map<string, string> {
  const { definitions } = parse(read(file));
  const fragments = definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION).map(print);
  return new Map(
    definitions.flatMap((definition) => {
      if (definition.kind !== Kind.OPERATION_DEFINITION) return [];
      const text = print(definition);
      return [
        [definition.name?.value ?? '', [text, ...fragments.filter((one) => text.includes('...') && one)].join('\n')],
      ];
    }),
  );
}

const circumstances: [string, (library: Library) => void][] = [
  ['as usual', () => {}],
  ['when the library is closed', (library) => Object.assign(library, { isOpen: false })],
  ['when Ann is suspended', (library) => Object.assign(library, { suspended: ['ann'] })],
];

describe.each(Object.keys(personas))('%s gets the same before and after', (persona) => {
  it.each([...operationsOf('same.graphql')])('from %s', async (name, source) => {
    for (const [, prepare] of circumstances) {
      const [was, is] = [
        await outcome(before, source, name, persona, prepare),
        await outcome(after, source, name, persona, prepare),
      ];
      expect([is.data, is.denied, is.rows]).toEqual([was.data, was.denied, was.rows]);
    }
  });
});

it('the results are neither all allowed nor all denied', async () => {
  for (const [name, source] of operationsOf('same.graphql')) {
    const all = await Promise.all(Object.keys(personas).map((persona) => outcome(after, source, name, persona)));
    const denied = all.filter((one) => one.denied.length > 0).length;
    const [isForAll, isForNobody] = [name === 'Titles', name === 'AddUntitled'];
    expect([name, denied > 0, denied < all.length]).toEqual([name, !isForAll, !isForNobody]);
  }
});

interface Hole {
  /** The viewer who got through before, the denied place, and the code. */
  persona: string;
  path: string;
  code: string;
  prepare?: (library: Library) => void;
  /** A viewer who is still served, with the same operation or another. */
  twin: [persona: string, operation?: string];
}

const holes: Record<string, Hole> = {
  ForgottenField: { persona: 'anonymous', path: 'books.@.loans', code: 'UNAUTHENTICATED', twin: ['ann'] },
  ThroughTheInterface: { persona: 'anonymous', path: 'librarians', code: 'UNAUTHENTICATED', twin: ['ann'] },
  ChooseYourRole: { persona: 'anonymous', path: 'register', code: 'UNAUTHENTICATED', twin: ['anonymous', 'Register'] },
  ActAfterHandingOver: { persona: 'ann', path: 'again', code: 'FORBIDDEN', twin: ['lea'] },
  RenewInTheDark: {
    persona: 'ann',
    path: 'renewLoan',
    code: 'INTERNAL_SERVER_ERROR',
    prepare: (library) => Object.assign(library, { suspended: null }),
    twin: ['ann'],
  },
  RenewAndSeeThePrice: { persona: 'ann', path: 'renewLoan.book.price', code: 'FORBIDDEN', twin: ['lea'] },
};

describe('closed is', () => {
  const operations = operationsOf('closed.graphql');

  it('each hole of the guide', () => {
    expect(Object.keys(holes)).toEqual([...operations.keys()]);
  });

  it.each(Object.entries(holes))('%s', async (name, { persona, path, code, prepare, twin }) => {
    const source = operations.get(name) ?? expect.unreachable();
    const was = await outcome(before, source, name, persona, prepare);
    const is = await outcome(after, source, name, persona, prepare);
    // Before, all of it was served, or it was done and then hidden.
    expect(was.denied).toEqual(name === 'RenewAndSeeThePrice' ? [path] : []);
    expect(is.errors.map(({ extensions }) => extensions.code)).toEqual([code]);
    expect(is.denied).toEqual([path]);
    const [who, other = name] = twin;
    const allowed = new Map([...operations, ...operationsOf('same.graphql')]).get(other) ?? expect.unreachable();
    expect((await outcome(after, allowed, other, who)).denied).toEqual([]);
  });

  it('the change itself, where a mutation is denied', async () => {
    for (const name of ['ChooseYourRole', 'RenewInTheDark', 'RenewAndSeeThePrice']) {
      const { persona, prepare } = holes[name] as Hole;
      const source = operations.get(name) ?? expect.unreachable();
      const untouched = await outcome(after, 'query Nothing { __typename }', 'Nothing', persona, prepare);
      expect((await outcome(before, source, name, persona, prepare)).rows).not.toEqual(untouched.rows);
      expect((await outcome(after, source, name, persona, prepare)).rows).toEqual(untouched.rows);
    }
  });
});

describe('while both are on, the guard reporting', () => {
  it('nothing changes for clients', async () => {
    const ask = askGuard(watchLibrary(schema, () => {}));
    for (const [name, source] of [...operationsOf('same.graphql'), ...operationsOf('closed.graphql')]) {
      for (const persona of Object.keys(personas)) {
        const was = await outcome(before, source, name, persona);
        const is = await outcome(ask, source, name, persona);
        expect([is.data, is.errors.map(String), is.rows]).toEqual([was.data, was.errors.map(String), was.rows]);
      }
    }
  });

  it('each hole is reported', async () => {
    const told: string[] = [];
    for (const [name, source] of operationsOf('closed.graphql')) {
      const events: DenialEvent<Context>[] = [];
      const ask = askGuard(watchLibrary(schema, (event) => events.push(event)));
      const { persona, prepare } = holes[name] as Hole;
      await outcome(ask, source, name, persona, prepare);
      told.push(`${name}: ${events[0]?.coordinate}${events[0]?.fault ? ', a fault' : ''}`);
    }
    expect(told).toEqual([
      'ForgottenField: Book.loans',
      'ThroughTheInterface: Query.librarians',
      'ChooseYourRole: RegisterInput.role',
      'ActAfterHandingOver: Mutation.renewLoan',
      'RenewInTheDark: Mutation.renewLoan, a fault',
      'RenewAndSeeThePrice: Book.price',
    ]);
  });
});

it('the old schema is refused with everything that lacks a guard, as the guide shows', () => {
  const { definitions } = parse(new Source(read('before.graphql'), 'before.graphql'));
  const withoutRole = definitions.filter((definition) => definition.kind !== Kind.ENUM_TYPE_DEFINITION);
  const old = buildASTSchema({ kind: Kind.DOCUMENT, definitions: [...parse(vocabulary).definitions, ...withoutRole] });
  const refusal = (() => {
    try {
      return guardLibrary(old);
    } catch (error) {
      return error;
    }
  })() as GuardError;
  expect(refusal).toBeInstanceOf(GuardError);
  expect(refusal.problems.map(({ coordinate }) => coordinate).sort()).toEqual([
    'Book',
    'Loan',
    'Member',
    'Mutation.addBook',
    'Mutation.handOver',
    'Mutation.register',
    'Mutation.remind',
    'Mutation.renewLoan',
    'Query.books',
    'Query.librarians',
    'Query.loan',
    'Query.me',
    'Query.members',
  ]);
  const guide = readFileSync(join(examples, '../../moving-from-graphql-shield.md'), 'utf8');
  const shown = /^The schema cannot be guarded:\n.*?(?=^```)/ms.exec(guide)?.[0].trimEnd().split('\n') ?? [];
  expect(shown).toHaveLength(3);
  for (const line of shown) expect(refusal.message.split('\n')).toContain(line);
});
