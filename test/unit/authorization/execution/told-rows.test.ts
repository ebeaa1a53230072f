/** Errors that graphql-js makes from a row: none that reaches a client contains the row's values. */
import { execute, GraphQLScalarType, type GraphQLSchema, isInterfaceType, isObjectType, parse } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { describe, expect, it } from 'vitest';
import { type Asked, askAlike, askEveryWay, causeOf } from '../executors.ts';
import { anonymous, guardOf } from '../harness.ts';

const sdl = `
  scalar Picky  enum Level { LOW HIGH }
  type Query {
    paper: Paper @public  papers: [Paper] @public  doc: Doc @public  docs: [Doc] @public  later: Paper @public
    text: String @public  texts: [String] @public  soon: String @public  level: Level @public  picky: Picky @public
  }
  union Paper = Pay | Bill
  interface Doc { id: ID }
  type Pay implements Doc @public { id: ID  pay: Pay  salary: Int @requiresRole(roles: [ADMIN]) }
  type Bill implements Doc @public { id: ID  total: Int }`;

interface Told {
  /** The answers of the resolvers of `Paper` and `Doc`. */
  readonly type?: unknown;
  readonly isPay?: (row: unknown) => boolean | Promise<boolean>;
}

const secret = 90_210;
const rowOf = (more: object = {}) => ({ __typename: 'Pay', id: 'p', salary: secret, kind: `kind-${secret}`, ...more });

function guardTold({ type, isPay }: Told, value: unknown = rowOf()) {
  const resolveType = (row: { kind?: unknown }) => (typeof type === 'function' ? type(row) : type);
  const one = () => value;
  const many = () => [value, value];
  const Picky = new GraphQLScalarType({
    name: 'Picky',
    serialize: (held) => (typeof held === 'string' ? held : undefined),
  });
  return guardOf(sdl, {
    Query: {
      ...{ paper: one, papers: many, doc: one, docs: many, later: async () => value },
      ...{ text: one, texts: many, soon: async () => value, level: one, picky: one },
    },
    ...(type !== undefined && { Paper: { __resolveType: resolveType }, Doc: { __resolveType: resolveType } }),
    ...(isPay && { Pay: { __isTypeOf: isPay } }),
    Picky,
  } as never);
}

/** The places of masked faults, the same by every way of execution. */
function placesOf(asked: readonly Asked[]): string[] {
  const texts = asked.map(({ result }) => {
    expect(JSON.stringify(result)).not.toContain(String(secret));
    const { errors = [] } = result;
    expect(new Set(errors.map(({ message, extensions }) => `${extensions?.code} ${message}`))).toEqual(
      new Set(['INTERNAL_SERVER_ERROR Internal server error']),
    );
    return errors.map(({ path }) => path?.join('.')).join(' ');
  });
  expect(new Set(texts).size).toBe(1);
  return (texts[0] as string).split(' ');
}

const selections = [
  ['paper', 'paper'],
  ['papers', 'papers.0 papers.1'],
  ['doc', 'doc'],
  ['docs', 'docs.0 docs.1'],
  ['later', 'later'],
] as const;

