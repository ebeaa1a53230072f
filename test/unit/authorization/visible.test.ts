import {
  type GraphQLField,
  type GraphQLInputField,
  GraphQLScalarType,
  type GraphQLSchema,
  validateSchema,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import type { GuardOptions, GuardViewer } from '../../../src/authorization/guard.ts';
import { rule } from '../../../src/authorization/shield.ts';
import { anonymous, type Context, guardOf, user } from './harness.ts';

const admin = user({ id: 'admin', roles: ['ADMIN'] });

type Options = Partial<GuardOptions<Context>>;

async function visible(sdl: string, viewer: GuardViewer | null, options: Options = {}): Promise<GraphQLSchema> {
  const schema = await guardOf(sdl, {}, options).visibleSchema({ viewer });
  expect(validateSchema(schema)).toEqual([]);
  return schema;
}

/** Every type that is not graphql-js's own, with its fields, each with its arguments: `Query { f(x) }`. */
async function shown(sdl: string, viewer: GuardViewer | null, options: Options = {}): Promise<string[]> {
  const types = Object.values((await visible(sdl, viewer, options)).getTypeMap());
  return types
    .filter(({ name }) => !/^(__|String$|Int$|Boolean$|ID$|Float$)/.test(name))
    .map((type) => {
      const fields: (GraphQLField<unknown, unknown> | GraphQLInputField)[] =
        'getFields' in type ? Object.values(type.getFields()) : [];
      const written = fields.map((field) => {
        const args = 'args' in field ? field.args.map(({ name }) => name) : [];
        return args.length > 0 ? `${field.name}(${args.join(', ')})` : field.name;
      });
      return written.length > 0 ? `${type.name} { ${written.join(', ')} }` : type.name;
    })
    .sort();
}

describe('a field', () => {
  const sdl = `
    type Query { open: Int @public, mine: Int @authenticated, all: [Thing] @requiresRole(roles: [ADMIN]) }
    type Thing @authenticated { name: String, secret: String @requiresRole(roles: [ADMIN]) }
    extend type Query { thing: Thing @authenticated }
  `;

  it('is shown to whoever could be served it, and what only hidden fields lead to is hidden with them', async () => {
    expect(await shown(sdl, anonymous)).toEqual(['Query { open }']);
    expect(await shown(sdl, user())).toEqual(['Query { open, mine, thing }', 'Thing { name }']);
    expect(await shown(sdl, admin)).toEqual(['Query { open, mine, all, thing }', 'Thing { name, secret }']);
  });

  it('is shown where the row decides, to whoever may own one', async () => {
    const own = 'type Query { rows: [Row] @public } type Row @public { id: ID, notes: String @owner }';
    expect(await shown(own, user())).toEqual(['Query { rows }', 'Row { id, notes }']);
    expect(await shown(own, anonymous)).toEqual(['Query { rows }', 'Row { id }']);
  });

  it('is shown where the arguments decide, to whoever may own what they name', async () => {
    const own = `
      type Query { a: Int @public, row(id: ID): Row @ownerOf(type: "Row", id: "id") }
      type Row @public { id: ID }
    `;
    const owners = { Row: async () => [] };
    expect(await shown(own, user(), { owners })).toEqual(['Query { a, row(id) }', 'Row { id }']);
    expect(await shown(own, anonymous, { owners })).toEqual(['Query { a }']);
  });

  it('is hidden by a policy that depends on the viewer alone, and not by one that may read the row', async () => {
    const policed = `
      type Query {
        a: Int @public
        byViewer: Int @policy(policies: [["staff"]])
        byRow: Int @policy(policies: [["odd"]])
      }
    `;
    const policies = {
      staff: rule({ cache: 'contextual' })(async (_parent, _args, { viewer }) => viewer?.id === 'staff'),
      odd: rule({ cache: 'no_cache' })(() => false),
    };
    expect(await shown(policed, user(), { policies })).toEqual(['Query { a, byRow }']);
    expect(await shown(policed, user({ id: 'staff' }), { policies })).toEqual(['Query { a, byViewer, byRow }']);
  });

  it('is hidden where nothing is left of what it returns, and so is what leads to it', async () => {
    const deep = `
      type Query { a: Int @public, outer: Outer @public }
      type Outer @public { inner: Inner, again: Outer }
      type Inner @public { secret: Int @requiresRole(roles: [ADMIN]) }
    `;
    expect(await shown(deep, admin)).toEqual(['Inner { secret }', 'Outer { inner, again }', 'Query { a, outer }']);
    // What leads to itself leads somewhere.
    expect(await shown(deep, user())).toEqual(['Outer { again }', 'Query { a, outer }']);
    expect(await shown(deep.replace(', again: Outer', ''), user())).toEqual(['Query { a }']);
  });
});

describe('a root type', () => {
  const sdl = `
    type Query { mine: Int @authenticated }
    type Mutation { open: Int @public, change: Int @authenticated }
    type Subscription { changes: Int @authenticated }
  `;

  it('vanishes with its last field, but for Query, which shows that nothing is left', async () => {
    const schema = await visible(sdl, anonymous);
    expect(schema.getSubscriptionType()).toBeUndefined();
    expect(Object.keys(schema.getMutationType()?.getFields() ?? {})).toEqual(['open']);
    expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).toEqual(['_empty']);
  });

  it('is there in full for whoever is signed in', async () => {
    expect(await shown(sdl, user())).toEqual([
      'Mutation { open, change }',
      'Query { mine }',
      'Subscription { changes }',
    ]);
  });

  it('that a payload leads back to is no way out when it is empty', async () => {
    const back =
      'type Query { mine: Int @authenticated } type Mutation { open: P @public } type P @public { n: Int, query: Query }';
    expect(await shown(back, anonymous)).toEqual(['Mutation { open }', 'P { n }', 'Query { _empty }']);
    expect(await shown(back, user())).toEqual(['Mutation { open }', 'P { n, query }', 'Query { mine }']);
  });
});

