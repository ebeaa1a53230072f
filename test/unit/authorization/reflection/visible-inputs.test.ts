import { GraphQLScalarType, type GraphQLSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { GuardViewer } from '../../../../src/authorization/guard.ts';
import { rule } from '../../../../src/authorization/rules/shield.ts';
import { anonymous, guardOf, user } from '../harness.ts';
import { admin, shown, visible } from './visible.shown.ts';

describe('an argument', () => {
  const sdl = `
    type Query { list(first: Int, everyone: Boolean @settableBy(roles: [ADMIN]), only: Only): Int @public }
    enum Only { ONE }
    extend type Query { audit(of: ID! @settableBy(roles: [ADMIN])): Int @public }
  `;

  it('is shown to a viewer who may supply it, and hides its field from others when it is required', async () => {
    expect(await shown(sdl, user())).toEqual(['Only', 'Query { list(first, only) }']);
    expect(await shown(sdl, admin)).toEqual(['Only', 'Query { list(first, everyone, only), audit(of) }']);
  });

  it('is shown where a policy reads the row to decide it', async () => {
    const policed = 'type Query { list(x: Int @settableBy(policies: [["odd"]])): Int @public }';
    const policies = { odd: rule({ cache: 'no_cache' })(() => false) };
    expect(await shown(policed, anonymous, { policies })).toEqual(['Query { list(x) }']);
  });

  it('keeps its default, its description and its deprecation', async () => {
    const kept = `
      type Query { list("How many." size: Int = 7 @deprecated(reason: "old"), hidden: Int @settableBy(roles: [ADMIN])): Int @public }
    `;
    const [size, ...others] = (await visible(kept, user())).getQueryType()?.getFields().list?.args ?? [];
    expect(size).toMatchObject({ name: 'size', defaultValue: 7, description: 'How many.', deprecationReason: 'old' });
    expect(others).toEqual([]);
  });
});

it('a default is that of the original, where printing and parsing would change it', async () => {
  let parsed = 0;
  const odd = new GraphQLScalarType({ name: 'Odd', serialize: String, parseValue: () => `parsed ${parsed++}` });
  const guard = guardOf('scalar Odd type Query { a(x: Odd = 1): Int @public }', { Odd: odd });
  const defaultOf = (schema: GraphQLSchema) => schema.getQueryType()?.getFields().a?.args[0]?.defaultValue;
  expect(defaultOf(guard.schema)).toMatch('parsed');
  expect(defaultOf(await guard.visibleSchema({ viewer: anonymous }))).toBe(defaultOf(guard.schema));
});

describe('an input type', () => {
  const sdl = `
    type Query { list(filter: Filter): Int @public, audit(by: Audit!): Int @public, both(by: Audit, n: Int): Int @public }
    input Filter { text: String, everyone: Everyone @settableBy(roles: [ADMIN]) }
    input Everyone { really: Boolean }
    input Audit { of: ID! @settableBy(roles: [ADMIN]), since: Int }
  `;

  it('keeps the fields that the viewer may supply, and vanishes where that is not all that is required', async () => {
    expect(await shown(sdl, user())).toEqual(['Filter { text }', 'Query { list(filter), both(n) }']);
    expect(await shown(sdl, admin)).toEqual([
      'Audit { of, since }',
      'Everyone { really }',
      'Filter { text, everyone }',
      'Query { list(filter), audit(by), both(by, n) }',
    ]);
  });

  it('need not have a required field that has a default', async () => {
    const defaulted = `
      type Query { list(by: By! = { way: UP, n: 2 }): Int @public }
      input By { way: Way! = UP @settableBy(roles: [ADMIN]), n: Int! }
      enum Way { UP DOWN }
    `;
    expect(await shown(defaulted, user())).toEqual(['By { n }', 'Query { list(by) }']);
    expect(await shown(defaulted, admin)).toEqual(['By { way, n }', 'Query { list(by) }', 'Way']);
  });

  it('vanishes when no field is left, through whatever holds it', async () => {
    const nested = `
      type Query { list(by: Outer, n: Int): Int @public }
      input Outer { inner: Inner }
      input Inner { only: Int @settableBy(roles: [ADMIN]), outer: Outer }
    `;
    // Inputs nested to any depth can still be written.
    expect(await shown(nested, user())).toEqual(['Inner { outer }', 'Outer { inner }', 'Query { list(by, n) }']);
    const barren = nested.replace(', outer: Outer', '');
    expect(await shown(barren, user())).toEqual(['Query { list(n) }']);
    // A field that requires it cannot be written either.
    expect(await shown(barren.replace('by: Outer', 'by: Outer!'), user())).toEqual(['Query { _empty }']);
    const required = barren.replace('inner: Inner', 'inner: Inner!, n: Int');
    expect(await shown(required, user())).toEqual(['Query { list(n) }']);
    expect(await shown(required, admin)).toEqual(['Inner { only }', 'Outer { inner, n }', 'Query { list(by, n) }']);
  });
});

describe('a directive', () => {
  const sdl = `
    directive @lower(by: Locale!, options: Lowering) on FIELD
    directive @audited(by: Auditor!) on QUERY
    directive @cost(of: Weight) on FIELD_DEFINITION
    input Locale { name: String! }
    input Lowering { hard: Boolean @settableBy(roles: [ADMIN]) }
    input Weight { n: Int }
    input Auditor { name: String! @settableBy(roles: [ADMIN]) }
    type Query { a: Int @public @cost(of: { n: 1 }) }
  `;
  const directives = async (viewer: GuardViewer | null) =>
    (await visible(sdl, viewer)).getDirectives().map(({ name, args }) => `${name}(${args.map((arg) => arg.name)})`);

  it('is shown with its types if it can stand in a document; the guards are not', async () => {
    expect(await directives(admin)).toContain('lower(by,options)');
    expect(await directives(user())).toContain('lower(by)');
    expect(await directives(admin)).toContain('audited(by)');
    expect((await directives(user())).join()).not.toContain('audited');
    expect((await directives(admin)).join()).not.toMatch(/cost|public|requiresScopes|settableBy/);
    expect(await shown(sdl, admin)).toEqual([
      'Auditor { name }',
      'Locale { name }',
      'Lowering { hard }',
      'Query { a }',
    ]);
    expect(await shown(sdl, user())).toEqual(['Locale { name }', 'Query { a }']);
  });

  it('is left as it is if it is the specification’s', async () => {
    const names = (await directives(anonymous)).map((text) => text.replace(/\(.*/, ''));
    expect(names).toEqual(expect.arrayContaining(['skip', 'include', 'deprecated', 'specifiedBy', 'oneOf']));
  });
});
