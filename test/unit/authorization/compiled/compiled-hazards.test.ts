import { makeExecutableSchema } from '@graphql-tools/schema';
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLString,
  Kind,
  parse,
  validate,
  visit,
} from 'graphql';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { converted, createGuard, type Guard, type GuardOptions, rule } from '../../../../src/authorization/guard.ts';
import { anonymous, type Context, user, vocabulary } from '../harness.ts';

type Resolvers = NonNullable<Parameters<typeof makeExecutableSchema>[0]['resolvers']>;

const eager = { hotAfter: 1, milliseconds: 1_000_000 };

function guardsOf(sdl: string, resolvers: Resolvers = {}, options: Partial<GuardOptions<Context>> = {}) {
  const make = (compile: GuardOptions<Context>['compile']) =>
    createGuard<Context>(makeExecutableSchema({ typeDefs: [vocabulary, sdl], resolvers }), {
      viewer: (context) => context.viewer,
      ...(compile !== undefined && { compile }),
      ...options,
    });
  return { compiling: make(eager), interpreting: make(false) };
}

const plain = (result: unknown) => JSON.parse(JSON.stringify(result)) as ExecutionResult;

/** The answer of graphql-js, and the last of several answers that may be compiled. */
async function bothAnswers(
  { compiling, interpreting }: { compiling: Guard; interpreting: Guard },
  document: DocumentNode,
  more: { rootValue?: unknown; variableValues?: Record<string, unknown> } = {},
) {
  const args = { document, contextValue: { viewer: user() }, ...more };
  const expected = plain(await interpreting.execute(args));
  for (let time = 0; time < 2; time++) await compiling.execute(args);
  return { expected, actual: plain(await compiling.execute(args)) };
}

describe('what a set of rights is worth', () => {
  it('is decided for the viewer who asked, even if the context has another viewer by then', async () => {
    const { interpreting: guard } = guardsOf(
      `type Query { secret: String @authenticated, admin: String @requiresRole(roles: [ADMIN]), a: String @public }
       type Mutation { login: String @public, rename: String @authenticated }`,
      {
        Query: {
          secret: () => 'SECRET',
          admin: () => 'ADMIN ONLY',
          a: (_: unknown, _args: unknown, context: Context) => {
            context.viewer = user({ roles: ['ADMIN'] });
            return 'a';
          },
        },
        Mutation: {
          login: (_: unknown, _args: unknown, context: Context) => {
            context.viewer = user();
            return 'in';
          },
          rename: () => 'renamed',
        },
      },
    );
    const ask = async (viewer: Context['viewer'], query: string) =>
      plain(await guard.execute({ document: parse(query), contextValue: { viewer } })).data;
    await ask(anonymous, 'mutation { login rename }');
    expect(await ask(anonymous, '{ secret }')).toEqual({ secret: null });
    expect(await ask(user(), '{ secret }')).toEqual({ secret: 'SECRET' });
    await ask(user({ scopes: ['s'] }), '{ a admin }');
    expect(await ask(user({ scopes: ['s'] }), '{ admin }')).toEqual({ admin: null });
    expect(await ask(user({ roles: ['ADMIN'] }), '{ admin }')).toEqual({ admin: 'ADMIN ONLY' });
  });
});

describe('a document that was not parsed from text', () => {
  afterEach(() => {
    delete (globalThis as { taken?: unknown }).taken;
  });

  const rename = (alias: string) =>
    visit(parse('{ a t: __typename }'), {
      Field: (node) => (node.alias ? { ...node, alias: { kind: Kind.NAME, value: alias } } : undefined),
    });

  it.each(['x": (globalThis.taken = 1, 1), "y', 'a b', '__proto__', 'a'.repeat(5000)])(
    'is not compiled with the key %s',
    async (alias) => {
      const guards = guardsOf('type Query @public { a: String }');
      const document = rename(alias);
      expect(validate(guards.compiling.schema, document)).toEqual([]);
      const { expected, actual } = await bothAnswers(guards, document);
      expect(actual).toEqual(expected);
      expect((globalThis as { taken?: unknown }).taken).toBeUndefined();
      expect(guards.compiling.compiled?.answers).toBe(0);
    },
  );

  it('is compiled with a name for a key', async () => {
    const guards = guardsOf('type Query @public { a: String }');
    const { expected, actual } = await bothAnswers(guards, rename('b_1'));
    expect(actual).toEqual(expected);
    expect(guards.compiling.compiled?.answers).toBe(2);
  });
});

