import { makeExecutableSchema } from '@graphql-tools/schema';
import { buildSchema, type ExecutionArgs, type ExecutionResult, parse } from 'graphql';
import { compileQuery } from 'graphql-jit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CompiledLimits } from '../../../src/authorization/contract/compile-limits.ts';
import {
  createGuard,
  type DenialEvent,
  type Guard,
  type GuardOptions,
  rule,
} from '../../../src/authorization/guard.ts';
import { anonymous, type Context, user, vocabulary } from './harness.ts';

type Options = Partial<GuardOptions<Context>>;
type Resolvers = NonNullable<Parameters<typeof makeExecutableSchema>[0]['resolvers']>;

/** Hot at the second execution. */
const eager: Partial<CompiledLimits> = { hotAfter: 1, milliseconds: 1_000_000 };

function schemaOf(sdl: string, resolvers: Resolvers = {}) {
  return makeExecutableSchema({ typeDefs: [vocabulary, sdl], resolvers });
}

/** The same guard with and without compiling. */
function guardsOf(sdl: string, resolvers: Resolvers = {}, options: Options = {}) {
  const make = (compile: GuardOptions<Context>['compile']) =>
    createGuard<Context>(schemaOf(sdl, resolvers), {
      viewer: (context) => context.viewer,
      ...(compile !== undefined && { compile }),
      ...options,
    });
  return { compiling: make(eager), interpreting: make(false) };
}

type Asked = Omit<ExecutionArgs, 'schema' | 'document' | 'contextValue'>;

const plain = (result: unknown) => JSON.parse(JSON.stringify(result)) as ExecutionResult;
const byPath = ({ errors, ...rest }: ExecutionResult) => ({
  ...rest,
  errors: (errors ?? []).map((error) => plain(error)).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
});

/** Asks until the operation is compiled, and again. Each answer must equal that of graphql-js. */
async function askBoth(
  { compiling, interpreting }: { compiling: Guard; interpreting: Guard },
  viewer: Context['viewer'],
  query: string,
  more: Asked = {},
): Promise<ExecutionResult> {
  const args = { document: parse(query), contextValue: { viewer }, ...more };
  const expected = plain(await interpreting.execute(args));
  for (let time = 0; time < 4; time++) {
    expect(byPath(plain(await compiling.execute(args)))).toEqual(byPath(expected));
  }
  return expected;
}

const tasks = `
  type Query { tasks: [Task!] @authenticated, one: Task @authenticated, node: Node @authenticated }
  interface Node { id: ID! }
  type User implements Node @authenticated { id: ID!, name: String, email: String @requiresRole(roles: [ADMIN]) }
  type Task implements Node @authenticated {
    id: ID!
    title: String
    notes: String @owner
    secret: String! @owner
    budget: Int @requiresRole(roles: [ADMIN])
    cost: Int! @requiresRole(roles: [ADMIN])
    owner: User
    reviewer: User @owner
    tags: [String]
  }`;

const ann = { id: 'u1', name: 'Ann', email: 'a@example.org' };
const row = (number: number, ownerId: string) => ({
  __typename: 'Task',
  ...{ id: `t${number}`, title: `Title ${number}`, notes: `Notes ${number}`, secret: 's', budget: number, cost: 1 },
  ...{ owner: ann, reviewer: ann, tags: ['a', 'b'], ownerId },
});
const rows = [row(1, 'u1'), row(2, 'u2'), row(3, 'u1')];
const taskResolvers = { Query: { tasks: () => rows, one: () => rows[1], node: () => rows[0] } };