describe('an argument', () => {
  const sdl = `
    type Query { list(first: Int, everyone: Boolean @settableBy(roles: [ADMIN]), only: Only): Int @public }
    enum Only { ONE }
    extend type Query { audit(of: ID! @settableBy(roles: [ADMIN])): Int @public }
  `;

  it('is shown to whoever may supply it, and hides its field from others where it is required', async () => {
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
    // Inputs within one another, to any depth, can still be written down.
    expect(await shown(nested, user())).toEqual(['Inner { outer }', 'Outer { inner }', 'Query { list(by, n) }']);
    const barren = nested.replace(', outer: Outer', '');
    expect(await shown(barren, user())).toEqual(['Query { list(n) }']);
    // What requires it cannot be written down either.
    expect(await shown(barren.replace('by: Outer', 'by: Outer!'), user())).toEqual(['Query { _empty }']);
    const required = barren.replace('inner: Inner', 'inner: Inner!, n: Int');
    expect(await shown(required, user())).toEqual(['Query { list(n) }']);
    expect(await shown(required, admin)).toEqual(['Inner { only }', 'Outer { inner, n }', 'Query { list(by, n) }']);
  });
});

describe('an interface', () => {
  const sdl = `
    type Query { node: Node @public, owned: Owned @public }
    interface Node { id: ID, secret(x: Int, y: Int): Int }
    interface Owned { owner: Int }
    type A implements Node & Owned @public {
      id: ID
      secret(x: Int, y: Int @settableBy(roles: [ADMIN])): Int
      owner: Int @requiresRole(roles: [ADMIN])
      a: Int
    }
    type B implements Node @public { id: ID, secret(x: Int, y: Int): Int, b: Int @requiresRole(roles: [ADMIN]) }
  `;

  it('keeps the fields and arguments that every visible type has which implements it', async () => {
    expect(await shown(sdl, user())).toEqual([
      'A { id, secret(x), a }',
      'B { id, secret(x, y) }',
      'Node { id, secret(x) }',
      'Query { node }',
    ]);
    expect(await shown(sdl, admin)).toEqual([
      'A { id, secret(x, y), owner, a }',
      'B { id, secret(x, y), b }',
      'Node { id, secret(x, y) }',
      'Owned { owner }',
      'Query { node, owned }',
    ]);
  });

  it('loses a field that one of them lacks, and vanishes where none is left', async () => {
    const torn = `
      type Query { node: Node @public }
      interface Node { a: Int, b: Int }
      type A implements Node @public { a: Int, b: Int @requiresRole(roles: [ADMIN]) }
      type B implements Node @public { a: Int, b: Int }
    `;
    expect(await shown(torn, user())).toEqual(['A { a }', 'B { a, b }', 'Node { a }', 'Query { node }']);
    const bare = torn.replace('@public { a: Int, b: Int }', '@public { a: Int @requiresRole(roles: [ADMIN]), b: Int }');
    expect(await shown(bare, user())).toEqual(['Query { _empty }']);
    expect(await shown(bare, admin)).toEqual(['A { a, b }', 'B { a, b }', 'Node { a, b }', 'Query { node }']);
  });

  it('is not held back by a type that is hidden as a whole', async () => {
    const hidden = sdl.replace(
      'type B implements Node @public',
      'type B implements Node @requiresRole(roles: [ADMIN])',
    );
    expect(await shown(hidden, user())).toEqual(['A { id, secret(x), a }', 'Node { id, secret(x) }', 'Query { node }']);
  });

  it('vanishes when nobody implements it any more', async () => {
    const closed = sdl
      .replaceAll('@public {', '@authenticated {')
      .replace('type Query {', 'type Query { a: Int @public,');
    expect(await shown(closed, anonymous)).toEqual(['Query { a }']);
  });

  it('does not bring in types that no field leads to', async () => {
    const apart = `
      type Query { a: A @public, b: B @requiresRole(roles: [ADMIN]) }
      interface Node { id: ID }
      type A implements Node @public { id: ID }
      type B implements Node @public { id: ID }
    `;
    expect(await shown(apart, user())).toEqual(['A { id }', 'Node { id }', 'Query { a }']);
    expect(await shown(apart, admin)).toEqual(['A { id }', 'B { id }', 'Node { id }', 'Query { a, b }']);
  });
});