describe('promises that compiled code does not wait for', () => {
  const heard: unknown[] = [];
  const hear = (reason: unknown) => heard.push(reason);
  const owned = 'type Query @public { rows: [Row] } type Row @public { notes: String @owner }';

  it.each([
    [
      'of a type that is looked up',
      'type Query @public { i: I } interface I { x: Int } type T implements I @public { x: Int }',
      { I: { __resolveType: () => Promise.reject(new Error('down')) }, Query: { i: () => ({ x: 1 }) } },
      '{ i { x } }',
    ],
    [
      'in lists of lists',
      'type Query @public { m: [[Int]] }',
      { Query: { m: () => [[Promise.reject(new Error('one'))], [Promise.reject(new Error('two'))]] } },
      '{ m }',
    ],
    [
      'beside a row whose owner cannot be read',
      owned,
      {
        Query: {
          rows: () => [
            Object.defineProperty({ notes: 'n' }, 'ownerId', {
              get: () => {
                throw new Error('no');
              },
            }),
            Promise.reject(new Error('late')),
          ],
        },
      },
      '{ rows { notes } }',
    ],
    [
      'of rows that are read for a viewer without an id',
      owned,
      {
        Query: {
          rows: (_parent: unknown, _args: unknown, context: { viewer: unknown }) => {
            const { viewer } = context;
            context.viewer = {};
            queueMicrotask(() => {
              context.viewer = viewer;
            });
            return [Promise.reject(new Error('late'))];
          },
        },
      },
      '{ rows { notes } }',
    ],
  ])('%s end no process', async (_, sdl, resolvers, query) => {
    process.on('unhandledRejection', hear);
    try {
      const { expected, actual } = await bothAnswers(guardsOf(sdl, resolvers as Resolvers), parse(query));
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(actual).toEqual(expected);
      expect(heard).toEqual([]);
    } finally {
      process.off('unhandledRejection', hear);
    }
  });
});

it('a root type that is met again is not read without a look', async () => {
  const rootValue = {
    self: {
      n: 1,
      get self() {
        return Promise.resolve({ n: 2 });
      },
    },
  };
  const guards = guardsOf('type Query @public { self: Query, n: Int }');
  const { expected, actual } = await bothAnswers(guards, parse('{ self { n self { n } } }'), { rootValue });
  expect(actual).toEqual(expected);
  expect(actual.data).toEqual({ self: { n: 1, self: { n: 2 } } });
});

describe('the work of compiling', () => {
  const types = Array.from({ length: 200 }, (_, i) => `type T${i} implements N @public { id: ID }`).join(' ');
  const spreading = `{ ${Array.from({ length: 450 }, (_, i) => `a${i}: node { ...B }`).join(' ')} }
    fragment B on N { ${'... on T0 { id } '.repeat(300)} }`;

  it('is not multiplied by the types that may stand in a place', async () => {
    const guards = guardsOf(`type Query @public { node: N } interface N { id: ID } ${types}`, {
      Query: { node: () => null },
    });
    const { expected, actual } = await bothAnswers(guards, parse(spreading));
    expect(actual).toEqual(expected);
    expect(guards.compiling.compiled?.compilations).toBe(0);
  });

  it('weighs a document by its length', async () => {
    const { compiling } = guardsOf('type Query @public { a: String }');
    const document = parse(`{ a } #${'x'.repeat(50_000)}`);
    for (let time = 0; time < 3; time++) await compiling.execute({ document, contextValue: { viewer: null } });
    expect(compiling.compiled).toMatchObject({ operations: 1, fields: 103 });
  });
});