describe('a row of unknown type', () => {
  it.each<[string, unknown]>([
    ['a list', ['Pay']],
    ['an object', { name: 'Pay' }],
    ['the row itself', (row: object) => ({ ...row })],
    ['a number of the row', () => secret],
    ['a text of the row', (row: { kind: string }) => row.kind],
    ['a text of the row, later', async (row: { kind: string }) => row.kind],
    ['nothing', null],
    ['nothing, later', async () => null],
    ['a type that it cannot be', 'Query'],
    ['a type of another kind', 'Level'],
    ['a type of the prototype', 'constructor'],
  ])('is not shown when its resolver answers with %s', async (_, type) => {
    for (const [field, places] of selections) {
      const asked = await askEveryWay(guardTold({ type }), anonymous, `{ ${field} { __typename ... on Pay { id } } }`);
      expect(placesOf(asked)).toEqual(places.split(' '));
    }
  });

  it.each([[`kind-${secret}`], [{ held: secret }], [[secret]]])('is not shown by its __typename %j', async (name) => {
    const guard = guardTold({}, rowOf({ __typename: name }));
    for (const [field, places] of selections) {
      expect(placesOf(await askEveryWay(guard, anonymous, `{ ${field} { __typename } }`))).toEqual(places.split(' '));
    }
  });

  it.each([[['Pay']], [null], [`kind-${secret}`]])('is not shown under graphql-jit either: %j', async (type) => {
    for (const [field] of selections) {
      const query = parse(`{ ${field} { __typename ... on Pay { id } } }`);
      const answers = [guardTold({ type }), guardTold({ type: 'Pay' })].map(async ({ schema }) => {
        const compiled = compileQuery(schema, query);
        if (!isCompiledQuery(compiled)) throw new Error('graphql-jit refuses the query.');
        return JSON.stringify(await compiled.query({}, { viewer: null }, {}));
      });
      const [refused = '', shown] = await Promise.all(answers);
      expect(refused).not.toContain(String(secret));
      expect(refused).toContain('must resolve to an Object type at runtime');
      expect(shown).toContain('"__typename":"Pay","id":"p"');
    }
  });

  it('is shown when its type is known', async () => {
    for (const type of ['Pay', async () => 'Pay']) {
      const query = '{ paper { ... on Pay { id } } docs { id } later { __typename } }';
      expect(await askAlike(guardTold({ type }), anonymous, query)).toEqual({
        data: { paper: { id: 'p' }, docs: [{ id: 'p' }, { id: 'p' }], later: { __typename: 'Pay' } },
      });
    }
  });

  it('is in the log, with its type and its field', async () => {
    const { schema } = guardTold({ type: ['Pay'] });
    const { errors } = await execute({ schema, document: parse('{ doc { id } }'), contextValue: { viewer: null } });
    const cause = causeOf(errors?.[0]);
    expect(cause).toMatch(/^Abstract type "Doc" must resolve to an Object type at runtime for field "Query\.doc"/);
    expect(cause).toContain(`salary: ${secret}`);
    expect(cause).toContain('received ["Pay"]');
  });

  it('is not shown when a property of it throws', async () => {
    const row = Object.defineProperty(rowOf(), 'own', {
      enumerable: true,
      get: () => {
        throw new Error(`It holds ${secret}.`);
      },
    });
    const asked = await askEveryWay(guardTold({ type: 5 }, row), anonymous, '{ paper { __typename } }');
    expect(placesOf(asked)).toEqual(['paper']);
  });
});

describe('a row of another type', () => {
  it.each<[string, Told['isPay']]>([
    ['at once', () => false],
    ['later', async () => false],
  ])('is not shown when isTypeOf says so %s', async (_, isPay) => {
    for (const [field, places] of selections) {
      const asked = await askEveryWay(guardTold({ isPay, type: 'Pay' }), anonymous, `{ ${field} { __typename } }`);
      expect(placesOf(asked)).toEqual(places.split(' '));
      const unnamed = guardTold({ isPay }, rowOf({ __typename: undefined }));
      expect(placesOf(await askEveryWay(unnamed, anonymous, `{ ${field} { __typename } }`))).toEqual(places.split(' '));
    }
    const within = guardTold({ isPay: (row) => (row as { pay?: object }).pay !== undefined }, rowOf({ pay: rowOf() }));
    expect(placesOf(await askEveryWay(within, anonymous, '{ paper { ... on Pay { pay { id } } } }'))).toEqual([
      'paper.pay',
    ]);
  });

  it.each<[string, (row: unknown) => boolean | Promise<boolean>]>([
    ['at once', (row) => (row as { salary?: number }).salary !== undefined],
    ['later', async (row) => (row as { salary?: number }).salary !== undefined],
  ])('is shown when isTypeOf finds its type %s', async (_, isPay) => {
    const guard = guardTold({ isPay }, rowOf({ __typename: undefined }));
    expect(await askAlike(guard, anonymous, '{ doc { __typename } papers { ... on Pay { id } } }')).toEqual({
      data: { doc: { __typename: 'Pay' }, papers: [{ id: 'p' }, { id: 'p' }] },
    });
  });

  it('may be asked for by a type resolver', async () => {
    const type = async (row: unknown, context: unknown, info: { schema: GraphQLSchema }) => {
      await null;
      const Pay = info.schema.getType('Pay');
      return isObjectType(Pay) && (await Pay.isTypeOf?.(row, context, info as never)) ? 'Pay' : 'Bill';
    };
    const resolvers = {
      Query: { doc: () => ({ id: 'b' }) },
      Doc: { __resolveType: type },
      Pay: { __isTypeOf: () => false },
    };
    const guard = guardOf(sdl, resolvers as never);
    expect(isInterfaceType(guard.schema.getType('Doc'))).toBe(true);
    expect(await askAlike(guard, anonymous, '{ doc { __typename id } }')).toEqual({
      data: { doc: { __typename: 'Bill', id: 'b' } },
    });
  });
});