describe('what is compiled', () => {
  it('is an operation that is hot', async () => {
    const { compiling } = guardsOf(tasks, taskResolvers, { compile: { hotAfter: 3 } });
    const args = { document: parse('{ tasks { id } }'), contextValue: { viewer: user() } };
    const answers: number[] = [];
    for (let time = 0; time < 6; time++) {
      await compiling.execute(args);
      answers.push(compiling.compiled?.answers ?? -1);
    }
    expect(answers).toEqual([0, 0, 0, 1, 2, 3]);
    expect(compiling.compiled).toMatchObject({ operations: 1, compilations: 1, doubts: 0 });
  });

  it('is separate for viewers with different rights, and shared by those with the same', async () => {
    const guards = guardsOf(tasks, taskResolvers);
    const query = '{ tasks { id budget owner { email } } }';
    const document = parse(query);
    const asked = async (viewer: Context['viewer']) => {
      const args = { document, contextValue: { viewer } };
      let answer: ExecutionResult = {};
      for (let time = 0; time < 3; time++) answer = plain(await guards.compiling.execute(args));
      return answer;
    };
    const denied = await asked(user({ id: 'u9' }));
    expect(denied.data).toMatchObject({ tasks: [{ budget: null, owner: { email: null } }, {}, {}] });
    expect(denied.errors?.map(({ path }) => path?.join('.'))).toEqual(['tasks.@.budget', 'tasks.@.owner.email']);
    const allowed = await asked(user({ roles: ['ADMIN'] }));
    expect(allowed).toEqual({
      data: { tasks: [1, 2, 3].map((n) => ({ id: `t${n}`, budget: n, owner: { email: 'a@example.org' } })) },
    });
    expect((await asked(anonymous)).data).toEqual({ tasks: null });
    expect(guards.compiling.compiled?.operations).toBe(3);
    await asked(user({ id: 'u7', scopes: ['task:read'] }));
    expect(guards.compiling.compiled?.operations).toBe(3);
  });

  it('follows a change of rights at once', async () => {
    const { compiling } = guardsOf(tasks, taskResolvers);
    const viewer = { id: 'u1', roles: ['ADMIN'], scopes: [] };
    const args = { document: parse('{ tasks { budget } }'), contextValue: { viewer } };
    for (let time = 0; time < 3; time++) await compiling.execute(args);
    expect(compiling.compiled?.answers).toBeGreaterThan(0);
    expect(await compiling.execute(args)).not.toHaveProperty('errors');
    viewer.roles = ['USER'];
    for (let time = 0; time < 3; time++) {
      const { data, errors } = plain(await compiling.execute(args));
      expect(data).toEqual({ tasks: [{ budget: null }, { budget: null }, { budget: null }] });
      expect(errors).toHaveLength(1);
    }
  });

  it('is nothing when compilation is off, and no mutation', async () => {
    const { interpreting, compiling } = guardsOf(
      `type Query { a: Int @public } type Mutation { add: Int @authenticated }`,
      { Mutation: { add: () => 1 } },
    );
    expect(interpreting.compiled).toBeNull();
    const args = { document: parse('mutation { add }'), contextValue: { viewer: user() } };
    for (let time = 0; time < 5; time++) await compiling.execute(args);
    expect(compiling.compiled).toMatchObject({ compilations: 0, answers: 0 });
  });

  it('is chosen by operation name and by what conditions include', async () => {
    const guards = guardsOf(tasks, taskResolvers);
    const document =
      'query A($x: Boolean!) { tasks { id @skip(if: $x) title @include(if: $x) } } query B { one { id } }';
    const asked = (operationName: string, x: boolean) =>
      askBoth(guards, user(), document, { operationName, variableValues: { x } });
    expect((await asked('A', true)).data).toMatchObject({ tasks: [{ title: 'Title 1' }, {}, {}] });
    expect((await asked('A', false)).data).toMatchObject({ tasks: [{ id: 't1' }, {}, {}] });
    expect((await asked('B', false)).data).toEqual({ one: { id: 't2' } });
    expect(guards.compiling.compiled?.doubts).toBe(0);
  });
});

