import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Access, GuardViewer } from '../../../../src/authorization/guard.ts';
import { rule } from '../../../../src/authorization/rules/shield.ts';
import { anonymous, ask, guardOf, user } from '../harness.ts';

const allow: Access = { verdict: 'allow' };
const deny: Access = { verdict: 'deny' };

/** Policies with given answers. */
function policiesThatSay(says: { perRow: boolean; perViewer: boolean }) {
  return {
    perRow: rule('perRow', { cache: 'no_cache' })(() => says.perRow),
    perViewer: rule('perViewer', { cache: 'contextual' })(() => says.perViewer),
  };
}

describe('the access matrix', () => {
  const guard = guardOf(
    `type Query {
       open: Int @public
       mine: Task @authenticated
       list(everyone: Boolean @settableBy(scopes: [["read:any"]]), first: Int): [Task] @requiresScopes(scopes: [["read"]])
       staff: Int @requiresRole(roles: [ADMIN])
       hours: Int @policy(policies: [["perViewer"]])
     }
     type Mutation { drop(id: ID!): Int @ownerOf(type: "Task", id: "id", orScopes: [["write:any"]]) }
     type Task @authenticated { title: String notes: String @owner orders(by: Order): Int }
     input Order { field: String rank: Int @settableBy(roles: [ADMIN]) }`,
    {},
    {
      policies: policiesThatSay({ perRow: true, perViewer: true }),
      owners: { Task: async (ids) => ids.map(() => null) },
    },
  );
  const matrix = guard.matrix({
    nobody: anonymous,
    reader: user({ scopes: ['read'] }),
    boss: user({ roles: ['ADMIN'], scopes: ['read', 'read:any', 'write:any'] }),
  });

  it('has a row for each requirement, in the same order, and a cell for each persona', () => {
    expect([...matrix.keys()]).toEqual([...guard.requirements.keys()]);
    for (const cells of matrix.values()) expect(Object.keys(cells)).toEqual(['nobody', 'reader', 'boss']);
  });

  it.each([
    ['Query.open', allow, allow, allow],
    ['Query.mine', deny, allow, allow],
    ['Query.list', deny, allow, allow],
    ['Query.list(everyone:)', deny, deny, allow],
    ['Query.staff', deny, deny, allow],
    ['Task.title', deny, allow, allow],
    ['Order.rank', deny, deny, allow],
  ])('decides %s by rights alone', (coordinate, nobody, reader, boss) => {
    expect(matrix.get(coordinate)).toEqual({ nobody, reader, boss });
  });

  it('leaves one’s own row open to each role, and closed to nobody’s persona', () => {
    const own: Access = { verdict: 'depends', on: [[{ kind: 'owner', field: 'ownerId' }]] };
    expect(matrix.get('Task.notes')).toEqual({ nobody: deny, reader: own, boss: own });
    const ownTask: Access = { verdict: 'depends', on: [[{ kind: 'ownerOf', type: 'Task', id: 'id' }]] };
    expect(matrix.get('Mutation.drop')).toEqual({ nobody: deny, reader: ownTask, boss: allow });
  });

  it('never decides a policy, even one about the viewer alone, because there is no context to ask it with', () => {
    const asked: Access = { verdict: 'depends', on: [[{ kind: 'policy', name: 'perViewer', viewerOnly: true }]] };
    expect(matrix.get('Query.hours')).toEqual({ nobody: asked, reader: asked, boss: asked });
  });

  it.each([
    ['a string of scopes', { roles: [], scopes: 'read:any' }],
    ['no roles', { scopes: [] }],
    ['a role that is no name', { roles: [1], scopes: [] }],
    ['undefined', undefined],
    ['a name', 'ADMIN'],
  ])('refuses a persona with %s', (_, persona) => {
    expect(() => guard.matrix({ odd: persona as never })).toThrow(
      /The persona "odd" must be null.*or \{ roles, scopes \}/,
    );
  });
});

/** Draws a random world: a guarded schema and a viewer. */
const names = (...of: string[]) => fc.subarray(of, { minLength: 1 });
const lists = (...of: string[]) => fc.array(names(...of), { minLength: 1, maxLength: 2 });
const text = (value: unknown) => JSON.stringify(value);
const roles = names('USER', 'ADMIN').map((some) => `[${some.join(', ')}]`);

