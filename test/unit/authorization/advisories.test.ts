/**
 * Published ways around a guard, each named by its number. Each fails here, and its twin shows the viewers who may.
 * advisories.verdicts.test.ts has published failures of verdicts (caches, crashes, events), and
 * test/e2e/attacks.lists.test.ts those of lists. refusals.test.ts has misspelt or renamed guards (CVE-2025-64347), and
 * mutations.test.ts changes that are made and then hidden.
 */
import { describe, expect, it } from 'vitest';
import type { Guard, GuardViewer } from '../../../src/authorization/guard.ts';
import { anonymous, ask, guardOf, refusalsOf, user } from './harness.ts';
import { shielded } from './shielded.ts';

const secret = 'SECRET';
const admin = user({ roles: ['ADMIN'] });

interface Case {
  name: string;
  guard: Guard;
  /** Queries that lead to the secret. */
  queries: string[];
  /** Viewers who are denied it. */
  attackers: (GuardViewer | null)[];
  /** A viewer who receives it. */
  legitimate: GuardViewer;
}

const cat = { __typename: 'Cat', chip: secret };
const animals = { Query: { animal: () => cat, cat: () => cat, pets: () => [cat] } };
const byFragments = [
  '{ cat { chip } }',
  '{ animal { ... on Cat { chip } } }',
  '{ animal { ...C } } fragment C on Cat { chip }',
  '{ pets { ... on Cat { chip } } }',
  '{ pets { ... on Animal { ... { ...C } } } } fragment C on Cat { chip }',
];

const invoice = { __typename: 'Invoice', id: 'i1', total: secret };
const account = { __typename: 'Account', id: 'a1', invoices: [invoice] };

const author: Record<string, unknown> = { ownerId: 'u2', address: secret };
const post = { author };
author.posts = [post];

