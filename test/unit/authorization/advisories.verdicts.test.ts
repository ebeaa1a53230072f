/**
 * Published failures of verdicts: given to another row, viewer or moment, reversed by a crash, or computed for every
 * row. Each is named by its number, and fails here with a legitimate twin. If graphql-shield has it, the test shows it
 * there.
 */
import { type ExecutionArgs, type ExecutionResult, execute, isObjectType, parse, subscribe } from 'graphql';
import { describe, expect, it } from 'vitest';
import {
  and,
  chain,
  type Guard,
  type GuardViewer,
  not,
  or,
  race,
  rule,
  type ShieldRule,
} from '../../../src/authorization/guard.ts';
import { ask, type Context, denialsOf, guardOf, user } from './harness.ts';
import { shielded } from './shielded.ts';

const rowsSdl = (guard = '') => `type Query { rows: [Row] @public } type Row @public { id: ID, text: String ${guard} }`;
const rows = [
  { id: 'r1', by: 'u1', text: 'mine' },
  { id: 'r2', by: 'u2', text: 'SECRET' },
];
const resolvers = { Query: { rows: () => rows } };
const policed = (policy: ShieldRule) =>
  guardOf(rowsSdl('@policy(policies: [["p"]])'), resolvers, { policies: { p: policy } });

describe('a verdict is not handed on', () => {
  const isOwn = (parent: { by: string } | undefined, _args: unknown, { viewer }: Context) => parent?.by === viewer?.id;

  it('graphql-shield 349: to the next row, by a rule that is kept for the operation', async () => {
    const contextual = rule('own', { cache: 'contextual' })(isOwn);
    const there = await shielded(rowsSdl(), resolvers, { Row: { text: contextual } }).ask(
      { viewer: user() },
      '{ rows { text } }',
    );
    expect(there.data).toEqual({ rows: [{ text: 'mine' }, { text: 'SECRET' }] });

    expect((await ask(policed(contextual), user(), '{ rows { text } }')).data).toEqual({
      rows: [{ text: null }, { text: null }],
    });
    const each = policed(rule({ cache: 'no_cache' })(isOwn));
    expect((await ask(each, user(), '{ rows { text } }')).data).toEqual({ rows: [{ text: 'mine' }, { text: null }] });
  });

  it('graphql-shield 582: to the next operation, when the viewer’s role has changed', async () => {
    const isAdmin = rule('admin', { cache: 'contextual' })((_parent, _args, { viewer }) =>
      viewer.roles.includes('ADMIN'),
    );
    const query = '{ rows { text } }';
    const asAdminThenUser = async (run: (context: Context) => Promise<ExecutionResult>) => {
      const context = { viewer: user({ roles: ['ADMIN'] }) };
      const before = await run(context);
      context.viewer = user();
      return [before, await run(context)].map(({ data }) => JSON.stringify(data).includes('SECRET'));
    };
    const there = shielded(rowsSdl(), resolvers, { Row: { text: isAdmin } });
    expect(await asAdminThenUser((context) => there.ask(context, query))).toEqual([true, true]);

    const document = parse(query);
    const variableValues = {};
    for (const guard of [policed(isAdmin), guardOf(rowsSdl('@requiresRole(roles: [ADMIN])'), resolvers)]) {
      const run = async (contextValue: Context) => await guard.execute({ document, contextValue, variableValues });
      expect(await asAdminThenUser(run)).toEqual([true, false]);
    }
  });

  it('api-platform 7854: to the next viewer, however often the same is asked', async () => {
    const guard = guardOf(
      `${rowsSdl('@requiresRole(roles: [ADMIN])')} extend type Query { own: [Owned] @authenticated }
       type Owned @authenticated { text: String @owner(field: "by") }`,
      { Query: { rows: () => rows, own: () => rows } },
    );
    const document = parse('{ rows { id text } own { text } }');
    const admin = user({ roles: ['ADMIN'] });
    for (let round = 0; round < 50; round++) {
      const [one, other, second] = await Promise.all(
        [user(), admin, user({ id: 'u2' })].map(async (viewer) => {
          const { data } = await guard.execute({ document, contextValue: { viewer } });
          return JSON.parse(JSON.stringify(data));
        }),
      );
      expect(one).toEqual({
        rows: [
          { id: 'r1', text: null },
          { id: 'r2', text: null },
        ],
        own: [{ text: 'mine' }, { text: null }],
      });
      expect(other).toEqual({
        rows: rows.map(({ id, text }) => ({ id, text })),
        own: [{ text: 'mine' }, { text: null }],
      });
      expect(second.own).toEqual([{ text: null }, { text: 'SECRET' }]);
    }
  });

  it('api-platform 6104: to the next row, where owners are looked up together', async () => {
    const batches: (readonly string[])[] = [];
    const guard = guardOf(
      'type Query { row(id: ID!): Row @ownerOf(type: "Row", id: "id") } type Row @public { text: String }',
      { Query: { row: (_: unknown, { id }: { id: string }) => rows.find((row) => row.id === id) } },
      {
        owners: {
          Row: async (ids) => {
            batches.push(ids);
            return ids.map((id) => rows.find((row) => row.id === id)?.by ?? null);
          },
        },
      },
    );
    const query =
      '{ a: row(id: "r1") { text } b: row(id: "r2") { text } c: row(id: "r1") { text } d: row(id: "r3") { text } }';
    const mine = await ask(guard, user(), query);
    expect(mine.data).toEqual({ a: { text: 'mine' }, b: null, c: { text: 'mine' }, d: null });
    expect(denialsOf(mine)).toEqual(['FORBIDDEN b', 'FORBIDDEN d']);
    expect((await ask(guard, user({ id: 'u2' }), query)).data).toEqual({
      a: null,
      b: { text: 'SECRET' },
      c: null,
      d: null,
    });
    expect(batches).toHaveLength(2);
  });
});