describe('an object in place of a leaf', () => {
  it.each([
    ['text', 'text'],
    ['texts', 'texts.0 texts.1'],
    ['soon', 'soon'],
    ['level', 'level'],
    ['picky', 'picky'],
  ])('is not shown: %s', async (field, places) => {
    for (const value of [rowOf(), [rowOf()], { of: [secret] }]) {
      expect(placesOf(await askEveryWay(guardTold({}, value), anonymous, `{ ${field} }`))).toEqual(places.split(' '));
    }
  });

  it('is shown when the leaf type represents it', async () => {
    const value = { valueOf: () => 'LOW' };
    expect(await askAlike(guardTold({}, value), anonymous, '{ text texts soon }')).toEqual({
      data: { text: 'LOW', texts: ['LOW', 'LOW'], soon: 'LOW' },
    });
    const iterable = guardOf('type Query { texts: [String] @public }', { Query: { texts: () => new Set(['a', 'b']) } });
    expect(await askAlike(iterable, anonymous, '{ texts }')).toEqual({ data: { texts: ['a', 'b'] } });
    const once = guardOf('type Query { texts: [String] @public }', {
      Query: { texts: () => [Promise.resolve('a'), 'b'].values() },
    });
    expect(await askAlike(once, anonymous, '{ texts }')).toEqual({ data: { texts: ['a', 'b'] } });
  });

  it('is read once, if it can be read only once', async () => {
    const Spread = new GraphQLScalarType({ name: 'Spread', serialize: (held) => [...(held as Iterable<unknown>)] });
    const guard = guardOf('scalar Spread type Query { all: Spread @public }', {
      ...{ Spread, Query: { all: () => ['a', 'b'].values() } },
    });
    expect(await askAlike(guard, anonymous, '{ all }')).toEqual({ data: { all: ['a', 'b'] } });
  });

  it('leaves other messages of a leaf type', async () => {
    const { errors } = await askAlike(guardTold({}, 'MEDIUM'), anonymous, '{ level }');
    expect(errors?.[0]?.message).toBe('Enum "Level" cannot represent value: "MEDIUM"');
  });
});

describe('an error of a resolver', () => {
  const throwing = (thrown: unknown) =>
    guardOf('type Query { text: String @public }', {
      Query: {
        text: () => {
          throw thrown;
        },
      },
    });
  const ask = async (thrown: unknown) =>
    (await askEveryWay(throwing(thrown), anonymous, '{ text }'))
      .filter(({ name }) => name !== 'guard.schema')
      .map(({ result }) => result.errors?.[0]?.message);

  it('is not shown by `guard.execute` when it is a row', async () => {
    expect(await ask(rowOf())).toEqual(['Internal server error', 'Internal server error']);
    expect(await ask([rowOf()])).toEqual(['Internal server error', 'Internal server error']);
  });

  it('is shown when it is an Error', async () => {
    expect(await ask(new Error('No text today.'))).toEqual(['No text today.', 'No text today.']);
  });
});
