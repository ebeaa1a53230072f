import { describe, expect, it } from 'vitest';
import { rule } from '../../../../src/authorization/rules/shield.ts';
import { refusalsOf } from '../harness.ts';

/** Each: what is refused, and beside it the same schema as it is accepted. */
const cases: { name: string; refused: string; coordinate: string; reason: RegExp; accepted: string }[] = [
  {
    name: 'a root field without a guard',
    refused: 'type Query { a: Int }',
    coordinate: 'Query.a',
    reason: /carries no guard/,
    accepted: 'type Query { a: Int @public }',
  },
  {
    name: 'an object type without a guard',
    refused: 'type Query { t: T @public } type T { a: Int @authenticated }',
    coordinate: 'T',
    reason: /carries no guard/,
    accepted: 'type Query { t: T @public } type T @public { a: Int @authenticated }',
  },
  {
    name: 'a field of an extended mutation without a guard',
    refused: 'type Query { a: Int @public } type Mutation { b: Int @public } extend type Mutation { c: Int }',
    coordinate: 'Mutation.c',
    reason: /carries no guard/,
    accepted: 'type Query { a: Int @public } type Mutation { b: Int @public } extend type Mutation { c: Int @public }',
  },
  {
    name: 'a subscription without a guard',
    refused: 'type Query { a: Int @public } type Subscription { b: Int }',
    coordinate: 'Subscription.b',
    reason: /carries no guard/,
    accepted: 'type Query { a: Int @public } type Subscription { b: Int @authenticated }',
  },
  {
    name: 'an empty list of scopes',
    refused: 'type Query { a: Int @requiresScopes(scopes: []) }',
    coordinate: 'Query.a',
    reason: /empty/,
    accepted: 'type Query { a: Int @requiresScopes(scopes: [["s"]]) }',
  },
  {
    name: 'an empty list within the list of scopes',
    refused: 'type Query { a: Int @requiresScopes(scopes: [["s"], []]) }',
    coordinate: 'Query.a',
    reason: /empty/,
    accepted: 'type Query { a: Int @requiresScopes(scopes: [["s"], ["t"]]) }',
  },
  {
    name: 'an empty scope',
    refused: 'type Query { a: Int @requiresScopes(scopes: [[""]]) }',
    coordinate: 'Query.a',
    reason: /no name/,
    accepted: 'type Query { a: Int @requiresScopes(scopes: [["s"]]) }',
  },
  {
    name: 'an unknown scope',
    refused: 'type Query { a: Int @requiresScopes(scopes: [["task:raed"]]) }',
    coordinate: 'Query.a',
    reason: /no scope `task:raed`/,
    accepted: 'type Query { a: Int @requiresScopes(scopes: [["task:read"]]) }',
  },
  {
    name: 'an empty list of roles',
    refused: 'type Query { a: Int @requiresRole(roles: []) }',
    coordinate: 'Query.a',
    reason: /empty/,
    accepted: 'type Query { a: Int @requiresRole(roles: [USER]) }',
  },
  {
    name: 'an unknown role',
    refused: 'type Query { a: Int @requiresRole(roles: [AMDIN]) }',
    coordinate: 'Query.a',
    reason: /no role `AMDIN`/,
    accepted: 'type Query { a: Int @requiresRole(roles: [ADMIN]) }',
  },
  {
    name: 'an unregistered policy',
    refused: 'type Query { a: Int @policy(policies: [["absent"]]) }',
    coordinate: 'Query.a',
    reason: /no policy `absent` is registered/,
    accepted: 'type Query { a: Int @policy(policies: [["known"]]) }',
  },
  {
    name: 'a misspelt directive',
    refused: 'type Query { a: Int @authenticated b: Int @authenticatd @public }',
    coordinate: 'Query.b',
    reason: /@authenticatd is not defined/,
    accepted: 'type Query { a: Int @authenticated b: Int @authenticated }',
  },
  {
    name: 'a guard under federation’s prefix (CVE-2025-64347)',
    refused: 'type Query { a: Int @federation__authenticated @public }',
    coordinate: 'Query.a',
    reason: /write @authenticated/,
    accepted: 'type Query { a: Int @authenticated }',
  },
  {
    name: 'a guard that @link renames (CVE-2025-64347)',
    refused: `schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: [{ name: "@authenticated", as: "@signedIn" }]) { query: Query }
      directive @link(url: String!, import: [LinkImport]) repeatable on SCHEMA scalar LinkImport
      directive @signedIn on FIELD_DEFINITION
      type Query { a: Int @signedIn @public }`,
    coordinate: 'schema',
    reason: /a guard keeps its name/,
    accepted: `schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@authenticated"]) { query: Query }
      directive @link(url: String!, import: [LinkImport]) repeatable on SCHEMA scalar LinkImport
      type Query { a: Int @authenticated }`,
  },
  {
    name: 'a guard that @link renames in an import that is no list (CVE-2025-64347)',
    refused: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: { name: "@authenticated", as: "@signedIn" })
      directive @link(url: String!, import: [LinkImport]) repeatable on SCHEMA scalar LinkImport
      directive @signedIn on FIELD_DEFINITION
      type Query { a: Int @signedIn @public }`,
    coordinate: 'schema',
    reason: /a guard keeps its name/,
    accepted: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: "@authenticated")
      directive @link(url: String!, import: [LinkImport]) repeatable on SCHEMA scalar LinkImport
      type Query { a: Int @authenticated }`,
  },
  {
    name: 'a guard whose own specification is linked under another name (CVE-2025-64347)',
    refused: `extend schema @core(url: "https://specs.apollo.dev/authenticated/v0.1", as: "signedIn")
      directive @core(url: String!, as: String) repeatable on SCHEMA
      directive @signedIn on FIELD_DEFINITION
      type Query { a: Int @signedIn @public }`,
    coordinate: 'schema',
    reason: /a guard keeps its name/,
    accepted: `extend schema @core(url: "https://specs.apollo.dev/authenticated/v0.1", as: "authenticated")
      directive @core(url: String!, as: String) repeatable on SCHEMA
      type Query { a: Int @authenticated }`,
  },
  {
    name: 'a guard on the schema itself',
    refused: 'schema @authenticated { query: Query } type Query { a: Int @public }',
    coordinate: 'schema',
    reason: /cannot take effect here/,
    accepted: 'schema { query: Query } type Query { a: Int @authenticated }',
  },
  {
    name: 'a guard on an argument of a directive',
    refused: 'directive @d(x: Int @settableBy(roles: [ADMIN])) on FIELD type Query { a: Int @public }',
    coordinate: '@d(x:)',
    reason: /cannot take effect here/,
    accepted: 'directive @d(x: Int) on FIELD type Query { a(x: Int @settableBy(roles: [ADMIN])): Int @public }',
  },
  {
    name: '@public on a field of a guarded interface',
    refused:
      'type Query { i: I @authenticated } interface I @authenticated { a: Int @public } type T implements I @authenticated { a: Int }',
    coordinate: 'I.a',
    reason: /@public cannot take effect/,
    accepted:
      'type Query { i: I @authenticated } interface I @authenticated { a: Int } type T implements I @authenticated { a: Int }',
  },
  {
    name: '@owner by null',
    refused: 'type Query { t: T @public } type T @public { a: Int @owner(field: null) }',
    coordinate: 'T.a',
    reason: /must name a property/,
    accepted: 'type Query { t: T @public } type T @public { a: Int @owner }',
  },
  {
    name: 'a list of scopes that is null',
    refused: 'type Query { a: Int @requiresScopes(scopes: [null]) }',
    coordinate: 'Query.a',
    reason: /no name/,
    accepted: 'type Query { a: Int @requiresScopes(scopes: "s") }',
  },
  {
    name: 'an argument that the directive does not have',
    refused: 'type Query { t: T @public } type T @public { a: Int @owner(feild: "id") }',
    coordinate: 'T.a',
    reason: /no argument `feild`/,
    accepted: 'type Query { t: T @public } type T @public { a: Int @owner(field: "id") }',
  },
  {
    name: '@public on a field of a guarded type',
    refused: 'type Query { t: T @authenticated } type T @authenticated { a: Int @public }',
    coordinate: 'T.a',
    reason: /@public cannot take effect/,
    accepted: 'type Query { t: T @authenticated } type T @authenticated { a: Int }',
  },
  {
    name: '@public on a field that an interface guards',
    refused:
      'type Query { t: T @public } interface I { a: Int @authenticated } type T implements I @public { a: Int @public }',
    coordinate: 'T.a',
    reason: /@public cannot take effect/,
    accepted:
      'type Query { t: T @public } interface I { a: Int @authenticated } type T implements I @public { a: Int }',
  },
  {
    name: "@public on an interface's field that the interface of the interface guards",
    refused: `type Query { b: B @authenticated } interface A @authenticated { a: Int }
      interface B implements A { a: Int @public } type T implements A & B @authenticated { a: Int }`,
    coordinate: 'B.a',
    reason: /@public cannot take effect/,
    accepted: `type Query { b: B @authenticated } interface A @authenticated { a: Int }
      interface B implements A { a: Int } type T implements A & B @authenticated { a: Int }`,
  },
  {
    name: 'a guard that the schema defines in another way',
    refused:
      'directive @owner(field: String! = "authorId") on FIELD_DEFINITION type Query { t: T @public } type T @public { a: Int @owner }',
    coordinate: '@owner',
    reason: /defined with another `field`/,
    accepted:
      'directive @owner(field: String! = "ownerId") on FIELD_DEFINITION type Query { t: T @public } type T @public { a: Int @owner }',
  },
  {
    name: '@public on a type whose interface is guarded',
    refused: 'type Query { t: T @public } interface I @authenticated { a: Int } type T implements I @public { a: Int }',
    coordinate: 'T',
    reason: /@public cannot take effect/,
    accepted:
      'type Query { t: T @public } interface I @authenticated { a: Int } type T implements I @authenticated { a: Int }',
  },
  {
    name: '@public beside another guard',
    refused: 'type Query { a: Int @public @authenticated }',
    coordinate: 'Query.a',
    reason: /@public cannot take effect beside another guard/,
    accepted: 'type Query { a: Int @requiresRole(roles: [USER]) @authenticated }',
  },
  {
    name: 'a guard where it cannot stand',
    refused: 'type Query { u: U @public } type T @public { a: Int } union U @authenticated = T',
    coordinate: 'U',
    reason: /cannot take effect here/,
    accepted: 'type Query { u: U @authenticated } type T @public { a: Int } union U = T',
  },
  {
    name: '@settableBy on a field',
    refused: 'type Query { a: Int @public @settableBy(roles: [ADMIN]) }',
    coordinate: 'Query.a',
    reason: /cannot take effect here/,
    accepted: 'type Query { a(b: Int @settableBy(roles: [ADMIN])): Int @public }',
  },
  {
    name: '@settableBy that names nothing',
    refused: 'type Query { a(b: Int @settableBy): Int @public }',
    coordinate: 'Query.a(b:)',
    reason: /names no roles, scopes or policies/,
    accepted: 'type Query { a(b: Int @settableBy(scopes: [["s"]])): Int @public }',
  },
  {
    name: '@settableBy with an empty list, on an input field',
    refused: 'type Query { a(i: I): Int @public } input I { b: Int @settableBy(policies: []) }',
    coordinate: 'I.b',
    reason: /empty/,
    accepted: 'type Query { a(i: I): Int @public } input I { b: Int @settableBy(policies: [["known"]]) }',
  },
  {
    name: 'a guard that stands twice through an extension',
    refused: 'type Query { t: T @public } type T @authenticated { a: Int } extend type T @authenticated { b: Int }',
    coordinate: 'T',
    reason: /twice/,
    accepted: 'type Query { t: T @public } type T @authenticated { a: Int } extend type T { b: Int }',
  },
  {
    name: '@owner on a field of a root type',
    refused: 'type Query { a: Int @owner }',
    coordinate: 'Query.a',
    reason: /no parent row/,
    accepted: 'type Query { t: T @authenticated } type T @owner { a: Int }',
  },
  {
    name: '@owner with an empty list of scopes, which would open it',
    refused: 'type Query { t: T @public } type T @owner(orScopes: [[]]) { a: Int }',
    coordinate: 'T',
    reason: /empty/,
    accepted: 'type Query { t: T @public } type T @owner(orScopes: [["s"]]) { a: Int }',
  },
  {
    name: '@ownerOf an unknown type',
    refused: 'type Query { a(id: ID!): Int @ownerOf(type: "Tsk", id: "id") }',
    coordinate: 'Query.a',
    reason: /no object type/,
    accepted: 'type Query { a(id: ID!): Int @ownerOf(type: "Task", id: "id") } type Task @public { b: Int }',
  },
  {
    name: '@ownerOf a type whose owners cannot be looked up',
    refused: 'type Query { a(id: ID!): Int @ownerOf(type: "Other", id: "id") } type Other @public { b: Int }',
    coordinate: 'Query.a',
    reason: /register `owners.Other`/,
    accepted: 'type Query { a(id: ID!): Int @ownerOf(type: "Task", id: "id") } type Task @public { b: Int }',
  },
  {
    name: '@ownerOf by an argument that does not exist',
    refused:
      'type Query { a(input: I!): Int @ownerOf(type: "Task", id: "input.di") } input I { id: ID! } type Task @public { b: Int }',
    coordinate: 'Query.a',
    reason: /`input.di`, which is no single scalar/,
    accepted:
      'type Query { a(input: I!): Int @ownerOf(type: "Task", id: "input.id") } input I { id: ID! } type Task @public { b: Int }',
  },
  {
    name: '@ownerOf by a list',
    refused: 'type Query { a(ids: [ID!]!): Int @ownerOf(type: "Task", id: "ids") } type Task @public { b: Int }',
    coordinate: 'Query.a',
    reason: /no single scalar/,
    accepted: 'type Query { a(id: ID!): Int @ownerOf(type: "Task", id: "id") } type Task @public { b: Int }',
  },
  {
    name: 'a guard on an enum that no field returns',
    refused: 'type Query { a(e: E): Int @public } enum E @authenticated { A }',
    coordinate: 'E',
    reason: /no field returns it/,
    accepted: 'type Query { a: E @public } enum E @authenticated { A }',
  },
];