describe('a rule that crashes is no permission', () => {
  const yes = rule('yes')(() => true);
  const no = rule('no')(() => false);
  const joins: [name: string, join: (crashing: ShieldRule) => ShieldRule][] = [
    ['alone', (crashing) => crashing],
    ['under not', (crashing) => not(crashing)],
    ['under not, with an error of its own', (crashing) => not(crashing, new Error('never'))],
    ['under not of and', (crashing) => not(and(yes, crashing))],
    ['under not of chain', (crashing) => not(chain(yes, crashing))],
    ['under not of or', (crashing) => not(or(no, crashing))],
    ['under not of race', (crashing) => not(race(no, crashing))],
    ['in or, before one that allows', (crashing) => or(crashing, yes)],
    ['in race, before one that allows', (crashing) => race(crashing, yes)],
    ['in chain', (crashing) => chain(yes, crashing, yes)],
    ['in and', (crashing) => and(crashing, yes)],
  ];
  const ways: [name: string, (crash: boolean) => boolean | Promise<boolean>][] = [
    [
      'at once',
      (crash) => {
        if (crash) throw new Error('SECRET of the rule');
        return false;
      },
    ],
    ['later', async (crash) => (crash ? Promise.reject(new Error('SECRET of the rule')) : false)],
  ];
  const cases = joins.flatMap(([joined, join]) =>
    ways.flatMap(([when, answer]) =>
      (['contextual', 'no_cache'] as const).map((cache) => ({ joined, join, when, answer, cache })),
    ),
  );

  it.each(cases)('graphql-shield 220, 749: $joined, $when, $cache', async ({ join, answer, cache }) => {
    const made = (crash: boolean) => policed(join(rule(`c${crash}`, { cache })(() => answer(crash))));
    const crashed = await ask(made(true), user(), '{ rows { id text } }');
    expect(crashed.data).toEqual({ rows: rows.map(({ id }) => ({ id, text: null })) });
    expect(new Set(crashed.errors?.map(({ extensions }) => extensions?.code))).toEqual(
      new Set(['INTERNAL_SERVER_ERROR']),
    );
    expect(JSON.stringify(crashed)).not.toContain('SECRET');

    // The same rule without the fault: it answers false.
    const verdict = await there(join(rule('sane', { cache })(() => answer(false))));
    const sane = await ask(made(false), user(), '{ rows { text } }');
    expect(sane.errors === undefined).toBe(verdict);
  });

  it.each(ways)('graphql-shield opens by it, under not: %s', async (_, answer) => {
    expect(await there(not(rule('crash')(() => answer(true))))).toBe(true);
  });

  async function there(made: ShieldRule): Promise<boolean> {
    const { errors } = await shielded(rowsSdl(), resolvers, { Row: { text: made } }).ask(
      { viewer: user() },
      '{ rows { text } }',
    );
    return errors === undefined;
  }
});

