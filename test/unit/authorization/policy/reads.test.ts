import { execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { rule } from '../../../../src/authorization/rules/shield.ts';
import { anonymous, ask, denialsOf, guardOf, user } from '../harness.ts';

const sdl = /* GraphQL */ `
  type Query {
    people(search: String, filter: Filter, by: Key, order: [Order!], size: Size = SMALL): [Person!]! @authenticated
  }
  type Person @requiresScopes(scopes: [["person"]]) {
    name: String
    salary: Int @requiresRole(roles: [ADMIN])
    email: String @requiresScopes(scopes: [["email"]]) @owner(orRoles: [ADMIN])
    rating: Int @policy(policies: [["manager"]])
    size: Size
  }
  input Filter { name: String, salary: Int, email: String, rating: Int, keys: [[Key]], not: Filter }
  input Order { key: Key! = NAME, reverse: Boolean = false, note: String @settableBy(scopes: [["note"]]) }
  enum Key { NAME SALARY EMAIL }
  enum Size { SMALL LARGE }
`;
const echo = { Query: { people: () => [{ name: 'Ada', salary: 1, email: 'a@example.com', ownerId: 'u1' }] } };
const policies = {
  manager: rule({ cache: 'contextual' })((_p, _a, { viewer }) => viewer?.id === 'boss'),
};
const reads = {
  'Query.people(search:)': ['Person.name', 'Person.email'],
  'Filter.salary': ['Person.salary'],
  'Filter.email': ['Person.email'],
  'Filter.rating': ['Person.rating'],
  'Order.note': ['Person.salary'],
  'Key.SALARY': ['Person.salary'],
  'Key.EMAIL': ['Person.email'],
  'Size.SMALL': ['Person.salary'],
};
const guard = guardOf(sdl, echo, { reads, policies });
const plain = user({ scopes: ['person', 'email'] });
const admin = user({ scopes: ['person', 'email', 'note'], roles: ['ADMIN'] });

const supplying: [string, string, Record<string, unknown>?][] = [
  ['an argument', '{ people(search: "a") { name } }'],
  ['an argument by a variable', 'query ($s: String) { people(search: $s) { name } }', { s: 'a' }],
  ['an argument as null', '{ people(search: null) { name } }'],
  ['an input field', '{ people(filter: { salary: 1 }) { name } }'],
  ['an input field, nested', '{ people(filter: { not: { not: { salary: null } } }) { name } }'],
  [
    'an input field in a variable',
    'query ($f: Filter) { people(filter: $f) { name } }',
    { f: { not: { email: 'a' } } },
  ],
  ['an enum value', '{ people(by: SALARY) { name } }'],
  ['an enum value by a variable', 'query ($k: Key) { people(by: $k) { name } }', { k: 'SALARY' }],
  ['an enum value by a variable’s default', 'query ($k: Key = EMAIL) { people(by: $k) { name } }'],
  ['an enum value that is the schema’s default', '{ people(size: SMALL) { name } }'],
  ['an enum value in an input field', '{ people(order: [{ key: NAME }, { key: SALARY }]) { name } }'],
  ['an enum value in a list given as one', '{ people(order: { key: SALARY }) { name } }'],
  [
    'an enum value in a variable given as one',
    'query ($o: [Order!]) { people(order: $o) { name } }',
    { o: { key: 'SALARY' } },
  ],
  ['an enum value in lists of lists', '{ people(filter: { keys: [[NAME], [null, SALARY]] }) { name } }'],
  ['an enum value in lists of lists given as one', '{ people(filter: { keys: SALARY }) { name } }'],
  [
    'an enum value in lists of lists of a variable',
    'query ($k: [[Key]]) { people(filter: { keys: $k }) { name } }',
    { k: [null, 'NAME', ['SALARY']] },
  ],
  [
    'an enum value by a variable within a list',
    'query ($k: Key) { people(filter: { keys: [NAME, [$k]] }) { name } }',
    { k: 'EMAIL' },
  ],
  [
    'an enum value in the default of a variable that holds an input',
    'query ($o: [Order!] = { key: SALARY }) { people(order: $o) { name } }',
  ],
];

const leavingOut: [string, string, Record<string, unknown>?][] = [
  ['nothing', '{ people { name } }'],
  ['what reads nothing guarded', '{ people(filter: { name: "a" }, order: { reverse: true }) { name } }'],
  ['another enum value', '{ people(by: NAME, filter: { keys: [[NAME]] }) { name } }'],
  ['another enum value in a variable', 'query ($k: Key) { people(by: $k) { name } }', { k: 'NAME' }],
  ['another value than a variable’s default', 'query ($k: Key = SALARY) { people(by: $k) { name } }', { k: 'NAME' }],
  ['null for an enum', '{ people(by: null, filter: { keys: [null, [null]] }) { name } }'],
  ['a variable that is absent', 'query ($k: Key, $s: String) { people(by: $k, search: $s) { name } }', {}],
  ['a default that the schema fills in', '{ people(order: {}) { name } }'],
  ['a text that is the name of an enum value', '{ people(filter: { name: "SALARY" }) { name } }'],
];

describe('what a filter or an order reads', () => {
  it.each(supplying)('needs the guards of the fields that it reads: %s', async (_, query, variables) => {
    const denied = await ask(guard, plain, query, variables);
    expect(denied.data).toBeNull();
    expect(denialsOf(denied)).toEqual(['FORBIDDEN people']);
    const allowed = await ask(guard, admin, query, variables);
    expect(allowed).toEqual({ data: { people: [{ name: 'Ada' }] } });
  });

  it.each(leavingOut)('needs nothing when it is left out: %s', async (_, query, variables) => {
    expect(await ask(guard, plain, query, variables)).toEqual({ data: { people: [{ name: 'Ada' }] } });
  });

  it('is in the requirements by its coordinate, without what only a row could grant', () => {
    const adminAndScope = [
      [
        { kind: 'role', name: 'ADMIN' },
        { kind: 'scope', name: 'email' },
        { kind: 'scope', name: 'person' },
      ],
    ];
    expect(guard.requirements.get('Filter.email')).toEqual(adminAndScope);
    expect(guard.requirements.get('Key.EMAIL')).toEqual(adminAndScope);
    expect(guard.requirements.get('Query.people(search:)')).toEqual(adminAndScope);
    expect(guard.requirements.get('Key.NAME')).toEqual([[]]);
  });

  it('needs its own @settableBy as well', async () => {
    const query = '{ people(order: { note: "n" }) { name } }';
    expect(guard.requirements.get('Order.note')).toEqual([
      [
        { kind: 'role', name: 'ADMIN' },
        { kind: 'scope', name: 'note' },
        { kind: 'scope', name: 'person' },
      ],
    ]);
    expect((await ask(guard, { ...admin, scopes: ['person'] }, query)).data).toBeNull();
    expect((await ask(guard, { ...plain, scopes: ['person', 'note'] }, query)).data).toBeNull();
    expect((await ask(guard, admin, query)).errors).toBeUndefined();
  });

  it('is named in the denial, with what it requires', async () => {
    const denied = await ask(guard, plain, '{ people(by: SALARY) { name } }');
    expect(denied.errors?.[0]?.message).toBe('Key.SALARY requires role `ADMIN` and scope `person`.');
    expect(denied.errors?.[0]?.extensions?.requires).toEqual({ scopes: [['person']], roles: ['ADMIN'], policies: [] });
    const nobody = await ask(guard, anonymous, '{ people(by: SALARY) { name } }');
    expect(denialsOf(nobody)).toEqual(['UNAUTHENTICATED people']);
  });

  it('accepts a policy that depends on the viewer alone', async () => {
    const query = '{ people(filter: { rating: 5 }) { name } }';
    expect((await ask(guard, plain, query)).data).toBeNull();
    expect((await ask(guard, { ...plain, id: 'boss' }, query)).errors).toBeUndefined();
  });

  it('may be public, and then needs nothing', async () => {
    const open = guardOf(
      'type Query { list(by: Key): [T!]! @public } type T @public { a: Int } enum Key { A }',
      { Query: { list: () => [{ a: 1 }] } },
      { reads: { 'Key.A': ['T.a'] } },
    );
    expect(open.requirements.get('Key.A')).toEqual([[]]);
    expect(await ask(open, anonymous, '{ list(by: A) { a } }')).toEqual({ data: { list: [{ a: 1 }] } });
  });

  it('in an interface’s argument holds on every type that implements it', async () => {
    const inherited = guardOf(
      `type Query { t: T @public } interface I { list(by: String): Int } type T implements I @public { list(by: String): Int }
       type Row @public { secret: Int @requiresRole(roles: [ADMIN]) }`,
      { Query: { t: () => ({ list: () => 1 }) } },
      { reads: { 'I.list(by:)': ['Row.secret'] } },
    );
    expect(denialsOf(await ask(inherited, plain, '{ t { list(by: "secret") } }'))).toEqual(['FORBIDDEN t.list']);
    expect((await ask(inherited, plain, '{ t { list } }')).data).toEqual({ t: { list: 1 } });
    expect((await ask(inherited, admin, '{ t { list(by: "secret") } }')).data).toEqual({ t: { list: 1 } });
  });

  it('holds before a mutation runs', async () => {
    const ran: unknown[] = [];
    const removing = guardOf(
      'type Query { a: Int @public } type Mutation { removeAll(by: Key): Int @public } type T @public { a: Int @requiresRole(roles: [ADMIN]) } enum Key { A B }',
      { Mutation: { removeAll: (_p: unknown, args: unknown) => ran.push(args) } },
      { reads: { 'Key.A': ['T.a'] } },
    );
    expect((await ask(removing, plain, 'mutation { removeAll(by: A) }')).data).toEqual({ removeAll: null });
    expect(ran).toEqual([]);
    expect((await ask(removing, plain, 'mutation { removeAll(by: B) }')).data).toEqual({ removeAll: 1 });
    expect((await ask(removing, admin, 'mutation { removeAll(by: A) }')).data).toEqual({ removeAll: 2 });
  });

  it.each([
    ['objects and symbols', { NAME: Symbol('name'), SALARY: { column: 'salary' }, EMAIL: 0 }],
    ['what is not equal to itself', { NAME: 'name', SALARY: Number.NaN, EMAIL: 'email' }],
    ['the names of others', { NAME: 'SALARY', SALARY: 'EMAIL', EMAIL: 'NAME' }],
  ])('holds under any executor, though enum values stand for %s', async (_, names) => {
    const mapped = guardOf(sdl, { ...echo, Key: names }, { reads, policies });
    const document = parse('query ($k: Key, $o: [Order!]) { people(by: $k, order: $o) { name } }');
    for (const run of [mapped.execute, (args: object) => execute({ ...args, document, schema: mapped.schema })]) {
      const ask = (viewer: typeof plain, variableValues: Record<string, unknown>) =>
        run({ document, variableValues, contextValue: { viewer } });
      for (const key of ['SALARY', 'EMAIL']) {
        for (const variables of [{ k: key }, { o: { key } }, { o: [{}, { key }] }]) {
          expect((await ask(plain, variables)).data).toBeNull();
          expect((await ask(admin, variables)).errors).toBeUndefined();
        }
      }
      expect((await ask(plain, { k: 'NAME', o: [{ key: 'NAME' }] })).errors).toBeUndefined();
    }
  });
});