describe('compiled answers', () => {
  it.each([
    ['rows of all kinds', '{ tasks { __typename id title notes tags owner { id name } reviewer { id } } }'],
    ['aliases of one field', '{ tasks { a: notes b: notes notes } }'],
    ['one row', '{ one { id notes reviewer { name email } } }'],
    ['an interface', '{ node { id __typename ... on Task { notes budget owner { email } } } }'],
    ['a denied non-null field', '{ tasks { id cost } }'],
    ['a non-null field denied by its row', '{ tasks { id secret } }'],
    ['fragments', '{ tasks { ...F owner { ...G } } } fragment F on Task { id notes } fragment G on Node { id }'],
  ])('are those of graphql-js on %s', async (_, query) => {
    const guards = guardsOf(tasks, taskResolvers);
    for (const viewer of [user(), user({ id: 'u2' }), user({ roles: ['ADMIN'] }), anonymous]) {
      await askBoth(guards, viewer, query);
    }
    expect(guards.compiling.compiled?.answers).toBeGreaterThan(0);
  });

  it('give the owner what others are denied, row by row', async () => {
    const guards = guardsOf(tasks, taskResolvers);
    const { data, errors } = await askBoth(guards, user(), '{ tasks { id notes } }');
    expect(data).toEqual({
      tasks: [
        { id: 't1', notes: 'Notes 1' },
        { id: 't2', notes: null },
        { id: 't3', notes: 'Notes 3' },
      ],
    });
    expect(errors).toMatchObject([{ path: ['tasks', 1, 'notes'], extensions: { code: 'FORBIDDEN' } }]);
    expect(guards.compiling.compiled).toMatchObject({ answers: 3, doubts: 0 });
  });

  it('check all demands of a row, when its type and its field demand different things', async () => {
    const sdl = `
      type Query { notes: [Note] @authenticated }
      type Note @owner(field: "readerId") { text: String @owner(field: "writerId"), title: String }`;
    const note = (readerId: string | null, writerId: string | null) => ({ text: 'a', title: 'b', readerId, writerId });
    const both = [note('u1', 'u1'), note('u1', 'u2'), note('u2', 'u1'), note('u2', 'u2'), note(null, null)];
    const guards = guardsOf(sdl, { Query: { notes: () => both } });
    const { data } = await askBoth(guards, user(), '{ notes { text title } }');
    expect(data).toEqual({
      notes: [
        { text: 'a', title: 'b' },
        { text: null, title: 'b' },
        { text: null, title: null },
        { text: null, title: null },
        { text: null, title: null },
      ],
    });
    expect(guards.compiling.compiled).toMatchObject({ answers: 3, doubts: 0 });
  });

  it('compare rows with the viewer of the reading, and with nobody after a sign-out', async () => {
    const leave = { of: (context: Context) => context };
    const resolvers = {
      Query: {
        tasks: (_parent: unknown, _args: unknown, context: Context) => {
          leave.of(context);
          return [row(1, 'u1'), { ...row(2, 'u1'), ownerId: null }];
        },
      },
    };
    const { compiling, interpreting } = guardsOf(tasks, resolvers);
    const document = parse('{ tasks { notes } }');
    const notes = async (guard: Guard) =>
      plain(await guard.execute({ document, contextValue: { viewer: user() } })).data;
    const own = { tasks: [{ notes: 'Notes 1' }, { notes: null }] };
    expect(await notes(interpreting)).toEqual(own);
    for (let time = 0; time < 4; time++) expect(await notes(compiling)).toEqual(own);
    leave.of = (context) => Object.assign(context, { viewer: null });
    const none = { tasks: [{ notes: null }, { notes: null }] };
    expect(await notes(interpreting)).toEqual(none);
    expect(await notes(compiling)).toEqual(none);
    expect(compiling.compiled).toMatchObject({ answers: 4, doubts: 0 });
  });

  it('give resolvers the row itself, and the arguments of graphql-js', async () => {
    const seen: unknown[] = [];
    const rated = {
      ...taskResolvers,
      Task: {
        title: (parent: unknown, _args: unknown, _context: unknown, info: { path: unknown; fieldNodes: unknown[] }) => {
          seen.push([rows.indexOf(parent as never), info.path, info.fieldNodes.length]);
          return 'x';
        },
      },
    };
    const { compiling, interpreting } = guardsOf(tasks, rated);
    const args = {
      document: parse('{ tasks { notes title ...F } } fragment F on Task { title }'),
      contextValue: { viewer: user() },
    };
    await interpreting.execute(args);
    const expected = seen.splice(0);
    expect(expected).toHaveLength(3);
    for (let time = 0; time < 3; time++) await compiling.execute(args);
    expect(compiling.compiled?.answers).toBe(2);
    expect(seen).toEqual([...expected, ...expected, ...expected]);
  });

  it('report each denial once, with or without a second attempt', async () => {
    const events: DenialEvent[] = [];
    const { compiling } = guardsOf(tasks, taskResolvers, { onDenial: (event) => events.push(event as DenialEvent) });
    const ask = async (query: string) => {
      const args = { document: parse(query), contextValue: { viewer: user() } };
      const told: string[][] = [];
      for (let time = 0; time < 3; time++) {
        await compiling.execute(args);
        told.push(
          events
            .splice(0)
            .map(({ denial }) => denial.path?.join('.') ?? '')
            .sort(),
        );
      }
      return told;
    };
    expect(await ask('{ tasks { budget notes } }')).toEqual(Array(3).fill(['tasks.1.notes', 'tasks.@.budget']));
    const before = compiling.compiled?.doubts;
    expect(await ask('{ tasks { notes secret } }')).toEqual(Array(3).fill(['tasks.1.notes', 'tasks.1.secret']));
    expect(compiling.compiled?.doubts).toBeGreaterThan(before ?? 0);
  });

  it('ask a policy on the viewer once for an operation', async () => {
    const decide = vi.fn(() => true);
    const policies = { fit: rule({ cache: 'contextual' })(decide) };
    const sdl = 'type Query { a: Int @policy(policies: [["fit"]]), b: Int @policy(policies: [["fit"]]) }';
    const { compiling } = guardsOf(sdl, { Query: { a: () => 1, b: () => 2 } }, { policies });
    const args = { document: parse('{ a b }'), contextValue: { viewer: user() } };
    for (let time = 0; time < 5; time++) {
      expect(await compiling.execute(args)).toEqual({ data: { a: 1, b: 2 } });
      expect(decide).toHaveBeenCalledTimes(time + 1);
    }
    expect(compiling.compiled?.answers).toBeGreaterThan(0);
    decide.mockReturnValue(false);
    expect(plain(await compiling.execute(args)).data).toEqual({ a: null, b: null });
  });

  it('are refused as a whole in mode reject', async () => {
    const guards = guardsOf(tasks, taskResolvers, { denial: 'reject' });
    const { data, errors } = await askBoth(guards, user(), '{ tasks { id notes } }');
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect((await askBoth(guards, user(), '{ tasks { id } }')).data).toMatchObject({ tasks: [{}, {}, {}] });
    expect(guards.compiling.compiled?.answers).toBe(6);
  });
});