const optionsFor = (sdl: string) => ({
  scopes: ['s', 't', 'task:read'],
  policies: { known: rule({ cache: 'contextual' })(() => true) },
  ...(sdl.includes('type Task') && { owners: { Task: async (ids: readonly string[]) => ids.map(() => null) } }),
});

describe('the guard refuses to start on', () => {
  it.each(cases)('$name', ({ refused, coordinate, reason, accepted }) => {
    expect(refusalsOf(accepted, optionsFor(accepted))).toEqual([]);
    const refusals = refusalsOf(refused, optionsFor(refused));
    expect(refusals.filter((line) => line.startsWith(`${coordinate}: `))).toEqual([expect.stringMatching(reason)]);
  });

  it('everything at once, and says where each stands', () => {
    const sdl = 'type Query { a: Int\n b: Int @requiresScopes(scopes: [])\n t: T @public }\n type T { c: Int }';
    expect(refusalsOf(sdl).map((line) => line.split(':')[0])).toEqual(['Query.b', 'Query.a', 'T']);
  });

  it.each([
    ['strict', true],
    ['strict', 'strict' as const],
    ['a cache of its own', () => 'key'],
  ])('a policy with the cache %s', (_, cache) => {
    const sdl = 'type Query { a: Int @policy(policies: [["p"]]) }';
    expect(refusalsOf(sdl, { policies: { p: rule({ cache: cache as never })(() => true) } })).toEqual([
      expect.stringMatching(/^policy p: .*hand one row's verdict to another/),
    ]);
    expect(refusalsOf(sdl, { policies: { p: rule({ cache: 'no_cache' })(() => true) } })).toEqual([]);
  });

  it('a policy that is no rule', () => {
    const sdl = 'type Query { a: Int @policy(policies: [["p"]]) }';
    expect(refusalsOf(sdl, { policies: { p: (() => true) as never } })).toEqual([
      expect.stringMatching(/no graphql-shield rule/),
    ]);
  });
});
