import { describe, expect, it } from 'vitest';
import type { GuardViewer } from '../../../../src/authorization/guard.ts';
import { rule } from '../../../../src/authorization/rules/shield.ts';
import { anonymous, guardOf, user } from '../harness.ts';
import { admin, shown, visible } from './visible.shown.ts';

describe('a field', () => {
  const sdl = `
    type Query { open: Int @public, mine: Int @authenticated, all: [Thing] @requiresRole(roles: [ADMIN]) }
    type Thing @authenticated { name: String, secret: String @requiresRole(roles: [ADMIN]) }
    extend type Query { thing: Thing @authenticated }
  `;

  it('is shown to a viewer who could be served it, and hidden together with the types that only it leads to', async () => {
    expect(await shown(sdl, anonymous)).toEqual(['Query { open }']);
    expect(await shown(sdl, user())).toEqual(['Query { open, mine, thing }', 'Thing { name }']);
    expect(await shown(sdl, admin)).toEqual(['Query { open, mine, all, thing }', 'Thing { name, secret }']);
  });

  it('is shown when the row decides, to a viewer who may own one', async () => {
    const own = 'type Query { rows: [Row] @public } type Row @public { id: ID, notes: String @owner }';
    expect(await shown(own, user())).toEqual(['Query { rows }', 'Row { id, notes }']);
    expect(await shown(own, anonymous)).toEqual(['Query { rows }', 'Row { id }']);
  });

  it('is shown when the arguments decide, to a viewer who may own what they name', async () => {
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
    // A type that leads to itself counts as useful.
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

  it('is there in full for a viewer who is signed in', async () => {
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

  it('is made in slices where it is large, and is one for all who ask meanwhile', async () => {
    const fields = Array.from(
      { length: 400 },
      (_, i) => `t${i}: T${i} ${i % 2 ? '@requiresRole(roles: [ADMIN])' : '@public'}`,
    );
    const types = Array.from({ length: 400 }, (_, i) => `type T${i} @public { id: ID, next: T${(i + 2) % 400} }`);
    const large = guardOf(`type Query { ${fields.join(' ')} } ${types.join(' ')}`);
    const asked = [anonymous, anonymous, admin].map((viewer) => large.visibleSchema({ viewer }));
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const [first, second, all] = await Promise.all(asked);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
    expect(second).toBe(first);
    expect(large.visibleSchema({ viewer: anonymous })).toBe(first);
    const typesOf = (schema: typeof first) => Object.keys(schema?.getTypeMap() ?? {}).filter((name) => name[0] === 'T');
    expect(typesOf(first)).toHaveLength(200);
    expect(typesOf(all)).toHaveLength(400);
  });

  it('shows everything in mode `report`, where everything is served', async () => {
    const everything = ['Query { a, b }'];
    expect(await shown(sdl, anonymous, { policies, denial: 'report' })).toEqual(everything);
    lucky = false;
    expect(await shown(sdl, anonymous, { policies })).toEqual(['Query { _empty }']);
  });
});