describe('a subscription', () => {
  let started = 0;
  const source = {
    // Both members, because graphql-middleware then guards only `resolve`.
    subscribe: async function* () {
      started++;
      for (const row of rows) yield row;
    },
    resolve: (row: unknown) => row,
  };
  const sdl = (guard = '') =>
    `type Query { a: Int @public } type Subscription { changed: Row ${guard} } type Row @public { id: ID, text: String ${guard && '@owner(field: "by")'} }`;
  const listener = { scopes: ['listen'] };

  async function listen(guard: Pick<Guard, 'subscribe'>, viewer: GuardViewer | null): Promise<ExecutionResult[]> {
    const args: Omit<ExecutionArgs, 'schema'> = {
      document: parse('subscription { changed { id text } }'),
      contextValue: { viewer },
    };
    const results = await guard.subscribe(args);
    return Symbol.asyncIterator in results ? Array.fromAsync(results) : [results];
  }
  const guard = guardOf(sdl('@requiresScopes(scopes: [["listen"]])'), { Subscription: { changed: source } });

  it('graphql-middleware 569, graphql-shield 27: starts no source for a denied viewer', async () => {
    const { schema } = shielded(
      sdl(),
      { Subscription: { changed: source } },
      { Subscription: { changed: rule()(() => false) } },
    );
    const opened = await subscribe({ schema, document: parse('subscription { changed { id } }'), contextValue: {} });
    expect(opened).toHaveProperty('next');

    started = 0;
    const [denied, ...more] = await listen(guard, user());
    expect([denied && denialsOf(denied), more, started]).toEqual([['FORBIDDEN changed'], [], 0]);
    expect(await listen(guard, user(listener))).toHaveLength(2);
    expect(started).toBe(1);
  });

  it('CVE-2026-33421, CVE-2026-30947: shows of each event what that row allows', async () => {
    const texts = async (viewer: GuardViewer) => (await listen(guard, viewer)).map(({ data }) => data?.changed);
    expect(await texts(user(listener))).toEqual([
      { id: 'r1', text: 'mine' },
      { id: 'r2', text: null },
    ]);
    expect(await texts(user({ id: 'u2', ...listener }))).toEqual([
      { id: 'r1', text: null },
      { id: 'r2', text: 'SECRET' },
    ]);
  });
});

describe('a guard costs nothing where it has nothing to ask', () => {
  const many = Array.from({ length: 1000 }, (_, i) => ({ id: `r${i}`, by: 'u1', text: 'mine' }));
  const list = { Query: { rows: () => many } };
  const document = parse('{ rows { id text } }');
  const idsOnly = parse('{ rows { id } }');

  it('graphql-shield 416, 812, 1522: no promise for a field that is decided at once', async () => {
    const own = rule('own')((parent, _args, { viewer }) => parent.by === viewer.id);
    const there = shielded(rowsSdl(), list, { Row: { text: own } });
    expect(execute({ schema: there.schema, document, contextValue: { viewer: user() } })).toBeInstanceOf(Promise);

    for (const policy of ['@policy(policies: [["own"]])', '@owner(field: "by")', '@authenticated']) {
      const guard = guardOf(rowsSdl(policy), list, { policies: { own } });
      const served = guard.execute({ document, contextValue: { viewer: user() } });
      expect(served).not.toBeInstanceOf(Promise);
      expect(served).toMatchObject({ data: { rows: { length: 1000 } } });
      expect(served).not.toHaveProperty('errors');
      expect(guard.execute({ document, contextValue: { viewer: null } })).toHaveProperty('errors');
    }
  });

  it('graphql-shield 1528: no promise for a field that asks for nothing, under another executor either', () => {
    const fieldsOf = (schema: Guard['schema']) => {
      const type = schema.getType('Row');
      return isObjectType(type) ? type.getFields() : {};
    };
    const there = shielded(rowsSdl(), list, {}).schema;
    expect(fieldsOf(there).id).toHaveProperty('resolve', expect.any(Function));
    expect(execute({ schema: there, document: idsOnly, contextValue: { viewer: null } })).toBeInstanceOf(Promise);
    const { schema } = guardOf(rowsSdl('@authenticated'), list);
    expect(fieldsOf(schema).text?.resolve).toBeInstanceOf(Function);
    const served = execute({ schema, document: idsOnly, contextValue: { viewer: null } });
    expect(served).not.toBeInstanceOf(Promise);
    expect(served).toMatchObject({ data: { rows: { length: 1000 } } });
  });

  it('graphql-shield 416: a rule about the viewer is asked once, and a denied field not resolved at all', async () => {
    const calls = { rule: 0, resolver: 0 };
    const staff = rule({ cache: 'contextual' })((_parent, _args, { viewer }) => {
      calls.rule++;
      return viewer.roles.includes('ADMIN');
    });
    const counted = { ...list, Row: { text: () => String(calls.resolver++) } };
    const guard = guardOf(rowsSdl('@policy(policies: [["staff"]])'), counted, { policies: { staff } });
    const denied = await ask(guard, user(), '{ rows { id text } }');
    expect([calls, denialsOf(denied)]).toEqual([{ rule: 1, resolver: 0 }, ['FORBIDDEN rows.@.text']]);
    await ask(guard, user({ roles: ['ADMIN'] }), '{ rows { id text } }');
    expect(calls).toEqual({ rule: 2, resolver: 1000 });
  });
});
