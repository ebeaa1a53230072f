/**
 * What the engine expects of libraries beyond their documentation. This is the whole list. If a test here fails after
 * an update, check the file that it names.
 */
import {
  execute,
  GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  parse,
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { describe, expect, it } from 'vitest';
import { allow, and, not, or, rule } from '../../../src/authorization/rules/shield.ts';

type Resolve = (parent: unknown, args: object, context: unknown, info: GraphQLResolveInfo) => unknown;

function schemaOf(resolve: Resolve, type = GraphQLString as GraphQLScalarType): GraphQLSchema {
  const row = new GraphQLObjectType({ name: 'Row', fields: { a: { type }, b: { type, resolve } } });
  return new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { row: { type: row, resolve: () => ({ a: 'a' }) } } }),
  });
}

describe('graphql-js', () => {
  it('makes one object of variables for an execution, and gives it to every resolver (deciding/executions.ts)', async () => {
    const seen: object[] = [];
    const schema = schemaOf((_parent, _args, _context, { variableValues }) => void seen.push(variableValues));
    for (let time = 0; time < 2; time++) await execute({ schema, document: parse('{ row { b again: b } }') });
    expect(seen[0]).toBe(seen[1]);
    expect(seen[2]).toBe(seen[3]);
    expect(seen[0]).not.toBe(seen[2]);
  });

  it('gives resolvers the nodes of the document itself (deciding/operation.ts)', async () => {
    const document = parse('{ row { b } }');
    const seen: unknown[] = [];
    await execute({
      schema: schemaOf((_parent, _args, _context, { fieldNodes }) => void seen.push(fieldNodes[0])),
      document,
    });
    expect(JSON.stringify(document)).toContain(JSON.stringify(seen[0]));
    const [operation] = document.definitions as unknown as [
      { selectionSet: { selections: [{ selectionSet: { selections: [unknown] } }] } },
    ];
    expect(seen[0]).toBe(operation.selectionSet.selections[0].selectionSet.selections[0]);
  });
});

describe('graphql-jit', () => {
  function compiled(schema: GraphQLSchema, query: string, customSerializers = {}) {
    const made = compileQuery(schema, parse(query), undefined, {
      customSerializers,
      disablingCapturingStackErrors: true,
    });
    if (!isCompiledQuery(made)) throw new Error('It is not compiled.');
    return (context: unknown) => made.query(undefined, context, {});
  }

  it('calls a resolver with a parent, the context, and the path in `info` (compiled/run.ts)', async () => {
    const seen: unknown[] = [];
    const schema = schemaOf((parent, _args, context, { path }) => {
      seen.push(parent, context, path.key, path.prev?.key);
      return 'b';
    });
    const context = {};
    expect(await compiled(schema, '{ row { named: b } }')(context)).toEqual({ data: { row: { named: 'b' } } });
    expect(seen).toEqual([{ a: 'a' }, context, 'named', 'row']);
    expect(seen[1]).toBe(context);
  });

  it('keeps what a resolver throws as `originalError`, with its path (compiled/compiled-operation.ts)', async () => {
    const thrown = new Error('thrown');
    const schema = schemaOf(() => {
      throw thrown;
    });
    const { data, errors = [] } = await compiled(schema, '{ row { b } }')({});
    expect(data).toEqual({ row: { b: null } });
    expect(errors.map(({ path, originalError }) => [path, originalError])).toEqual([[['row', 'b'], thrown]]);
  });

  it('takes an Error that stands in a row for a thrown one (compiled/denied-rows.ts)', async () => {
    const stands = new Error('stands');
    const row = new GraphQLObjectType({ name: 'Row', fields: { a: { type: GraphQLString } } });
    const query = new GraphQLObjectType({
      name: 'Query',
      fields: { row: { type: row, resolve: () => ({ a: stands }) } },
    });
    const { data, errors = [] } = await compiled(new GraphQLSchema({ query }), '{ row { a } }')({});
    expect(data).toEqual({ row: { a: null } });
    expect(errors.map(({ path, originalError }) => [path, originalError])).toEqual([[['row', 'a'], stands]]);
  });

  it('asks `then` alone of a promise, with what to do with the value and with the error (compiled/run.ts)', async () => {
    const schema = schemaOf(() => ({
      // biome-ignore lint/suspicious/noThenProperty: this is what is tested
      then: (onValue: (value: string) => void) => queueMicrotask(() => onValue('later')),
    }));
    expect(await compiled(schema, '{ row { b } }')({})).toEqual({ data: { row: { b: 'later' } } });
  });

  it('writes leaves as the custom serializer says, by the name of their type (compiled/compiled-operation.ts)', async () => {
    const odd = new GraphQLScalarType({ name: 'Odd', serialize: () => 'by the type' });
    const schema = schemaOf(() => 'b', odd);
    expect(await compiled(schema, '{ row { a } }', { Odd: (value: string) => `custom ${value}` })({})).toEqual({
      data: { row: { a: 'custom a' } },
    });
  });
});

describe('graphql-shield', () => {
  it('keeps a function, a name and a cache in a rule, and rules in a joined one (rules/shield.ts)', () => {
    const decide = () => true;
    const made = rule('named', { cache: 'contextual' })(decide);
    expect(made).toMatchObject({ name: 'named', cache: 'contextual', func: decide });
    expect(and(made, allow)).toMatchObject({ rules: [made, allow] });
    expect(not(made, 'because')).toMatchObject({ rules: [made], error: new Error('because') });
  });

  it('makes rules of one kind by one class (rules/shield.ts)', () => {
    expect(and(allow).constructor).toBe(and(allow, allow).constructor);
    expect(and(allow).constructor).not.toBe(or(allow).constructor);
  });
});
