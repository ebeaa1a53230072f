/** Variables are coerced as graphql-js does. Messages stay short, however much is wrong. */
import fc from 'fast-check';
import {
  buildSchema,
  execute,
  type GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { shownValue } from '../../../../src/authorization/contract/shown-value.ts';
import { coerceVariables } from '../../../../src/authorization/request/variables.ts';
import { guardOf, user } from '../harness.ts';

const inputs = `
  enum Level { LOW HIGH }
  scalar Anything
  input One @oneOf { a: Int, b: String }
  input By { id: ID, level: [Level!], n: Int! = 1, must: Boolean, one: One, deep: [[Int]], any: Anything, not: By }`;
const schema = buildSchema(`type Query { a: Int } ${inputs}`);

function operationOf(definitions: string): OperationDefinitionNode {
  return parse(`query (${definitions}) { a }`).definitions[0] as OperationDefinitionNode;
}

function both(definitions: string, variableValues: Record<string, unknown>, of: GraphQLSchema = schema) {
  const operation = operationOf(definitions);
  return {
    ours: coerceVariables(operation, { schema: of, variableValues }),
    theirs: getVariableValues(of, operation.variableDefinitions ?? [], variableValues, { maxErrors: 50 }),
  };
}

const told = (errors: readonly GraphQLError[] = []) => errors.map(({ message, locations }) => ({ message, locations }));

/** Values that are partly right and partly wrong. */
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, undefined, 'LOW', 'MID', '', 'a "b"', 0, 1.5, 2 ** 40, true),
    fc.array(tie('any'), { maxLength: 12 }),
    fc.dictionary(
      fc.constantFrom('id', 'level', 'n', 'must', 'one', 'deep', 'any', 'not', 'a', 'b', 'leveI', '__proto__'),
      tie('any'),
      { maxKeys: 6 },
    ),
  ),
})).any;

describe('variables', () => {
  it('are coerced as by graphql-js, and so is told what is wrong with them', { timeout: 60_000 }, () => {
    const definitions =
      '$by: By, $list: [By!]! = [{ id: 1 }], $level: Level = LOW, $n: Int!, $missing: ID!, $plain: String';
    let [right, wrong] = [0, 0];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('by', 'list', 'level', 'n', 'plain', 'other'), value), (given) => {
        const more = given.n === undefined ? { n: 1, missing: 'x' } : { missing: 1 };
        const { ours, theirs } = both(definitions, { ...given, ...more });
        expect(ours.coerced).toEqual(theirs.coerced);
        expect(ours.errors?.length).toBe(theirs.errors?.length);
        const short = (errors: readonly GraphQLError[] | undefined) =>
          told(errors).map((each) => (each.message.length > 250 ? { ...each, message: '' } : each));
        const shown = told(ours.errors);
        for (const [i, { message, locations }] of short(theirs.errors).entries()) {
          expect(shown[i]?.locations).toEqual(locations);
          if (message !== '') expect(shown[i]?.message).toBe(message);
        }
        if (ours.errors) wrong++;
        else right++;
      }),
      { numRuns: 200 },
    );
    expect([right > 5, wrong > 20]).toEqual([true, true]);
  });

  it.each([
    ['left out', '$by: By!', {}],
    ['null', '$by: By!', { by: null }],
    ['undefined', '$n: Int', { n: undefined }],
    ['of no type for inputs', '$q: Query', { q: 1 }],
    ['of an unknown type', '$q: [Nothing]', { q: 1 }],
    ['left out, with a default', '$by: By = { level: HIGH }', {}],
    ['of names that objects have', '$toString: Int, $__proto__: Int', JSON.parse('{"toString":1,"__proto__":2}')],
  ])('are taken as by graphql-js: %s', (_, definitions, given) => {
    const { ours, theirs } = both(definitions, given);
    expect(ours.coerced).toEqual(theirs.coerced);
    expect(told(ours.errors)).toEqual(told(theirs.errors));
  });

  it('may have as many errors as the caller says', () => {
    const operation = operationOf('$levels: [Level]');
    const settings = { schema, variableValues: { levels: Array(9).fill('MID') } };
    expect(coerceVariables(operation, settings).errors).toHaveLength(9);
    const few = coerceVariables(operation, { ...settings, options: { maxCoercionErrors: 2 } });
    expect(few.errors).toHaveLength(3);
    expect(few.errors?.[2]?.message).toContain('error limit reached');
    const [first] = coerceVariables(operation, { ...settings, hideSuggestions: true }).errors ?? [];
    expect(first?.message).not.toContain('Did you mean');
  });
});