const cases: Case[] = [
  {
    name: 'GHSA-mx7m-j9xf-62hw: a guard on a field of an interface, by the object’s own field and by fragments',
    guard: guardOf(
      `type Query { animal: Animal @public, cat: Cat @public, pets: [Pet] @public } union Pet = Cat
       interface Animal { chip: String @requiresScopes(scopes: [["chip:read"]]) }
       type Cat implements Animal @public { chip: String }`,
      animals,
    ),
    queries: byFragments,
    attackers: [anonymous, user(), admin],
    legitimate: user({ scopes: ['chip:read'] }),
  },
  {
    name: 'GHSA-mx7m-j9xf-62hw: a guard on an interface, by the object’s own field and by fragments',
    guard: guardOf(
      `type Query { animal: Animal @public, cat: Cat @public, pets: [Pet] @public } union Pet = Cat
       interface Animal @requiresRole(roles: [ADMIN]) { chip: String }
       type Cat implements Animal @authenticated { chip: String }`,
      animals,
    ),
    queries: byFragments,
    attackers: [anonymous, user()],
    legitimate: admin,
  },
  {
    name: 'async-graphql 1826: a guard on an object’s field, by the interface',
    guard: guardOf(
      `type Query { hero: Character @public, human: Human @public, all: [[Character!]] @public }
       interface Character { name: String } type Droid implements Character @public { name: String }
       type Human implements Character @public { name: String @requiresRole(roles: [ADMIN]) }`,
      {
        Query: Object.fromEntries(
          ['hero', 'human', 'all'].map((field) => {
            const human = { __typename: 'Human', name: secret };
            return [field, () => (field === 'all' ? [[human, { __typename: 'Droid', name: 'C-3PO' }]] : human)];
          }),
        ),
      },
    ),
    queries: ['{ human { name } }', '{ hero { name } }', '{ all { ...N } } fragment N on Character { name }'],
    attackers: [anonymous, user()],
    legitimate: admin,
  },
  {
    name: 'CVE-2025-31481, graphql-authz 58: a guard on a type, by `node`, a union, a list and a back-reference',
    guard: guardOf(
      `type Query { invoice: Invoice @requiresRole(roles: [ADMIN]), me: Account @authenticated
         node(id: ID!): Node @public, nodes(ids: [ID!]!): [Node]! @public, search: [Found!] @public }
       interface Node { id: ID } union Found = Invoice | Account
       type Account implements Node @authenticated { id: ID, invoices: [Invoice] }
       type Invoice implements Node @requiresRole(roles: [ADMIN]) { id: ID, total: String }`,
      {
        Query: {
          invoice: () => invoice,
          me: () => account,
          node: () => invoice,
          nodes: () => [null, invoice],
          search: () => [account, invoice],
        },
      },
    ),
    queries: [
      '{ invoice { total } }',
      '{ node(id: "i1") { ... on Invoice { total } } }',
      '{ nodes(ids: ["x", "i1"]) { id ...I } } fragment I on Invoice { total }',
      '{ search { ... on Node { ... on Invoice { total } } } }',
      '{ me { invoices { total } } }',
      '{ search { ... on Account { invoices { amount: total } } } }',
    ],
    attackers: [anonymous, user()],
    legitimate: admin,
  },
  {
    name: 'GHSA-m8jr-fxqx-8xx6: protected data, by a field that is computed from it',
    guard: guardOf(
      `scalar Salary @requiresRole(roles: [ADMIN]) type Query { staff: [Employee] @authenticated }
       type Employee @authenticated { salary: Salary, yearly: Salary, history: [[Salary!]], deputy: Employee }`,
      {
        Query: { staff: () => [{ salary: secret, deputy: { salary: secret } }] },
        Employee: {
          yearly: ({ salary }: { salary: string }) => `12 ${salary}`,
          history: ({ salary }: { salary: string }) => [[salary]],
        },
      },
    ),
    queries: [
      '{ staff { salary } }',
      '{ staff { yearly } }',
      '{ staff { history } }',
      '{ staff { deputy { yearly } } }',
    ],
    attackers: [anonymous, user()],
    legitimate: admin,
  },
  {
    name: 'GHSA-m8jr-fxqx-8xx6: another’s row, by way of rows that lead back to it',
    guard: guardOf(
      `type Query { post: Post @public } type Post @public { author: Author }
       type Author @public { posts: [Post], address: String @owner }`,
      { Query: { post: () => post } },
    ),
    queries: [
      '{ post { author { address } } }',
      '{ post { author { posts { author { posts { author { address } } } } } } }',
    ],
    attackers: [anonymous, user({ id: 'u1' }), admin],
    legitimate: user({ id: 'u2' }),
  },
  {
    name: 'apollographql/federation 3321: of guards from two sides, one of them',
    guard: guardOf(
      `type Query { doc: Doc @public, payslip: Payslip @public }
       interface Doc @requiresScopes(scopes: [["doc"]]) { text: String @requiresScopes(scopes: [["text"]]) }
       type Payslip implements Doc @requiresScopes(scopes: [["pay"]]) { text: String @requiresRole(roles: [ADMIN]) }`,
      { Query: { doc: () => ({ __typename: 'Payslip', text: secret }), payslip: () => ({ text: secret }) } },
    ),
    queries: ['{ doc { text } }', '{ payslip { text } }', '{ doc { ... on Payslip { text } } }'],
    attackers: [
      user({ scopes: ['doc', 'text', 'pay'] }),
      ...[
        ['doc', 'text'],
        ['doc', 'pay'],
        ['text', 'pay'],
      ].map((scopes) => user({ roles: ['ADMIN'], scopes })),
    ],
    legitimate: user({ roles: ['ADMIN'], scopes: ['doc', 'text', 'pay'] }),
  },
  {
    name: 'GHSA-9722-9j67-vjcr: a guarded field, under the name of another',
    guard: guardOf(
      'type Query { rows: [Row] @public } type Row @public { title: String, notes: String @owner(field: "by") }',
      {
        Query: {
          rows: () => [
            { by: 'u1', title: 'a', notes: 'own' },
            { by: 'u2', title: 'b', notes: secret },
          ],
        },
      },
    ),
    queries: [
      '{ rows { title: notes } }',
      '{ rows { notes: title title: notes } }',
      '{ rows { ...A } } fragment A on Row { __typename id: notes }',
    ],
    attackers: [anonymous, user({ id: 'u1' }), admin],
    legitimate: user({ id: 'u2' }),
  },
];