describe('a union', () => {
  const sdl = `
    type Query { n: Int @public, found: Found @public }
    union Found = A | B
    type A @authenticated { a: Int }
    type B @requiresRole(roles: [ADMIN]) { b: Int }
  `;

  it('keeps the members that are left, and vanishes without any', async () => {
    const members = async (viewer: GuardViewer | null) => {
      const union = (await visible(sdl, viewer)).getType('Found');
      return union && 'getTypes' in union ? union.getTypes().map(({ name }) => name) : null;
    };
    expect(await members(admin)).toEqual(['A', 'B']);
    expect(await members(user())).toEqual(['A']);
    expect(await members(anonymous)).toBeNull();
    expect(await shown(sdl, anonymous)).toEqual(['Query { n }']);
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

describe('the schema that is kept', () => {
  const sdl = `
    type Query { a: Int @requiresScopes(scopes: [["a"]]), b: Int @policy(policies: [["lucky"]]) }
  `;
  let lucky = true;
  const policies = { lucky: rule({ cache: 'contextual' })(() => lucky) };
  const guard = guardOf(sdl, {}, { policies });
  const ofViewer = (viewer: GuardViewer | null) => guard.visibleSchema({ viewer });

  it('serves all who may see the same, and nobody else', async () => {
    const first = await ofViewer(user({ id: 'u1', scopes: ['a', 'x'] }));
    expect(await ofViewer(user({ id: 'u2', scopes: ['y', 'a'], roles: ['ADMIN'] }))).toBe(first);
    expect(await ofViewer(user({ scopes: [] }))).not.toBe(first);
  });

  it('does not outlive what a policy said', async () => {
    const viewer = user({ scopes: ['a'] });
    lucky = true;
    expect(Object.keys((await ofViewer(viewer)).getQueryType()?.getFields() ?? {})).toEqual(['a', 'b']);
    lucky = false;
    expect(Object.keys((await ofViewer(viewer)).getQueryType()?.getFields() ?? {})).toEqual(['a']);
  });

  it('shows everything in mode `report`, where everything is served', async () => {
    const everything = ['Query { a, b }'];
    expect(await shown(sdl, anonymous, { policies, denial: 'report' })).toEqual(everything);
    lucky = false;
    expect(await shown(sdl, anonymous, { policies })).toEqual(['Query { _empty }']);
  });
});
