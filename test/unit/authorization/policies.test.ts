import { describe, expect, it } from 'vitest';
import { and, not, or, rule } from '../../../src/authorization/rules/shield.ts';
import { anonymous, ask, denialsOf, guardOf, user } from './harness.ts';

const sdl = (guards: string) => /* GraphQL */ `
  type Query { rows: [Row] @public }
  type Row @public { id: ID, value: Int ${guards}, other: Int ${guards} }
`;
const rows = [1, 2, 3].map((value) => ({ id: `r${value}`, value, other: value }));
const resolvers = { Query: { rows: () => rows } };

describe('@policy', () => {
  it('reads the row, and is asked for each', async () => {
    const odd = rule({ cache: 'no_cache' })((parent) => parent.value % 2 === 1);
    const guard = guardOf(sdl('@policy(policies: [["odd"]])'), resolvers, { policies: { odd } });
    const result = await ask(guard, anonymous, '{ rows { value } }');
    expect(result.data).toEqual({ rows: [{ value: 1 }, { value: null }, { value: 3 }] });
    expect(denialsOf(result)).toEqual(['UNAUTHENTICATED rows.1.value']);
    expect(result.errors?.[0]?.extensions?.requires).toEqual({ scopes: [], roles: [], policies: [['odd']] });
  });

  it.each([true, false])('is asked once an operation when contextual, at once or later (%s)', async (isAsync) => {
    let asked = 0;
    const trusted = rule({ cache: 'contextual' })((_parent, _args, context) => {
      asked++;
      const answer = context.viewer.id === 'trusted';
      return isAsync ? Promise.resolve(answer) : answer;
    });
    const guard = guardOf(sdl('@policy(policies: [["trusted"]])'), resolvers, { policies: { trusted } });
    const denied = await ask(guard, user(), '{ rows { value other } }');
    expect(denied.data).toEqual({ rows: rows.map(() => ({ value: null, other: null })) });
    expect(denialsOf(denied)).toEqual(['FORBIDDEN rows.@.other', 'FORBIDDEN rows.@.value']);
    expect(asked).toBe(1);
    expect((await ask(guard, user({ id: 'trusted' }), '{ rows { value other } }')).errors).toBeUndefined();
    expect(asked).toBe(2);
  });

  it('cannot hand one row’s verdict to another when contextual: it is shown no row', async () => {
    const peeks = rule({ cache: 'contextual' })((parent) => parent.value === 1);
    const guard = guardOf(sdl('@policy(policies: [["peeks"]])'), resolvers, { policies: { peeks } });
    const result = await ask(guard, user(), '{ rows { value } }');
    expect(result.data).toEqual({ rows: [{ value: null }, { value: null }, { value: null }] });
    expect(result.errors?.every(({ extensions }) => extensions?.code === 'INTERNAL_SERVER_ERROR')).toBe(true);
  });

  it('is not asked without a viewer when another guard needs one', async () => {
    const staff = rule({ cache: 'contextual' })((_p, _a, { viewer }) => viewer.id === 'staff');
    const guard = guardOf(sdl('@authenticated @policy(policies: [["staff"]])'), resolvers, { policies: { staff } });
    expect(denialsOf(await ask(guard, anonymous, '{ rows { value } }'))).toEqual(['UNAUTHENTICATED rows.@.value']);
    expect((await ask(guard, user({ id: 'staff' }), '{ rows { value } }')).errors).toBeUndefined();
  });

  it('is not asked when a scope is enough', async () => {
    let asked = 0;
    const slow = rule({ cache: 'contextual' })(async () => Boolean(asked++));
    const guard = guardOf(
      'type Query { f(a: Int @settableBy(scopes: [["s"]], policies: [["slow"]])): Int @public }',
      { Query: { f: () => 1 } },
      { policies: { slow } },
    );
    expect((await ask(guard, user({ scopes: ['s'] }), '{ f(a: 1) }')).data).toEqual({ f: 1 });
    expect(asked).toBe(0);
    expect((await ask(guard, user(), '{ f(a: 1) }')).data).toEqual({ f: null });
    expect(asked).toBe(1);
  });

  it('needs every policy of one list', async () => {
    const is = (value: string) => rule({ cache: 'contextual' })((_p, _a, { viewer }) => viewer?.id.includes(value));
    const policies = { a: is('a'), b: is('b'), c: is('c') };
    const guard = guardOf(sdl('@policy(policies: [["a", "b"], ["c"]])'), resolvers, { policies });
    for (const id of ['ab', 'c', 'abc']) {
      expect((await ask(guard, user({ id }), '{ rows { value } }')).errors).toBeUndefined();
    }
    for (const id of ['a', 'b', 'x']) {
      expect((await ask(guard, user({ id }), '{ rows { value } }')).errors).toHaveLength(1);
    }
  });

  it('gives the denial the message of the rule', async () => {
    const closed = rule({ cache: 'contextual' })(() => new Error('Closed on Sundays.'));
    const guard = guardOf(sdl('@policy(policies: [["closed"]])'), resolvers, { policies: { closed } });
    const result = await ask(guard, user(), '{ rows { value } }');
    expect(result.errors?.[0]).toMatchObject({ message: 'Closed on Sundays.', extensions: { code: 'FORBIDDEN' } });
  });

  it.each([
    ['alone', (crash: ReturnType<ReturnType<typeof rule>>) => crash],
    ['under not', (crash: ReturnType<ReturnType<typeof rule>>) => not(crash)],
    [
      'beside one that allows',
      (crash: ReturnType<ReturnType<typeof rule>>) =>
        or(
          crash,
          rule()(() => true),
        ),
    ],
    [
      'after one that allows',
      (crash: ReturnType<ReturnType<typeof rule>>) =>
        and(
          rule()(() => true),
          crash,
        ),
    ],
  ])('opens nothing by throwing %s, and reveals nothing', async (_, join) => {
    for (const throws of [
      () => {
        throw new Error('secret detail');
      },
      async () => {
        throw new Error('secret detail');
      },
    ]) {
      const guard = guardOf(sdl('@policy(policies: [["crash"]])'), resolvers, {
        policies: { crash: join(rule()(throws as never)) },
      });
      const result = await ask(guard, user(), '{ rows { id value } }');
      expect(result.data).toEqual({ rows: rows.map(({ id }) => ({ id, value: null })) });
      expect(result.errors).toHaveLength(3);
      expect(JSON.stringify(result)).not.toContain('secret detail');
      expect(result.errors?.[0]?.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR' });
    }
  });

  it('on a type is decided with the row, wherever the row is reached', async () => {
    const open = rule()((parent) => parent.open === true);
    const guard = guardOf(
      'type Query { docs: [Doc] @public any: [Any] @public } union Any = Doc type Doc @policy(policies: [["open"]]) { text: String }',
      {
        Query: {
          docs: () => [
            { open: true, text: 'a' },
            { open: false, text: 'b' },
          ],
          any: () => [{ __typename: 'Doc', open: false, text: 'b' }],
        },
      },
      { policies: { open } },
    );
    const result = await ask(guard, user(), '{ docs { text } any { ... on Doc { text } } }');
    expect(result.data).toEqual({ docs: [{ text: 'a' }, { text: null }], any: [{ text: null }] });
    expect(denialsOf(result)).toEqual(['FORBIDDEN any.0.text', 'FORBIDDEN docs.1.text']);
  });
});

describe('@owner', () => {
  it('asks for the row that `field` names, or a right instead', async () => {
    const guard = guardOf(
      'type Query { rows: [Row] @public } type Row @owner(field: "by", orRoles: [ADMIN], orScopes: [["x", "y"]]) { value: Int }',
      { Query: { rows: () => [{ by: 'u1', value: 1 }, { by: 'u2', value: 2 }, { value: 3 }, { by: null, value: 4 }] } },
    );
    const ask1 = async (viewer: Parameters<typeof ask>[1]) =>
      (await ask(guard, viewer, '{ rows { value } }')).data?.rows;
    const all = [1, 2, 3, 4].map((value) => ({ value }));
    expect(await ask1(user({ roles: ['ADMIN'] }))).toEqual(all);
    expect(await ask1(user({ scopes: ['x', 'y'] }))).toEqual(all);
    expect(await ask1(user({ scopes: ['x'] }))).toEqual([{ value: 1 }, ...Array(3).fill({ value: null })]);
    expect(await ask1(anonymous)).toBeNull();
  });
});