describe.each(cases)('$name', ({ guard, queries, attackers, legitimate }) => {
  it.each(queries)('%s', async (query) => {
    for (const attacker of attackers) {
      const denied = await ask(guard, attacker, query);
      expect(JSON.stringify(denied)).not.toContain(secret);
      expect(denied.errors?.map(({ extensions }) => extensions?.code)).toContain(
        attacker ? 'FORBIDDEN' : 'UNAUTHENTICATED',
      );
    }
    expect(JSON.stringify((await ask(guard, legitimate, query)).data)).toContain(secret);
  });
});

describe('CVE-2023-40027, graphql-shield’s fallback rule: what no guard was written for', () => {
  const sdl = (guards: string) =>
    `type Query { open: String @public, added: Added ${guards} } type Added ${guards} { text: String }`;
  const resolvers = { Query: { added: () => ({ text: secret }) } };

  it('is open where the default is open, and refused at the start here', async () => {
    const open = await shielded(sdl(''), resolvers, {}).ask({ viewer: anonymous }, '{ added { text } }');
    expect(open.data).toEqual({ added: { text: secret } });
    expect(refusalsOf(sdl(''))).toEqual([
      expect.stringMatching(/^Query.added: .*no guard/),
      expect.stringMatching(/^Added: .*no guard/),
    ]);
  });

  it('is served when it is said to be public', async () => {
    const said = guardOf(sdl('@public'), resolvers);
    expect((await ask(said, anonymous, '{ added { text } }')).data).toEqual({ added: { text: secret } });
  });
});

describe('what only some may supply', () => {
  let saved: unknown[] = [];
  const guard = guardOf(
    `type Query { a: Int @public } type Mutation { save(input: Save!): Int @authenticated }
     input Meta { key: String, more: [Meta!] }
     input Save { meta: Meta, tags: [[Meta]], expiresAt: String @settableBy(roles: [ADMIN]), note: String }`,
    { Mutation: { save: (_: unknown, { input }: { input: unknown }) => saved.push(input) } },
  );
  const inVariable = 'mutation ($input: Save!) { save(input: $input) }';
  const nested = { meta: { key: 'k', more: [{ more: [] }] }, tags: [[{ key: 'k' }, null]] };

  it.each<[string, string, Record<string, unknown>?]>([
    [
      'CVE-2026-30938: after something nested',
      'mutation { save(input: { meta: { more: [{ key: "k" }] }, tags: [[{ key: "k" }]], expiresAt: "never" }) }',
    ],
    ['CVE-2026-30938: after something nested, in a variable', inVariable, { input: { ...nested, expiresAt: 'never' } }],
    ['CVE-2026-34574: as null', 'mutation { save(input: { note: "n", expiresAt: null }) }'],
    ['CVE-2026-34574: as null, in a variable', inVariable, { input: { expiresAt: null } }],
    ['CVE-2026-34574: as an empty string', inVariable, { input: { ...nested, expiresAt: '' } }],
  ])('%s', async (_, query, variables) => {
    saved = [];
    const denied = await ask(guard, user(), query, variables);
    expect([denied.data, denied.errors?.[0]?.extensions?.code, saved]).toEqual([{ save: null }, 'FORBIDDEN', []]);
    expect((await ask(guard, admin, query, variables)).errors).toBeUndefined();
    expect((await ask(guard, user(), inVariable, { input: nested })).errors).toBeUndefined();
    expect(saved).toHaveLength(2);
  });
});
