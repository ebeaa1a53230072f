import { execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { askAlike } from '../executors.ts';
import { ask, denialsOf, guardOf, user } from '../harness.ts';

const plain = user();
const admin = user({ roles: ['ADMIN'] });
const echo = (_: unknown, args: object) => JSON.stringify(args);

const guard = guardOf(
  /* GraphQL */ `
    type Query {
      open(n: Int, flag: Boolean, filter: Filter): String @public
      guarded(n: Int @settableBy(roles: [ADMIN]), flag: Boolean! = false @settableBy(roles: [ADMIN])): String @public
      listed(filters: [Filter!], deep: [[Filter]]): String @public
      filled(filter: Filter = { secret: 1 }, outer: Outer): String @public
      chosen(by: Choice): String @public
      sorted(by: Sort, like: Lookalike): String @public
      things: [Thing!]! @public
      hidden: Hidden @public
    }
    input Filter { text: String, secret: Int @settableBy(roles: [ADMIN]), self: Filter, all: [Filter] }
    input Outer { inner: Inner = { secret: 1 }, text: String }
    input Inner { secret: Int = 2 @settableBy(roles: [ADMIN]), text: String = "t" }
    input Choice @oneOf { id: ID, name: String, secret: Int @settableBy(roles: [ADMIN]), filter: Filter }
    type Hidden @public { secret: Int @requiresRole(roles: [ADMIN]) }
    enum Sort { TEXT, SECRET }
    input Lookalike { secret: Int = 1 }
    interface Thing { f(n: Int): String }
    type Closed implements Thing @public { f(n: Int @settableBy(roles: [ADMIN])): String }
    type Open implements Thing @public { f(n: Int): String }
  `,
  {
    Query: {
      open: echo,
      guarded: echo,
      listed: echo,
      filled: echo,
      chosen: echo,
      sorted: echo,
      things: () => [{ kind: 'Open' }, { kind: 'Closed' }, { kind: 'Closed' }],
    },
    Sort: { TEXT: 'text_column', SECRET: 'secret_column' },
    Thing: { __resolveType: ({ kind }: { kind: string }) => kind },
    Closed: { f: echo },
    Open: { f: echo },
  },
  { reads: { 'Sort.SECRET': ['Hidden.secret'] } },
);

type Case = [string, string, Record<string, unknown>?];

const supplying: Case[] = [
  ['by one variable in two places', 'query ($n: Int) { o: open(n: $n) f: guarded(n: $n) }', { n: 1 }],
  ['by a variable’s default in two places', 'query ($n: Int = 1) { o: open(n: $n) f: guarded(n: $n) }'],
  ['by null over a variable’s default', 'query ($n: Int = 1) { f: guarded(n: $n) }', { n: null }],
  ['by a variable that cannot be null', 'query ($b: Boolean!) { f: guarded(flag: $b) }', { b: false }],
  ['by a variable with a default where null cannot be', 'query ($b: Boolean = false) { f: guarded(flag: $b) }'],
  ['beside what is left out', 'query ($b: Boolean) { f: guarded(flag: $b, n: 1) }'],
  [
    'in a variable that replaces a default without it',
    'query ($f: Filter = { text: "a" }) { f: open(filter: $f) }',
    { f: { secret: 1 } },
  ],
  ['in the default of a variable, in part', 'query ($f: Filter = { self: { secret: 1 } }) { f: open(filter: $f) }'],
  [
    'in a variable within a literal',
    'query ($f: Filter) { f: open(filter: { text: "a", self: $f }) }',
    { f: { all: { secret: 1 } } },
  ],
  ['in a variable within a list', 'query ($f: Filter!) { f: listed(filters: [{}, $f]) }', { f: { secret: null } }],
  [
    'in a list of a variable that is given as one',
    'query ($f: [Filter!]) { f: listed(filters: $f) }',
    { f: { secret: 1 } },
  ],
  ['in lists of lists given as one', '{ f: listed(deep: { secret: 1 }) }'],
  [
    'in lists of lists, half given as one',
    'query ($d: [[Filter]]) { f: listed(deep: $d) }',
    { d: [null, { secret: 1 }] },
  ],
  ['in a list that is no array', 'query ($f: [Filter!]) { f: listed(filters: $f) }', { f: new Set([{ secret: 1 }]) }],
  ['where the schema’s default has it too', '{ f: filled(filter: { secret: 1 }) }'],
  ['in an input whose default has it', '{ f: filled(outer: { inner: { secret: 1 } }) }'],
  [
    'in an input of a variable whose default has it',
    'query ($o: Outer) { f: filled(outer: $o) }',
    { o: { inner: { secret: 1 } } },
  ],
  ['as the one of many', '{ f: chosen(by: { secret: 1 }) }'],
  ['as the one of many, in a variable', 'query ($c: Choice) { f: chosen(by: $c) }', { c: { secret: 1 } }],
  ['as the one of many, by a variable', 'query ($n: Int!) { f: chosen(by: { secret: $n }) }', { n: 1 }],
  ['beneath the one of many', 'query ($c: Choice) { f: chosen(by: $c) }', { c: { filter: { secret: 1 } } }],
  ['in a fragment', '{ ...F } fragment F on Query { f: guarded(n: 1) }'],
  [
    'in a fragment, by a variable',
    'query ($n: Int) { ...F } fragment F on Query { ... { f: guarded(n: $n) } }',
    { n: 1 },
  ],
];

const leavingOut: Case[] = [
  ['one variable in two places, absent', 'query ($n: Int) { o: open(n: $n) f: guarded(n: $n) }'],
  ['a variable that is used elsewhere', 'query ($n: Int) { o: open(n: $n) f: guarded }', { n: 1 }],
  ['a variable that the operation does not know', '{ f: guarded }', { n: 1, flag: true }],
  ['a variable that is absent where null cannot be', 'query ($b: Boolean) { f: guarded(flag: $b) }'],
  [
    'a variable that replaces a default with it',
    'query ($f: Filter = { secret: 1 }) { f: open(filter: $f) }',
    { f: {} },
  ],
  ['null instead of a default with it', 'query ($f: Filter = { secret: 1 }) { f: open(filter: $f) }', { f: null }],
  [
    'null and nothing in lists',
    'query ($d: [[Filter]]) { f: listed(deep: $d, filters: []) }',
    { d: [null, [null], []] },
  ],
  ['an absent variable within a list', 'query ($f: Filter) { f: listed(deep: [[$f]]) }'],
  ['an undefined field', 'query ($f: Filter) { f: open(filter: $f) }', { f: { text: 'a', secret: undefined } }],
  ['an argument whose default has it', '{ f: filled }'],
  ['an absent variable for an argument whose default has it', 'query ($f: Filter) { f: filled(filter: $f) }'],
  ['an input field whose default has it', '{ f: filled(outer: { text: "a" }) }'],
  ['an input field of a variable whose default has it', 'query ($o: Outer) { f: filled(outer: $o) }', { o: {} }],
  ['an input whose fields have defaults', 'query ($o: Outer) { f: filled(outer: $o) }', { o: { inner: {} } }],
  ['another one of many', '{ f: chosen(by: { name: "a" }) }'],
  ['another one of many, in a variable', 'query ($c: Choice) { f: chosen(by: $c) }', { c: { id: '1' } }],
];

/** For each form: a query that supplies the input, its variables, and a similar query that leaves it out. */
const unvalidated: [string, string, Record<string, unknown>, string][] = [
  [
    'in the last default of a variable that is defined twice',
    'query ($f: Filter, $f: Filter = { secret: 1 }) { f: open(filter: $f) }',
    {},
    'query ($f: Filter, $f: Filter = { text: "a" }) { f: open(filter: $f) }',
  ],
  [
    'in a default that replaces another',
    'query ($f: Filter = { text: "a" }, $f: Filter = { secret: 1 }) { f: open(filter: $f) }',
    {},
    'query ($f: Filter = { secret: 1 }, $f: Filter = { text: "a" }) { f: open(filter: $f) }',
  ],
  [
    'in a default that no later one replaces',
    'query ($f: Filter = { secret: 1 }, $f: Filter) { f: open(filter: $f) }',
    {},
    'query ($f: Filter = { text: "a" }, $f: Filter) { f: open(filter: $f) }',
  ],
  [
    'in a variable of another type, by an internal value',
    'query ($s: String) { f: sorted(by: $s) }',
    { s: 'secret_column' },
    'query ($s: Sort = TEXT) { f: sorted(by: $s) }',
  ],
  [
    'in a variable of another type that has a default',
    'query ($l: Lookalike) { f: open(filter: $l) }',
    { l: {} },
    'query ($l: Lookalike) { f: open(filter: $l) }',
  ],
  [
    'in a list where one is taken',
    'query ($s: [Sort]) { f: sorted(by: $s) }',
    { s: ['TEXT', 'SECRET'] },
    'query ($s: [Sort]) { f: sorted(by: $s) }',
  ],
];

describe('an input that is guarded', () => {
  it.each(supplying)('is supplied %s', async (_, query, variables) => {
    const denied = await ask(guard, plain, query, variables);
    expect(denied.data).toMatchObject({ f: null });
    expect(denialsOf(denied)).toEqual(['FORBIDDEN f']);
    const allowed = await ask(guard, admin, query, variables);
    expect(allowed.errors).toBeUndefined();
    expect(allowed.data?.f).toEqual(expect.any(String));
  });

  it.each(leavingOut)('is left out: %s', async (_, query, variables) => {
    const result = await ask(guard, plain, query, variables);
    expect(result.errors).toBeUndefined();
    expect(result.data?.f).toEqual(expect.any(String));
  });

  it.each(unvalidated)('is found in a document that nobody validated: %s', async (_, query, variables, allows) => {
    const denied = await askAlike(guard, plain, query, variables);
    expect([denied.data, denialsOf(denied)]).toEqual([{ f: null }, ['FORBIDDEN f']]);
    for (const [viewer, asked] of [
      [admin, query],
      [plain, allows],
    ] as const) {
      const allowed = await askAlike(guard, viewer, asked, asked === allows ? {} : variables);
      expect([allowed.errors, allowed.data]).toEqual([undefined, { f: expect.any(String) }]);
    }
  });

  it.each(['reject', 'filter'] as const)('is found in a mutation that nobody validated, in mode %s', async (denial) => {
    const changing = guardOf(
      'type Query { a: Int @public } type Mutation { f(filter: Filter): String @public } input Filter { text: String, secret: Int @settableBy(roles: [ADMIN]) }',
      { Mutation: { f: echo } },
      { denial },
    );
    const run = (viewer: typeof plain, field: string) => {
      const document = parse(`mutation ($f: Filter, $f: Filter = { ${field} }) { f(filter: $f) }`);
      return changing.execute({ document, contextValue: { viewer } });
    };
    expect(denialsOf(await run(plain, 'secret: 1'))).toEqual(['FORBIDDEN f']);
    expect((await run(admin, 'secret: 1')).data).toEqual({ f: '{"filter":{"secret":1}}' });
    expect((await run(plain, 'text: "a"')).errors).toBeUndefined();
  });

  it('is denied in each place that supplies it, and in no other', async () => {
    const query = `query ($n: Int, $m: Int) { one: guarded(n: $n) ...F things { ...G } two: guarded(n: $m) }
      fragment F on Query { three: guarded(n: 1) four: guarded things { ...G } }
      fragment G on Thing { f(n: $m) g: f }`;
    const result = await ask(guard, plain, query, { n: 1 });
    expect(denialsOf(result)).toEqual(['FORBIDDEN one', 'FORBIDDEN three']);
    const both = await ask(guard, plain, query, { m: 1 });
    expect(denialsOf(both)).toEqual(['FORBIDDEN things.@.f', 'FORBIDDEN three', 'FORBIDDEN two']);
    expect(both.data?.things).toEqual([
      { f: '{"n":1}', g: '{}' },
      { f: null, g: '{}' },
      { f: null, g: '{}' },
    ]);
    expect((await ask(guard, admin, query, { n: 1, m: 1 })).errors).toBeUndefined();
  });

  it('is looked for in each execution of a document anew', async () => {
    const document = parse('query ($f: Filter) { f: open(filter: $f) }');
    const run = async (f: object) =>
      (await guard.execute({ document, variableValues: { f }, contextValue: { viewer: plain } })).errors?.length ?? 0;
    expect([await run({ text: 'a' }), await run({ secret: 1 }), await run({ text: 'a' })]).toEqual([0, 1, 0]);
  });

  it('is looked for once in a list, however many rows it is given to', async () => {
    let read = 0;
    const filters = {
      *[Symbol.iterator]() {
        read++;
        yield { text: 'a' };
      },
    };
    const rows = guardOf(
      'type Query { rows: [Row!]! @public } type Row @public { f(filters: [Filter!]): String } input Filter { text: String, secret: Int @settableBy(roles: [ADMIN]) }',
      { Query: { rows: () => Array.from({ length: 50 }, () => ({})) }, Row: { f: echo } },
    );
    const document = parse('query ($f: [Filter!]) { rows { f(filters: $f) } }');
    const result = await rows.execute({ document, variableValues: { f: filters }, contextValue: { viewer: plain } });
    expect(result.errors).toBeUndefined();
    // graphql-js reads it when it coerces the variable.
    expect(read).toBe(1);
  });

  it('is not hidden in a list that can be read once only', async () => {
    const document = parse('query ($f: [Filter!]) { f: listed(filters: $f) }');
    const run = (viewer: typeof plain, f: Iterable<object>) =>
      guard.execute({ document, variableValues: { f }, contextValue: { viewer } });
    expect(denialsOf(await run(plain, [{ secret: 1 }].values()))).toEqual(['FORBIDDEN f']);
    expect((await run(admin, [{ secret: 1 }].values())).data).toEqual({ f: '{"filters":[{"secret":1}]}' });
    expect((await run(plain, [{ text: 'a' }])).errors).toBeUndefined();
  });

  const flipping = (at: number, values: readonly [unknown, unknown]) => {
    let reads = 0;
    return () => values[reads++ === at ? 1 : 0];
  };
  const forms: [string, (at: number) => object][] = [
    ['a getter', (at) => Object.defineProperty({}, 'secret', { get: flipping(at, [undefined, 1]), enumerable: true })],
    [
      'an inherited getter',
      (at) => Object.create(Object.defineProperty({}, 'secret', { get: flipping(at, [undefined, 1]) })),
    ],
    [
      'a proxy',
      (at) => {
        const next = flipping(at, [undefined, 1]);
        return new Proxy({}, { get: (_, key) => (key === 'secret' ? next() : undefined) });
      },
    ],
    [
      'an iterable',
      (at) => {
        const next = flipping(at, [[], [{ secret: 1 }]]) as () => object[];
        return { [Symbol.iterator]: () => next()[Symbol.iterator]() };
      },
    ],
    [
      'a list with an iterator of its own',
      (at) => {
        const next = flipping(at, [[], [{ secret: 1 }]]) as () => object[];
        return Object.assign([], { [Symbol.iterator]: () => next()[Symbol.iterator]() });
      },
    ],
  ];

  it.each(forms)('is not hidden in %s that answers otherwise each time', async (_, form) => {
    const document = parse('query ($f: [Filter!]) { f: listed(filters: $f) }');
    const asked = { plain: 0, admin: 0 };
    for (let at = 0; at < 12; at++) {
      for (const [name, viewer] of Object.entries({ plain, admin })) {
        const values = { f: form(at) };
        // Also variables that are empty at every read but the first.
        const absent = flipping(at, [Object.getOwnPropertyDescriptor(values, 'f'), undefined]) as () => undefined;
        const variableValues = at % 2 ? values : new Proxy(values, { getOwnPropertyDescriptor: absent });
        for (const run of [guard.execute, (args: object) => execute({ ...args, schema: guard.schema, document })]) {
          const result = await run({ document, variableValues, contextValue: { viewer } });
          if (String(result.data?.f).includes('secret')) asked[name as keyof typeof asked]++;
        }
      }
    }
    expect(asked.plain).toBe(0);
    expect(asked.admin).toBeGreaterThan(0);
  });

  it('is not hidden where graphql-js reads a field of what looks like a list', async () => {
    const pages = guardOf(
      'input Page { size: Int @settableBy(roles: [ADMIN]), length: Int } type Query { f(page: Page): String @public }',
      { Query: { f: echo } },
    );
    const page = { size: 5, length: 1, *[Symbol.iterator]() {} };
    const document = parse('query ($p: Page) { f(page: $p) }');
    const run = (viewer: typeof plain) =>
      pages.execute({ document, variableValues: { p: page }, contextValue: { viewer } });
    expect((await run(plain)).data).toEqual({ f: null });
    expect((await run(admin)).data).toEqual({ f: '{"page":{"size":5,"length":1}}' });
  });

  it('is no more than one of many still: what @oneOf says is kept by the guarded schema', async () => {
    const document = parse('query ($c: Choice) { f: chosen(by: $c) }');
    const run = async (c: object) =>
      await execute({ schema: guard.schema, document, variableValues: { c }, contextValue: { viewer: admin } });
    expect((await run({ id: '1', name: 'a' })).errors?.[0]?.message).toMatch(/Exactly one key/);
    expect((await run({ id: '1' })).data).toEqual({ f: '{"by":{"id":"1"}}' });
  });
});