describe('compiled answers', () => {
  it('mask an owner rule that throws, for its row alone', async () => {
    const bad = {
      title: 'bad',
      notes: 'n',
      get ownerId(): string {
        throw new Error('10.0.0.1 failed');
      },
    };
    const rows = [{ title: 'good', notes: 'n', ownerId: 'u1' }, bad];
    const sdl = 'type Query @public { rows: [Row] } type Row @public { title: String, notes: String @owner }';
    const { expected, actual } = await bothAnswers(
      guardsOf(sdl, { Query: { rows: () => rows } }),
      parse('{ rows { title notes } }'),
    );
    expect(actual).toEqual(expected);
    expect(actual.data).toEqual({
      rows: [
        { title: 'good', notes: 'n' },
        { title: 'bad', notes: null },
      ],
    });
    expect(JSON.stringify(actual)).not.toContain('10.0.0.1');
  });

  it('come from getters that see their own row, denied or not, frozen or not', async () => {
    const kept = new WeakMap<object, string>();
    class Row {
      readonly notes = null;
      readonly ownerId: string;
      constructor(ownerId: string) {
        this.ownerId = ownerId;
        kept.set(this, `kept for ${ownerId}`);
      }
      get hasNotes() {
        return this.notes !== null;
      }
      get title() {
        return kept.get(this);
      }
    }
    const rows = [new Row('other'), new Row('u1'), Object.freeze(new Row('other'))];
    const sdl = `type Query @public { rows: [Row] }
      type Row @public { title: String, hasNotes: Boolean, notes: String @owner }`;
    const guards = guardsOf(sdl, { Query: { rows: () => rows } });
    const { expected, actual } = await bothAnswers(guards, parse('{ rows { hasNotes title notes } }'));
    expect(actual).toEqual(expected);
    expect(actual.data).toMatchObject({ rows: [{ hasNotes: false, title: 'kept for other' }, { notes: null }, {}] });
    expect(actual.errors).toHaveLength(2);
    expect(guards.compiling.compiled).toMatchObject({ answers: 2, doubts: 0 });
  });

  it('ask no policy for what is not reached', async () => {
    const decide = vi.fn(() => new Promise<boolean>(() => {}));
    const sdl =
      'type Query { a: String @public, b: String @policy(policies: [["slow"]]), rows: [R] @public } type R @public { c: Int @policy(policies: [["slow"]]) }';
    const guards = guardsOf(
      sdl,
      { Query: { a: () => 'A', rows: () => [] } },
      { policies: { slow: rule({ cache: 'contextual' })(decide) } },
    );
    const document = parse('query ($x: Boolean!) { a b @include(if: $x) rows { c } }');
    const { expected, actual } = await bothAnswers(guards, document, { variableValues: { x: false } });
    expect(actual).toEqual(expected);
    expect(decide).not.toHaveBeenCalled();
    expect(guards.compiling.compiled?.answers).toBe(2);
  });

  it('leave variables that can be read once to graphql-js', async () => {
    const guards = guardsOf('type Query @public { a(ids: [Int]): String }', {
      Query: { a: (_: unknown, { ids }: { ids: number[] }) => ids.join() },
    });
    const document = parse('query ($ids: [Int]) { a(ids: $ids) }');
    const ask = async (ids: unknown) =>
      plain(await guards.compiling.execute({ document, contextValue: { viewer: null }, variableValues: { ids } })).data;
    for (let time = 0; time < 4; time++) {
      expect(await ask(new Set([1, 2]).values())).toEqual({ a: '1,2' });
      expect(await ask([1, 2])).toEqual({ a: '1,2' });
    }
    expect(guards.compiling.compiled?.answers).toBeGreaterThan(0);
  });

  it.each([50, 10_000])('answer alike where variables lie %i levels deep', async (levels) => {
    const sdl = 'input F { title: String } type Query @public { a(filter: F): String }';
    const guards = guardsOf(sdl, { Query: { a: (_: unknown, { filter }: { filter?: object }) => filter && 'A' } });
    let deep: unknown = 'x';
    for (let level = 0; level < levels; level++) deep = [deep];
    const document = parse('query ($filter: F) { a(filter: $filter) }');
    const good = await bothAnswers(guards, document, { variableValues: { filter: { title: 't' }, undeclared: deep } });
    expect(good.expected).toEqual({ data: { a: 'A' } });
    expect(good.actual).toEqual(good.expected);
    const bad = await bothAnswers(guards, document, { variableValues: { filter: { title: deep } } });
    expect(bad.expected.errors?.[0]?.message).toContain('String cannot represent a non string value');
    expect(bad.actual).toEqual(bad.expected);
  });

  it('are not compiled past a resolver that was put in the place of the guard’s', async () => {
    const { compiling } = guardsOf('type Query { a: String @public, b: String @authenticated }', {
      Query: { a: () => 'A', b: () => 'B' },
    });
    for (const field of Object.values(compiling.schema.getQueryType()?.getFields() ?? {})) {
      const inner = field.resolve;
      field.resolve = (...args) => `traced ${inner?.(...args)}`;
    }
    const args = { document: parse('{ a b }'), contextValue: { viewer: user() } };
    for (let time = 0; time < 4; time++)
      expect(await compiling.execute(args)).toEqual({ data: { a: 'traced A', b: 'traced B' } });
  });
});