describe('what graphql-jit must not be trusted with', () => {
  afterEach(() => {
    delete (globalThis as { taken?: unknown }).taken;
  });

  const attack = '__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74dglobalThis.taken=1';
  const echo = 'type Query { echo(text: String = "none", list: [String]): String @public }';
  const echoResolvers = { Query: { echo: (_: unknown, args: object) => JSON.stringify(args) } };

  it('is the client’s text: a literal would become part of a compiled operation', async () => {
    const bare = compileQuery(
      buildSchema('type Query { echo(text: String): String }'),
      parse(`{ echo(text: "${attack}") }`),
    );
    (bare as { query: (...args: unknown[]) => unknown }).query({ echo: null }, {}, {});
    expect((globalThis as { taken?: unknown }).taken).toBe(1);
    delete (globalThis as { taken?: unknown }).taken;

    const guards = guardsOf(echo, echoResolvers);
    const query = `query ($v: String = "${attack}") { a: echo(text: "${attack}") b: echo(text: $v, list: ["${attack}", $v]) c: echo }`;
    const { data } = await askBoth(guards, anonymous, query);
    expect(data).toMatchObject({ a: JSON.stringify({ text: attack }), c: '{"text":"none"}' });
    expect(guards.compiling.compiled?.answers).toBe(3);
    expect((globalThis as { taken?: unknown }).taken).toBeUndefined();
  });

  it('are names that it joins: the guard of one field never decides for another', async () => {
    // graphql-jit would keep the resolvers of User.sname and Users.name under one name.
    const sdl = `type Query { user: User @public, users: Users @public }
      type User @public { sname: String @requiresRole(roles: [ADMIN]) }
      type Users @public { name: String @public }`;
    const resolvers = {
      Query: { user: () => ({}), users: () => ({}) },
      User: { sname: () => 'closed' },
      Users: { name: () => 'open' },
    };
    const guards = guardsOf(sdl, resolvers);
    const query = '{ user { sname } users { name } a_b: user { c: sname } a: users { b_c: name } }';
    const { data, errors } = await askBoth(guards, user(), query);
    expect(data).toEqual({ user: { sname: null }, users: { name: 'open' }, a_b: { c: null }, a: { b_c: 'open' } });
    expect(errors?.map(({ path }) => path?.join('.'))).toEqual(['user.sname', 'a_b.c']);
    expect((await askBoth(guards, user({ roles: ['ADMIN'] }), query)).data).toMatchObject({
      user: { sname: 'closed' },
    });
    expect(guards.compiling.compiled?.answers).toBe(6);
  });

  it.each([
    [
      'throws',
      () =>
        Object.defineProperty({ id: 't1' }, 'title', {
          get: () => {
            throw new Error('no');
          },
        }),
    ],
    ['is a method', () => ({ id: 't1', title: () => 'from a method' })],
    ['is a promise', () => ({ id: 't1', title: Promise.resolve('later') })],
    [
      'is a promise that fails',
      () => ({
        id: 't1',
        get title() {
          return Promise.reject(new Error('late'));
        },
      }),
    ],
    ['is an Error', () => ({ id: 't1', title: new Error('in place of a value') })],
    ['cannot be represented', () => ({ id: 't1', title: { not: 'a string' } })],
    ['belongs to a promised object', () => ({ id: 't1', title: 'x', owner: Promise.resolve(ann) })],
    ['stands on no object', () => 'a string'],
  ])("are values: a property that %s is graphql-js's", async (_, make) => {
    const resolvers = { Query: { tasks: async () => [make()], one: make, node: () => null } };
    const guards = guardsOf(tasks, resolvers);
    await askBoth(guards, user(), '{ tasks { id title tags owner { name } } one { title } }');
    await askBoth(guards, user(), '{ one { title } later: tasks { title } }');
  });

  it.each([
    ['promises', () => [Promise.resolve(rows[0]), rows[1]]],
    ['promises that fail', () => [Promise.reject(new Error('late')), rows[1], Promise.reject(new Error('later'))]],
    ['a set', () => new Set(rows)],
    [
      'a generator that throws',
      function* () {
        yield rows[0];
        throw new Error('no more');
      },
    ],
    ['nulls', () => [null, rows[0]]],
    ['errors', () => [new Error('one'), rows[0]]],
    ['no list', () => ({ length: 2 })],
  ])("are lists: one of %s is graphql-js's", async (_, make) => {
    const guards = guardsOf(tasks.replace('[Task!]', '[Task]'), { Query: { tasks: make } });
    await askBoth(guards, user(), '{ tasks { id notes } }');
  });

  it('are private members of a class: a denied row stays the row for its own getters', async () => {
    class Private {
      readonly ownerId = 'u2';
      readonly id = 't1';
      readonly notes = 'hidden';
      readonly #title = 'kept';
      get title() {
        return this.#title;
      }
    }
    const guards = guardsOf(tasks, { Query: { tasks: () => [new Private()] } });
    const { data, errors } = await askBoth(guards, user(), '{ tasks { title notes } }');
    expect(data).toEqual({ tasks: [{ title: 'kept', notes: null }] });
    expect(errors).toHaveLength(1);
    expect((await askBoth(guards, user({ id: 'u2' }), '{ tasks { title notes } }')).data).toEqual({
      tasks: [{ title: 'kept', notes: 'hidden' }],
    });
  });

  it('are keys with a special meaning for objects', async () => {
    const guards = guardsOf(tasks, taskResolvers);
    await askBoth(guards, user(), '{ one { __proto__: title constructor: id toString: notes } }');
  });

  it('is a type that must be asked for each value', async () => {
    const sdl = 'type Query { any: Any @public } union Any = A | B type A @public { a: Int } type B @public { b: Int }';
    const isTypeOf = (field: string) => ({ __isTypeOf: (value: object) => field in value });
    const guards = guardsOf(sdl, { Query: { any: () => ({ b: 2 }) }, A: isTypeOf('a'), B: isTypeOf('b') });
    expect((await askBoth(guards, anonymous, '{ any { __typename ... on B { b } } }')).data).toEqual({
      any: { __typename: 'B', b: 2 },
    });
    expect(guards.compiling.compiled?.answers).toBe(0);
  });
});