const rights = fc.uniqueArray(
  fc.oneof(
    fc.constant('@authenticated'),
    lists('a', 'b').map((scopes) => `@requiresScopes(scopes: ${text(scopes)})`),
    roles.map((some) => `@requiresRole(roles: ${some})`),
    lists('perRow', 'perViewer').map((some) => `@policy(policies: ${text(some)})`),
  ),
  { maxLength: 2, selector: (directive) => directive.split('(')[0] },
);
const owned = fc.option(
  fc
    .tuple(fc.constantFrom('ownerId', 'authorId'), fc.option(roles), fc.option(lists('a', 'b')))
    .map(([field, orRoles, orScopes]) => {
      const or = `${orRoles ? `, orRoles: ${orRoles}` : ''}${orScopes ? `, orScopes: ${text(orScopes)}` : ''}`;
      return `@owner(field: "${field}"${or})`;
    }),
);
const guards = fc.tuple(rights, owned).map(([some, own]) => [...some, ...(own ? [own] : [])].join(' '));
const settable = fc.oneof(
  fc.constant(''),
  roles.map((some) => `@settableBy(roles: ${some})`),
  lists('a', 'b').map((some) => `@settableBy(scopes: ${text(some)})`),
  lists('perRow', 'perViewer').map((some) => `@settableBy(policies: ${text(some)})`),
);

const sdl = fc
  .record({
    root: rights.map((some) => some.join(' ')),
    argument: settable,
    input: settable,
    interface: rights.map((some) => some.join(' ')),
    interfaceField: rights.map((some) => some.join(' ')),
    type: guards,
    field: guards,
  })
  .map(
    (on) => `
      type Query { t(x: Int ${on.argument}, input: In): T ${on.root || '@public'} }
      input In { y: Int ${on.input} }
      interface I ${on.interface} { f: Int ${on.interfaceField} }
      type T implements I ${on.type || (on.interface ? '@authenticated' : '@public')} { f: Int ${on.field} }`,
  );

const viewer: fc.Arbitrary<GuardViewer | null> = fc.option(
  fc.record({
    id: fc.constant('u1'),
    roles: fc.subarray(['USER', 'ADMIN']),
    scopes: fc.subarray(['a', 'b']),
  }),
);

/** Facts that rights alone do not tell. */
const world = fc.record({
  ownerId: fc.constantFrom('u1', 'u2'),
  authorId: fc.constantFrom('u1', 'u2'),
  perRow: fc.boolean(),
  perViewer: fc.boolean(),
});
type World = typeof world extends fc.Arbitrary<infer Drawn> ? Drawn : never;
const kindest: World = { ownerId: 'u1', authorId: 'u1', perRow: true, perViewer: true };
const harshest: World = { ownerId: 'u2', authorId: 'u2', perRow: false, perViewer: false };

const query = '{ t(x: 1, input: { y: 2 }) { f } }';
const asked = ['Query.t', 'Query.t(x:)', 'In.y', 'T.f'];

/** The matrix's verdicts on the query's coordinates, and whether the query was served. */
async function observe(schema: string, who: GuardViewer | null, says: World) {
  const resolvers = { Query: { t: () => ({ ...says, f: 1 }) } };
  const guard = guardOf(schema, resolvers, { policies: policiesThatSay(says) });
  const matrix = guard.matrix({ who });
  const verdicts = asked.map((coordinate) => matrix.get(coordinate)?.who.verdict ?? 'allow');
  const { data, errors } = await ask(guard, who, query);
  const served = (data as { t: { f: number | null } | null } | null)?.t?.f === 1;
  expect(errors === undefined).toBe(served);
  return { verdicts, served };
}

describe('the access matrix, over random guards and viewers,', () => {
  it('says allow only of what is served, and deny only of what is denied, whatever the row and the policies', async () => {
    await fc.assert(
      fc.asyncProperty(sdl, viewer, world, async (schema, who, says) => {
        const { verdicts, served } = await observe(schema, who, says);
        if (verdicts.includes('deny')) expect(served).toBe(false);
        else if (!verdicts.includes('depends')) expect(served).toBe(true);
      }),
      { numRuns: 500 },
    );
  }, 60_000);

  it('says depends only of what one row and one answer open, and others shut', async () => {
    await fc.assert(
      fc.asyncProperty(sdl, viewer, async (schema, who) => {
        const kind = await observe(schema, who, kindest);
        expect(kind.served).toBe(!kind.verdicts.includes('deny'));
        const harsh = await observe(schema, who, harshest);
        expect(harsh.served).toBe(harsh.verdicts.every((verdict) => verdict === 'allow'));
      }),
      { numRuns: 500 },
    );
  }, 60_000);
});