describe('an execution within another', () => {
  const sdl = `input F { everyone: Boolean @settableBy(roles: [ADMIN]) }
    type Query { open: String @public, closed: String @authenticated, rows(filter: F): String @public }`;

  it.each(['open', 'closed'])('is judged by its own variables, begun by a field that is %s', async (start) => {
    const inner: unknown[] = [];
    const makeGuards = () => {
      const begin = async (
        _: unknown,
        _args: unknown,
        context: Context & { depth?: number },
        info: { operation: never },
      ) => {
        if (context.depth) return 'inner';
        context.depth = 1;
        const document = { kind: Kind.DOCUMENT, definitions: [info.operation] } as const;
        const variableValues = { f: { everyone: true } };
        inner.push(
          plain(await execute({ schema: guards.compiling.schema, document, contextValue: context, variableValues })),
        );
        context.depth = 0;
        return 'outer';
      };
      return guardsOf(sdl, { Query: { open: begin, closed: begin, rows: () => 'ROWS' } });
    };
    const guards = makeGuards();
    const document = parse(`query ($f: F) { ${start} rows(filter: $f) }`);
    const ask = (viewer: Context['viewer']) =>
      guards.compiling.execute({ document, contextValue: { viewer }, variableValues: {} });
    for (let time = 0; time < 3; time++) {
      expect(plain(await ask(user())).data).toEqual({ [start]: 'outer', rows: 'ROWS' });
      expect(inner.pop()).toMatchObject({ data: { rows: null }, errors: [{ extensions: { code: 'FORBIDDEN' } }] });
      await ask(user({ roles: ['ADMIN'] }));
      expect(inner.pop()).toEqual({ data: { [start]: 'inner', rows: 'ROWS' } });
    }
  });
});

it('a listener of denials that fails late is ignored as one that throws', async () => {
  const rejections: unknown[] = [];
  const hear = (reason: unknown) => rejections.push(reason);
  process.on('unhandledRejection', hear);
  const onDenial = (async () => {
    throw new Error('late');
  }) as () => void;
  const { compiling } = guardsOf('type Query { a: Int @authenticated }', { Query: { a: () => 1 } }, { onDenial });
  const ask = async (viewer: Context['viewer']) =>
    plain(await compiling.execute({ document: parse('{ a }'), contextValue: { viewer } })).data;
  expect(await ask(anonymous)).toEqual({ a: null });
  expect(await ask(user())).toEqual({ a: 1 });
  await new Promise((resolve) => setTimeout(resolve, 10));
  process.off('unhandledRejection', hear);
  expect(rejections).toEqual([]);
});