describe('a value in a message', () => {
  it.each([
    [null, 'null'],
    [undefined, 'undefined'],
    ['a "b"', '"a \\"b\\""'],
    [[], '[]'],
    [{}, '{}'],
    [[1, [2, [3, [4]]]], '[1, [2, [Array]]]'],
    [{ a: { b: { c: { d: 1 } }, e: {} } }, '{ a: { b: [Object], e: {} } }'],
    [Array.from({ length: 12 }, (_, i) => i), '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ... 2 more items]'],
    [Array.from({ length: 11 }, () => 0), '[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ... 1 more item]'],
  ])('is written as graphql-js writes it: %j', (given, text) => {
    expect(shownValue(given)).toBe(text);
    const { theirs } = both('$n: Int!', { n: given });
    if (given !== null) expect(theirs.errors?.[0]?.message).toContain(` got invalid value ${text}; `);
  });

  it('has no more than 200 characters', () => {
    for (const long of [
      'x'.repeat(1000),
      { ['x'.repeat(1000)]: 1 },
      Array(10).fill('x'.repeat(100)),
      { a: 'é'.repeat(500) },
    ]) {
      expect(shownValue(long)).toHaveLength(200);
      expect(shownValue(long).at(-1)).toBe('…');
    }
  });
});

/** The same data, with a count of its reads: each property, and each listing of an object's names. */
function counted(data: unknown): { data: unknown; reads: () => number } {
  let reads = 0;
  const wrap = (held: unknown): unknown => {
    if (typeof held !== 'object' || held === null) return held;
    const copy = Array.isArray(held)
      ? held.map(wrap)
      : Object.fromEntries(Object.entries(held).map(([name, each]) => [name, wrap(each)]));
    return new Proxy(copy, {
      get(target, name, receiver) {
        reads++;
        return Reflect.get(target, name, receiver);
      },
      ownKeys(target) {
        const names = Reflect.ownKeys(target);
        reads += names.length;
        return names;
      },
    });
  };
  return { data: wrap(data), reads: () => reads };
}

const many = <Item>(size: number, item: (i: number) => Item) => Array.from({ length: size }, (_, i) => item(i));

/** Variables with about as many faults as their size. */
const hostile: Record<string, (size: number) => unknown> = {
  'unknown fields': (size) => Object.fromEntries(many(size, (i) => [`k${i}`, 1])),
  'unknown fields of long names': (size) => Object.fromEntries(many(50, (i) => [`k${i}${'x'.repeat(size)}`, 1])),
  'unknown fields in each item of a list': (size) => ({ not: { level: many(size, (i) => ({ [`k${i}`]: 1 })) } }),
  'values of an enum': (size) => ({ level: many(size, () => 'NOPE') }),
  'long values of an enum': (size) => ({ level: many(60, () => 'x'.repeat(size)) }),
  'wide objects for numbers': (size) => ({ deep: many(60, () => many(3, () => ({ a: many(size, (i) => i) }))) }),
  'long texts for numbers': (size) => ({ deep: [many(60, () => 'x'.repeat(size))] }),
  'lists in lists for texts': (size) => ({ id: many(size, (i) => [i]) }),
  'more than one of one': (size) => ({ one: Object.fromEntries(many(size, (i) => [`k${i}`, null])) }),
  'an object beside a wide one': (size) => ({
    ...Object.fromEntries(many(size, (i) => [`k${i}`, [i]])),
    not: { n: 'x' },
  }),
};

describe('however much is wrong,', () => {
  const operation = operationOf('$by: By');

  it.each(Object.entries(hostile))('the errors are few and short, and the work grows with the size: %s', (_, make) => {
    const measure = (size: number) => {
      const { data, reads } = counted(make(size));
      const { errors = [] } = coerceVariables(operation, { schema, variableValues: { by: data } });
      expect(errors.length).toBeGreaterThan(0);
      return {
        count: errors.length,
        bytes: errors.reduce((sum, { message }) => sum + message.length, 0),
        reads: reads(),
      };
    };
    const [small, large] = [measure(100), measure(1000)];
    for (const { count, bytes } of [small, large]) {
      expect(count).toBeLessThanOrEqual(51);
      expect(bytes).toBeLessThan(51 * 1000);
    }
    expect(large.reads).toBeLessThan(small.reads * 15 + 1000);
  });

  it('a property of random sizes holds the same bounds', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(hostile)), fc.integer({ min: 1, max: 3000 }), (make, size) => {
        const { data, reads } = counted(make(size));
        const length = JSON.stringify(data).length;
        const before = reads();
        const { errors = [] } = coerceVariables(operation, { schema, variableValues: { by: data } });
        expect(errors.length).toBeLessThanOrEqual(51);
        for (const { message } of errors) expect(message.length).toBeLessThan(1000);
        expect(reads() - before).toBeLessThan(8 * length + 5000);
      }),
      { numRuns: 30 },
    );
  });
});