describe('the store', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => parse(`{ tasks { f${i}: id } }`));

  it('keeps no more operations and fields than its limits', async () => {
    const { compiling } = guardsOf(tasks, taskResolvers, { compile: { ...eager, operations: 5, fields: 12 } });
    for (const document of many(50)) {
      for (let time = 0; time < 3; time++) await compiling.execute({ document, contextValue: { viewer: user() } });
    }
    expect(compiling.compiled?.compilations).toBe(50);
    expect(compiling.compiled?.operations).toBeLessThanOrEqual(5);
    expect(compiling.compiled?.fields).toBeLessThanOrEqual(12);
  });

  it('compiles nothing that is asked once', async () => {
    const { compiling } = guardsOf(tasks, taskResolvers);
    for (const document of many(50)) await compiling.execute({ document, contextValue: { viewer: user() } });
    expect(compiling.compiled).toMatchObject({ operations: 0, compilations: 0 });
  });

  it('spends no more time than its limit, and still answers', async () => {
    const { compiling } = guardsOf(tasks, taskResolvers, { compile: { ...eager, milliseconds: 0.001 } });
    for (const document of many(50)) {
      for (let time = 0; time < 3; time++) {
        const result = await compiling.execute({ document, contextValue: { viewer: user() } });
        expect(result).not.toHaveProperty('errors');
      }
    }
    expect(compiling.compiled?.compilations).toBeLessThanOrEqual(1);
  });

  it('leaves an operation that is too large, or that fragments make so, to graphql-js', async () => {
    const guards = guardsOf(tasks, taskResolvers);
    const fragments = Array.from(
      { length: 12 },
      (_, i) => `fragment F${i} on User { ${i === 11 ? 'id' : `a${i}: id ...F${i + 1}`} }`,
    );
    const wide = `{ tasks { ${Array.from({ length: 100 }, (_, i) => `o${i}: owner { ...F0 }`).join(' ')} } } ${fragments.join(' ')}`;
    await askBoth(guards, user(), wide);
    expect(guards.compiling.compiled?.compilations).toBe(0);
  });

  it('leaves an operation to graphql-js that it repeats too often, until others ask for it', async () => {
    let title: unknown = new Error('no');
    const { compiling } = guardsOf(tasks, { Query: { one: () => ({ id: 't1', title }) } });
    const args = { document: parse('{ one { id title } }'), contextValue: { viewer: user() } };
    for (let time = 0; time < 20; time++) {
      const { data, errors } = await compiling.execute(args);
      expect(data).toEqual({ one: { id: 't1', title: null } });
      expect(errors).toMatchObject([{ message: 'no', path: ['one', 'title'] }]);
    }
    expect(compiling.compiled).toMatchObject({ doubts: 4, answers: 0 });
    title = 'A title';
    for (let time = 0; time < 40; time++) {
      expect(await compiling.execute(args)).toEqual({ data: { one: { id: 't1', title } } });
    }
    expect(compiling.compiled).toMatchObject({ doubts: 4, compilations: 1 });
    expect(compiling.compiled?.answers).toBeGreaterThan(10);
  });
});