describe('a value that generated code takes as it is, or not', () => {
  const odd = new Date(0);
  const values: Record<string, unknown> = {
    ...{
      text: 'a "text"',
      empty: '',
      one: 1,
      zero: 0,
      'minus zero': -0,
      half: 0.5,
      large: 2 ** 31,
      'not a number': NaN,
    },
    ...{
      true: true,
      false: false,
      null: null,
      undefined: undefined,
      'a name': 'RED',
      'another name': 'LOUD',
      'a value': 7,
    },
    ...{ 'no name': 'PINK', 'a date': odd, 'an error': new Error('down'), object: {}, list: ['RED'], bigint: 1n },
    ...{ 'a text that the scalar refuses': 'refused', 'a text of which the scalar makes none': 'number' },
    ...{ 'a text of which the scalar makes null': 'nothing', 'a String': Object('boxed') },
  };
  const types = ['String', 'ID', 'Int', 'Float', 'Boolean', 'Color', 'Volume', 'Many', 'Odd'];
  const wide = Array.from({ length: 12 }, (_, i) => `V${i}`);
  const sdl = `
    type Query @public { rows: [Row], row: Row }
    type Row @public {
      ${types.flatMap((type) => [`may${type}: ${type}`, `must${type}: ${type}!`, `converted${type}: ${type}`]).join('\n')}
    }
    enum Color { RED GREEN }
    enum Volume { LOUD QUIET }
    enum Many { RED ${wide.join(' ')} }
    scalar Odd`;
  const convert = (value: unknown) => {
    if (value === 'refused') throw new Error('cannot be converted');
    return value === 'nothing' ? null : value;
  };
  const resolvers: Resolvers = {
    Volume: { LOUD: 7, QUIET: 'LOUD' },
    Odd: {
      __serialize: (value: unknown) => {
        if (value === 'refused') throw new Error('refused');
        return value === 'number' ? 5 : value === 'nothing' ? null : `<${String(value)}>`;
      },
    } as never,
    Row: Object.fromEntries(types.map((type) => [`converted${type}`, converted(convert)])),
  };

  it.each(Object.keys(values))('is answered as by graphql-js: %s', async (name) => {
    const guards = guardsOf(sdl, resolvers);
    for (const type of types) {
      for (const kind of ['may', 'must', 'converted']) {
        const row = { [`${kind}${type}`]: values[name] };
        const rootValue = { rows: [row, null, row], row };
        const query = parse(`{ rows { ${kind}${type} again: ${kind}${type} } row { ${kind}${type} } }`);
        const { expected, actual } = await bothAnswers(guards, query, { rootValue });
        expect(actual, `${kind}${type}`).toEqual(expected);
      }
    }
    expect(guards.compiling.compiled?.compilations).toBeGreaterThan(types.length);
  });

  it.each([
    ['String', GraphQLString, 'text'],
    ['ID', GraphQLID, 'id'],
    ['Boolean', GraphQLBoolean, true],
    ['Int', GraphQLInt, 5],
    ['Float', GraphQLFloat, 0.5],
  ])('is given to a serializer that a program has put in the place of that of %s', async (name, scalar, value) => {
    vi.spyOn(scalar, 'serialize').mockImplementation((given) => `replaced ${String(given)}`);
    try {
      const guards = guardsOf(sdl, resolvers);
      const row = { [`may${name}`]: value, [`converted${name}`]: value };
      const query = parse(`{ rows { may${name} converted${name} } }`);
      const { expected, actual } = await bothAnswers(guards, query, { rootValue: { rows: [row] } });
      const replaced = `replaced ${value}`;
      expect(expected.data).toEqual({ rows: [{ [`may${name}`]: replaced, [`converted${name}`]: replaced }] });
      expect(actual).toEqual(expected);
      expect(guards.compiling.compiled).toMatchObject({ compilations: 1, doubts: 0 });
    } finally {
      vi.restoreAllMocks();
    }
  });

  it('is read once, though it may change', async () => {
    const guards = guardsOf(sdl, resolvers);
    const document = parse('{ row { mayString } }');
    let reads = 0;
    const changing = {
      get mayString() {
        return reads++ === 0 ? 'first' : 5;
      },
    };
    for (let time = 0; time < 4; time++) {
      reads = 0;
      const args = { document, contextValue: { viewer: user() } };
      const answer = await guards.compiling.execute({ ...args, rootValue: { row: changing } });
      expect(plain(answer)).toEqual({ data: { row: { mayString: 'first' } } });
      expect(reads).toBe(1);
    }
    expect(guards.compiling.compiled?.answers).toBeGreaterThan(0);
  });
});
