/** See schema.ts. */
import {
  defaultTypeResolver,
  type ExecutionResult,
  execute,
  executeSync,
  GraphQLError,
  type GraphQLInterfaceType,
  GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLSchema,
  GraphQLString,
  parse,
  subscribe,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { withoutRow } from '../../../../src/authorization/execution/told-rows.ts';
import { schemaOf } from './schema.ts';

type Info = GraphQLResolveInfo;

/** What `b` of a row is told, for each row and each execution. */
function infosOf(fields: string, root: unknown, query: string, times = 1): Info[] {
  const seen: Info[] = [];
  const Row = { b: (_parent: unknown, _args: unknown, _context: unknown, info: Info) => void seen.push(info) };
  const schema = schemaOf(fields, { Row });
  const document = parse(query);
  for (let time = 0; time < times; time++) executeSync({ schema, document, rootValue: root });
  return seen;
}

describe('graphql-js, to resolvers,', () => {
  it('gives one object of variables in an execution, and another in the next (deciding/executions.ts)', () => {
    const infos = infosOf('row: Row', { row: {} }, '{ row { b again: b } }', 2);
    const [first, again, second] = infos.map(({ variableValues }) => variableValues);
    expect(infos).toHaveLength(4);
    expect(first).toBe(again);
    expect(first).not.toBe(second);
  });

  it('gives an object of variables that can be given a property (deciding/executions.ts)', () => {
    const [info] = infosOf('row: Row', { row: {} }, '{ row { b } }');
    expect(Object.isExtensible(info?.variableValues)).toBe(true);
  });

  it('gives other variables for each event of a subscription (deciding/executions.ts)', async () => {
    const seen: unknown[] = [];
    const rootOf = (name: string, more: object) =>
      new GraphQLObjectType({ name, fields: { a: { type: GraphQLString, ...more } } });
    const subscription = rootOf('Subscription', {
      subscribe: async function* () {
        yield* [{ a: 'first' }, { a: 'second' }];
      },
      resolve: (_parent: unknown, _args: unknown, _context: unknown, info: Info) => void seen.push(info.variableValues),
    });
    const schema = new GraphQLSchema({ query: rootOf('Query', {}), subscription });
    const events = await subscribe({ schema, document: parse('subscription { a }') });
    for await (const _ of events as AsyncIterable<ExecutionResult>);
    expect(seen).toHaveLength(2);
    expect(seen[0]).not.toBe(seen[1]);
  });

  it('gives the nodes of the document itself (deciding/operation.ts)', () => {
    const document = parse('{ row { b } }');
    const seen: unknown[] = [];
    const Row = { b: (_parent: unknown, _args: unknown, _context: unknown, info: Info) => void seen.push(info) };
    executeSync({ schema: schemaOf('row: Row', { Row }), document, rootValue: { row: {} } });
    const [info] = seen as [Info];
    const [row] = info.operation.selectionSet.selections as unknown as [{ selectionSet: { selections: [unknown] } }];
    expect(info.operation).toBe(document.definitions[0]);
    expect(info.fieldNodes[0]).toBe(row.selectionSet.selections[0]);
  });

  it('gives every row of a field the same list of nodes (deciding/operation.ts, execution/called-field.ts)', () => {
    const infos = infosOf('rows: [Row]', { rows: [{}, {}] }, '{ rows { b } }');
    expect(infos).toHaveLength(2);
    expect(infos[0]?.fieldNodes).toBe(infos[1]?.fieldNodes);
  });

  it('names the type at each step of a path, and none at an index (execution/called-field.ts)', () => {
    const [info] = infosOf('rows: [Row]', { rows: [{}] }, '{ all: rows { named: b } }');
    const rows = { key: 'all', typename: 'Query', prev: undefined };
    const item = { key: 0, typename: undefined, prev: rows };
    expect(info?.path).toEqual({ key: 'named', typename: 'Row', prev: item });
  });

  it('tells what compiled code tells them too, and no more (compiled/selected-field.ts)', () => {
    const [info = {}] = infosOf('row: Row', { row: {} }, '{ row { b } }');
    expect(Object.keys(info).sort()).toEqual(
      [
        ...['fieldName', 'fieldNodes', 'fragments', 'operation', 'parentType', 'path', 'returnType'],
        ...['rootValue', 'schema', 'variableValues'],
      ].sort(),
    );
  });
});

describe('graphql-js, when it executes,', () => {
  it('calls the first root field before it returns (deciding/executions.ts)', async () => {
    let isCalled = false;
    const a = async () => {
      isCalled = true;
    };
    const result = execute({ schema: schemaOf('a: String', { Query: { a } }), document: parse('{ a }') });
    expect(isCalled).toBe(true);
    await result;
  });

  it('runs the last of several operations of one name (request/asked-operation.ts)', () => {
    const document = parse('query A { a } query A { b }');
    const result = executeSync({ schema: schemaOf('a: String, b: String'), document, operationName: 'A' });
    expect(result).toEqual({ data: { b: null } });
  });

  it('takes the last of several fragments of one name (request/asked-operation.ts)', () => {
    const document = parse('{ ...F } fragment F on Query { a } fragment F on Query { b }');
    expect(executeSync({ schema: schemaOf('a: String, b: String'), document })).toEqual({ data: { b: null } });
  });

  it('keeps an error that has a path as it is, each time that it is thrown (guard.ts)', () => {
    const denial = new GraphQLError('denied', { path: ['rows', '@', 'b'] });
    const b = () => {
      throw denial;
    };
    const schema = schemaOf('rows: [Row]', { Row: { b } });
    const { errors = [] } = executeSync({ schema, document: parse('{ rows { b } }'), rootValue: { rows: [{}, {}] } });
    expect(errors).toHaveLength(2);
    for (const error of errors) expect(error).toBe(denial);
  });

  it('takes an Error for a thrown one, as a value and as an item (execution/told-rows.ts, execution/entities.ts)', () => {
    const rootValue = { row: new Error('value'), rows: [{ a: 'a' }, new Error('item')] };
    const document = parse('{ row { a } rows { a } }');
    const { data, errors = [] } = executeSync({ schema: schemaOf('row: Row, rows: [Row]'), document, rootValue });
    expect(data).toEqual({ row: null, rows: [{ a: 'a' }, null] });
    expect(errors.map(({ message, path }) => [message, path])).toEqual([
      ['value', ['row']],
      ['item', ['rows', 1]],
    ]);
  });

  it('reads any iterable as a list, and waits for anything with `then` (rules/evaluate.ts, rules/foreign-rows.ts)', async () => {
    // biome-ignore lint/suspicious/noThenProperty: this is what is tested
    const later = { then: (onValue: (value: string) => void) => onValue('later') };
    const rootValue = { rows: new Set([{ a: later }]) };
    const result = await execute({ schema: schemaOf('rows: [Row]'), document: parse('{ rows { a } }'), rootValue });
    expect(result).toEqual({ data: { rows: [{ a: 'later' }] } });
  });

  it('hands `isTypeOf` the `info` that `resolveType` had, then the one of the field (execution/told-types.ts)', () => {
    const schema = schemaOf('thing: Thing');
    const asked: Info[] = [];
    const told: Info[] = [];
    (schema.getType('Row') as GraphQLObjectType).isTypeOf = (_value, _context, info) => Boolean(asked.push(info));
    (schema.getType('Thing') as GraphQLInterfaceType).resolveType = (value, context, info, type) => {
      told.push(info, { ...info });
      return defaultTypeResolver(value, context, told[1] as Info, type);
    };
    executeSync({ schema, document: parse('{ thing { a } }'), rootValue: { thing: {} } });
    expect(asked).toHaveLength(2);
    expect(asked[0]).toBe(told[1]);
    expect(asked[1]).toBe(told[0]);
  });

  it.each<[string, string, object, (schema: GraphQLSchema) => void]>([
    [
      'a type that is none',
      '{ thing { a } }',
      { thing: { a: 'secret' } },
      (schema) => {
        (schema.getType('Thing') as GraphQLInterfaceType).resolveType = () => 1 as never;
      },
    ],
    [
      'a type that it is not',
      '{ row { a } }',
      { row: { a: 'secret' } },
      (schema) => {
        (schema.getType('Row') as GraphQLObjectType).isTypeOf = () => false;
      },
    ],
    ['an object for a text', '{ row { a } }', { row: { a: { held: 'secret' } } }, () => {}],
    [
      'a leaf that is written as nothing',
      '{ row { odd } }',
      { row: { odd: { held: 'secret' } } },
      (schema) => Object.assign(schema.getType('Odd') as object, { serialize: () => undefined }),
    ],
    ['what is thrown and is no Error', '{ row { a } }', { row: () => Promise.reject({ held: 'secret' }) }, () => {}],
  ])(
    'tells a row in a message that is known, of %s (execution/told-rows.ts)',
    async (_what, query, rootValue, change) => {
      const schema = schemaOf('row: Row, thing: Thing');
      change(schema);
      const { errors = [] } = await execute({ schema, document: parse(query), rootValue });
      expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('secret')]);
      expect(errors.map((error) => withoutRow(error).message)).toEqual(['Internal server error']);
    },
  );
});

describe('graphql-js, in a schema,', () => {
  it('keeps the fields of a type as they are made (compiled/compiled-execution.ts, execution/entities.ts)', () => {
    const row = schemaOf('row: Row').getType('Row') as GraphQLObjectType;
    expect(row.getFields().a).toBe(row.getFields().a);
  });

  it('has the methods of a type in its class, and `getFields` among them (policy/foreign-methods.ts)', () => {
    expect(Object.getOwnPropertyNames(GraphQLObjectType.prototype)).toEqual(expect.arrayContaining(['getFields']));
    expect(Object.getOwnPropertyNames(GraphQLSchema.prototype)).toEqual(
      expect.arrayContaining(['getType', 'getQueryType', 'getPossibleTypes']),
    );
    expect(Object.hasOwn(schemaOf('row: Row').getType('Row') as object, 'getFields')).toBe(false);
  });
});
