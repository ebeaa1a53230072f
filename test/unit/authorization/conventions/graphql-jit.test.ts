/** See schema.ts. */
import { type DocumentNode, type GraphQLSchema, type GraphQLUnionType, parse } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { describe, expect, it } from 'vitest';
import { schemaOf } from './schema.ts';

/** Executes as compiled/compiled-operation.ts does. */
function compiled(schema: GraphQLSchema, query: string | DocumentNode, customSerializers = {}) {
  const document = typeof query === 'string' ? parse(query, { noLocation: true }) : query;
  const made = compileQuery(schema, document, undefined, { customSerializers, disablingCapturingStackErrors: true });
  if (!isCompiledQuery(made)) throw new Error('It is not compiled.');
  return (rootValue: unknown, context: unknown = {}) => made.query(rootValue, context, {});
}

const told = (errors: readonly { path?: unknown; originalError?: unknown }[] = []) =>
  errors.map(({ path, originalError }) => [path, originalError]);

describe('graphql-jit, with resolvers,', () => {
  it('tells a parent, the context, and a path without types (compiled/run.ts, compiled/selected-field.ts)', async () => {
    const seen: unknown[] = [];
    const b = (...[parent, , context, { path }]: [unknown, object, unknown, { path: unknown }]) => {
      seen.push(parent, context, path);
      return 'b';
    };
    const context = {};
    const rows = [{ a: 'a' }];
    const run = compiled(schemaOf('rows: [Row]', { Row: { b } } as never), '{ all: rows { named: b } }');
    expect(await run({ rows }, context)).toEqual({ data: { all: [{ named: 'b' }] } });
    expect(seen[0]).toBe(rows[0]);
    expect(seen[1]).toBe(context);
    const list = { key: 'all', prev: undefined };
    expect(seen[2]).toEqual({ key: 'named', prev: { key: 0, prev: list } });
  });

  it('keeps what is thrown as `originalError`, with its path (compiled/compiled-operation.ts)', async () => {
    const thrown = new Error('thrown');
    const b = () => {
      throw thrown;
    };
    const { data, errors } = await compiled(schemaOf('row: Row', { Row: { b } }), '{ row { b } }')({ row: {} });
    expect(data).toEqual({ row: { b: null } });
    expect(told(errors)).toEqual([[['row', 'b'], thrown]]);
  });

  it('asks `then` alone of a promise, with what to do with the value and with the error (compiled/run.ts)', async () => {
    // biome-ignore lint/suspicious/noThenProperty: this is what is tested
    const b = () => ({ then: (onValue: (value: string) => void) => queueMicrotask(() => onValue('later')) });
    const failed = new Error('failed');
    // biome-ignore lint/suspicious/noThenProperty: this is what is tested
    const a = () => ({ then: (_: unknown, onError: (error: Error) => void) => queueMicrotask(() => onError(failed)) });
    const { data, errors } = await compiled(schemaOf('row: Row', { Row: { a, b } }), '{ row { a b } }')({ row: {} });
    expect(data).toEqual({ row: { a: null, b: 'later' } });
    expect(told(errors)).toEqual([[['row', 'a'], failed]]);
  });

  it('asks `resolveType` with the path, indices too, and without the abstract type (compiled/run.ts)', async () => {
    const seen: unknown[][] = [];
    const schema = schemaOf('things: [Thing]');
    const ask = (...asked: unknown[]) => seen.push(asked) && 'Row';
    (schema.getType('Thing') as GraphQLUnionType).resolveType = ask as never;
    const [context, thing] = [{}, { a: 'a' }];
    expect(await compiled(schema, '{ things { a } }')({ things: [thing] }, context)).toEqual({
      data: { things: [{ a: 'a' }] },
    });
    expect(seen).toHaveLength(1);
    const [value, given, info, ...more] = seen[0] as [unknown, unknown, { path: unknown }];
    expect([value, given, more]).toEqual([thing, context, []]);
    expect(info.path).toMatchObject({ key: 0, prev: { key: 'things' } });
  });

  it('fails the field where `resolveType` answers nothing (compiled/run.ts)', async () => {
    const schema = schemaOf('thing: Thing');
    (schema.getType('Thing') as GraphQLUnionType).resolveType = () => undefined;
    const { data, errors } = await compiled(schema, '{ thing { a } }')({ thing: {} });
    expect(data).toEqual({ thing: null });
    expect(told(errors)).toEqual([[['thing'], undefined]]);
  });
});

describe('graphql-jit, with rows,', () => {
  const row = (value: unknown) => ({ row: value });

  it('reads a property by `get` alone, and calls nothing that it holds (compiled/denied-rows.ts)', async () => {
    const standIn = new Proxy({}, { get: (_, name) => (name === 'a' ? () => 'called' : undefined) });
    const serializers = { String: (value: unknown) => typeof value };
    expect(await compiled(schemaOf('row: Row'), '{ row { a } }', serializers)(row(standIn))).toEqual({
      data: { row: { a: 'function' } },
    });
  });

  it('takes an Error that stands in one for a thrown one (compiled/denied-rows.ts)', async () => {
    const stands = new Error('stands');
    const { data, errors } = await compiled(schemaOf('row: Row'), '{ row { a } }')(row({ a: stands }));
    expect(data).toEqual({ row: { a: null } });
    expect(told(errors)).toEqual([[['row', 'a'], stands]]);
  });

  it('asks `isTypeOf` of each, by the value alone, and answers with none that it refuses (compiled/lower.ts)', async () => {
    const schema = schemaOf('row: Row');
    const seen: unknown[][] = [];
    const isTypeOf = (...asked: unknown[]) => !seen.push(asked);
    Object.assign(schema.getType('Row') as object, { isTypeOf });
    const refused = { a: 'a' };
    const { data, errors } = await compiled(schema, '{ row { a } }')(row(refused));
    expect(seen).toEqual([[refused]]);
    expect(data).toEqual({ row: null });
    expect(told(errors)).toEqual([[['row'], undefined]]);
  });

  it('does not ask `isTypeOf` of the root type (compiled/lower.ts)', async () => {
    const schema = schemaOf('a: String');
    Object.assign(schema.getQueryType() as object, { isTypeOf: () => false });
    expect(await compiled(schema, '{ a }')({ a: 'a' })).toEqual({ data: { a: 'a' } });
  });

  it('fails what must not be null, with no `originalError` (compiled/compiled-operation.ts)', async () => {
    const { data, errors } = await compiled(schemaOf('row: Row'), '{ row { must } }')(row({}));
    expect(data).toEqual({ row: null });
    expect(told(errors)).toEqual([[['row', 'must'], undefined]]);
  });

  it('writes leaves as the custom serializer says, by the name of their type (compiled/compiled-operation.ts)', async () => {
    const Odd = (value: unknown) => `custom ${value}`;
    const run = compiled(schemaOf('row: Row'), '{ row { odd a } }', { Odd });
    expect(await run(row({ odd: 'a', a: 'a' }))).toEqual({ data: { row: { odd: 'custom a', a: 'a' } } });
  });

  it('gives the serializer what stands there, a promise too (compiled/compiled-operation.ts)', async () => {
    const seen: unknown[] = [];
    const Odd = (value: unknown) => void seen.push(value);
    const promise = Promise.resolve('odd');
    const run = compiled(schemaOf('row: Row'), '{ row { odd } }', { Odd });
    expect(await run(row({ odd: promise }))).toMatchObject({ data: { row: { odd: null } } });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toBe(promise);
  });
});