describe('under a guard, wrong variables', () => {
  const sdl = `type Query { find(by: By): String @authenticated } type Mutation { add(by: By): String @authenticated }
    type Subscription { found(by: By): String @authenticated } ${inputs}`;
  const resolvers = { Query: { find: () => 'found' }, Mutation: { add: () => 'added' } };
  const wrong = { by: Object.fromEntries(many(500, (i) => [`k${i}`, 1])) };

  it.each(['filter', 'reject', 'report'] as const)('are 51 errors cold and hot, in mode %s', async (denial) => {
    const guard = guardOf(sdl, resolvers, { denial, compile: { hotAfter: 1, milliseconds: 1_000_000 } });
    const [query, mutation] = [
      parse('query ($by: By) { find(by: $by) }'),
      parse('mutation ($by: By) { add(by: $by) }'),
    ];
    for (let time = 0; time < 4; time++) {
      for (const document of [query, mutation]) {
        for (const viewer of [null, user()]) {
          const { data, errors = [] } = await guard.execute({
            document,
            contextValue: { viewer },
            variableValues: wrong,
          });
          expect([data, errors.length]).toEqual([undefined, 51]);
          expect(errors.reduce((sum, { message }) => sum + message.length, 0)).toBeLessThan(51 * 400);
        }
        const contextValue = { viewer: user() };
        const right = await guard.execute({ document, contextValue, variableValues: { by: { id: 'x' } } });
        expect(Object.values(right.data ?? {})).toEqual([document === query ? 'found' : 'added']);
      }
    }
  });

  it('are refused before a source of events starts', async () => {
    let started = 0;
    const guard = guardOf(sdl, {
      Subscription: {
        found: {
          async *subscribe() {
            started++;
            yield { found: 'a' };
          },
        },
      },
    });
    const document = parse('subscription ($by: By) { found(by: $by) }');
    const ask = (variableValues: Record<string, unknown>) =>
      guard.subscribe({ document, contextValue: { viewer: user() }, variableValues });
    const refused = await ask(wrong);
    expect('errors' in refused && refused.errors).toHaveLength(51);
    expect(started).toBe(0);
    const events = await ask({ by: {} });
    if (!('next' in events)) throw new Error('It did not start.');
    expect((await events.next()).value).toMatchObject({ data: { found: 'a' } });
    await events.return();
  });

  it('may be nested as deep as anybody needs, and no deeper than can be read', async () => {
    const guard = guardOf(sdl, resolvers, { compile: { hotAfter: 1, milliseconds: 1_000_000 } });
    const document = parse('query ($by: By) { find(by: $by) }');
    const nested = (levels: number) => {
      let by: object = {};
      for (let level = 1; level < levels; level++) by = { not: by };
      return { by };
    };
    const ask = (levels: number) =>
      guard.execute({ document, contextValue: { viewer: user() }, variableValues: nested(levels) });
    for (let time = 0; time < 4; time++) {
      expect(await ask(200)).toEqual({ data: { find: 'found' } });
      for (const levels of [201, 100_000]) {
        expect((await ask(levels)).errors?.map(({ message }) => message)).toEqual([
          'Variable "$by" has more than 200 lists and input objects in one another.',
        ]);
      }
    }
    const args = { schema: guard.schema, document, contextValue: { viewer: user() } };
    expect(await execute({ ...args, variableValues: nested(201) })).toEqual({ data: { find: 'found' } });
  });

  it.each(['filter', 'reject'] as const)(
    'a condition that is null is told as by graphql-js, in mode %s',
    async (denial) => {
      const guard = guardOf(sdl, resolvers, { denial });
      for (const text of [
        'query ($x: Boolean = true) { find @include(if: $x) }',
        'mutation ($x: Boolean = true) { add @skip(if: $x) }',
      ]) {
        const args = { document: parse(text), contextValue: { viewer: user() } };
        const result = await guard.execute({ ...args, variableValues: { x: null } });
        expect(result).toEqual(await execute({ ...args, schema: guard.schema, variableValues: { x: null } }));
        expect(result.errors?.[0]?.message).toContain('must not be null');
        expect((await guard.execute(args)).errors).toBeUndefined();
      }
    },
  );
});
