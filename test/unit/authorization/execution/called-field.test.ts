/** `guard.schema` under an executor that compiles operations and joins names: graphql-jit, as Mercurius uses it. */
import { type ExecutionResult, execute, type GraphQLError, parse } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { describe, expect, it } from 'vitest';
import { converted, type Guard } from '../../../../src/authorization/guard.ts';
import { causeOf } from '../executors.ts';
import { denialsOf, guardOf, user } from '../harness.ts';

const admin = user({ roles: ['ADMIN'] });

async function askCompiled(guard: Guard, viewer: unknown, query: string): Promise<ExecutionResult> {
  const compiled = compileQuery(guard.schema, parse(query));
  if (!isCompiledQuery(compiled)) throw new Error('graphql-jit refuses the query.');
  return JSON.parse(JSON.stringify(await compiled.query({}, { viewer }, {})));
}

describe('two fields whose type and name join to one text', () => {
  const guard = guardOf(
    `type Query { order: Order @public  orders: Orders @public }
     type Order @public { stotal: Int @authenticated  count: Int @authenticated }
     type Orders @public { total: Int @requiresRole(roles: [ADMIN])  count: Int @requiresRole(roles: [ADMIN]) }`,
    { Query: { order: () => ({ stotal: 1, count: 2 }), orders: () => ({ total: 777, count: 3 }) } },
  );

  it.each([
    '{ orders { total } order { stotal } }',
    '{ order { stotal } orders { total } }',
    '{ order { stotal } }',
    '{ orders { total } }',
  ])('are refused to every viewer: %s', async (query) => {
    for (const viewer of [user(), admin]) {
      const { data, errors } = await askCompiled(guard, viewer, query);
      expect(JSON.stringify(data)).not.toMatch(/777|1/);
      expect(new Set(errors?.map(({ extensions }) => extensions?.code))).toEqual(new Set(['INTERNAL_SERVER_ERROR']));
    }
  });

  it('leave others alone', async () => {
    const query = '{ order { count } orders { count } }';
    expect((await askCompiled(guard, admin, query)).data).toEqual({ order: { count: 2 }, orders: { count: 3 } });
    const result = await askCompiled(guard, user(), query);
    expect(result.data).toEqual({ order: { count: 2 }, orders: { count: null } });
    expect(denialsOf(result)).toEqual(['FORBIDDEN orders.count']);
  });

  it('are decided one by one under graphql-js, and by the guard itself', async () => {
    const document = parse('{ orders { total } order { stotal } }');
    const contextValue = { viewer: user() };
    for (const result of [
      await execute({ schema: guard.schema, document, contextValue }),
      await guard.execute({ document, contextValue }),
    ]) {
      expect(result.data).toEqual({ orders: { total: null }, order: { stotal: 1 } });
      expect(denialsOf(result)).toEqual(['FORBIDDEN orders.total']);
    }
  });

  it('are named in the log', async () => {
    const compiled = compileQuery(guard.schema, parse('{ order { stotal } }'));
    if (!isCompiledQuery(compiled)) throw new Error('graphql-jit refuses the query.');
    const { errors } = await compiled.query({}, { viewer: admin }, {});
    const fault = errors?.[0]?.originalError as GraphQLError;
    expect(fault.originalError?.message).toMatch(/^The resolver of `Order\.stotal` was called for/);
  });
});

it('a resolver that calls the resolver of another field is a fault that says why', async () => {
  const guard = guardOf('type Query { a: String @authenticated  b: String @authenticated  c: String @authenticated }', {
    Query: {
      a: () => 'A',
      b: (row, args, context, info) => info.schema.getQueryType()?.getFields().a?.resolve?.(row, args, context, info),
      c: () => 'C',
    },
  });
  const result = await guard.execute({ document: parse('{ a b c }'), contextValue: { viewer: user() } });
  expect(result.data).toEqual({ a: 'A', b: null, c: 'C' });
  expect(causeOf(result.errors?.[0])).toMatch(
    /^The resolver of `Query\.a` was called for `Query\.b`.*passed on its own `info`/,
  );
});

describe('the type of a row', () => {
  const mark = (row: object) => Object.defineProperty(row, Symbol.for('subschemaErrors'), { value: [] });
  const sdl = `
    type Query { any: Any @public  doc: Doc @public } interface Any { title: String  note: String }
    type Open implements Any @public { title: String  note: String }
    type Doc implements Any @public { title: String  note: String @requiresRole(roles: [ADMIN]) }`;
  const typed = (row: object) =>
    guardOf(sdl, {
      Query: { any: () => row, doc: () => row },
      Open: { __isTypeOf: ({ title }: { title: string }) => title === 'Open' },
      Doc: { __isTypeOf: ({ title }: { title: string }) => title === 'Doc' },
    });

  it('is told by `isTypeOf`', async () => {
    const ask = (title: string) => askCompiled(typed({ title, note: 'n' }), user(), '{ any { title note } }');
    expect((await ask('Open')).data).toEqual({ any: { title: 'Open', note: 'n' } });
    const denied = await ask('Doc');
    expect(denied.data).toEqual({ any: { title: 'Doc', note: null } });
    expect(denialsOf(denied)).toEqual(['FORBIDDEN any.note']);
  });

  it('is told by `__typename`', async () => {
    const guard = guardOf(sdl, { Query: { any: () => ({ __typename: 'Doc', title: 't', note: 'n' }) } });
    expect((await askCompiled(guard, admin, '{ any { note } }')).data).toEqual({ any: { note: 'n' } });
    expect((await askCompiled(guard, user(), '{ any { note } }')).data).toEqual({ any: { note: null } });
  });

  it.each(['{ any { title: note } }', '{ doc { title: note } }'])(
    'is a fault by a key of another service, and says what to do: %s',
    async (query) => {
      const compiled = compileQuery(typed(mark({ title: 'Doc', note: 'n' })).schema, parse(query));
      if (!isCompiledQuery(compiled)) throw new Error('graphql-jit refuses the query.');
      let told = '';
      try {
        const { data, errors } = await compiled.query({}, { viewer: user() }, {});
        told = `${JSON.stringify(data)} ${errors?.map((error) => `${error.message} ${causeOf(error)}`)}`;
      } catch (error) {
        told = String(causeOf(error as GraphQLError));
      }
      expect(told).toMatch(/The type of a row.* cannot be told by `title`/);
      expect(told).not.toContain('"n"');
    },
  );
});

/**
 * graphql-jit joins the keys of a path from its end: `a.c_b` and `b_a.c` are both `c_b_a`. The later one is reported.
 */
describe('two fields whose paths join to one text', () => {
  const guard = guardOf(
    `type Query { a: Row @public  open: Open @public }
     type Row @public {
       secret: String @requiresRole(roles: [ADMIN])
       sized(size: Int @settableBy(roles: [ADMIN])): Int @public
       name: String
       sub: Row
     }
     type Open @public { secret: String }`,
    {
      Query: { a: () => row, open: () => row },
      Row: {
        sized: (_: unknown, { size }: { size?: number }) => size ?? 0,
        // Reads the property of the field that it is called for.
        name: converted((text: string) => text),
      },
      Open: { secret: () => 'open' },
    },
  );
  const row: Record<string, unknown> = { secret: 'SECRET', name: 'n' };
  row.sub = row;

  it.each([
    ['another field that shows it', '{ a { c_b: name } b_a: a { c: secret } }'],
    ['itself, on another type', '{ a { c_b: secret } b_a: open { c: secret } }'],
    ['itself, as another field', '{ a { c_b: secret } b_a: a { c: name } }'],
  ])('never show a secret through %s', async (_, query) => {
    const result = await askCompiled(guard, user(), query);
    expect(JSON.stringify(result.data)).not.toContain('SECRET');
    expect(denialsOf(result)).toContain('INTERNAL_SERVER_ERROR a.c_b');
  });

  it.each([
    '{ a { c_b: sized(size: 9) } b_a: a { c: sized } }',
    '{ a { ...F } b_a: a { c: sized } } fragment F on Row { c_b: sized(size: 9) }',
  ])('are asked for what they supply, not for what the other does: %s', async (query) => {
    const result = await askCompiled(guard, user(), query);
    expect(result.data).toEqual({ a: { c_b: null }, b_a: { c: 0 } });
    expect(denialsOf(result)).toEqual(['INTERNAL_SERVER_ERROR a.c_b']);
  });

  it('leave alone what joins to nothing else', async () => {
    const query = '{ a { x: sized(size: 9) y: sub { z: secret ...F } } } fragment F on Row { w: secret v: name }';
    const { data, errors } = await askCompiled(guard, admin, query);
    expect({ data, errors }).toEqual({ data: { a: { x: 9, y: { z: 'SECRET', w: 'SECRET', v: 'n' } } } });
    expect(denialsOf(await askCompiled(guard, user(), query))).toEqual([
      'FORBIDDEN a.x',
      'FORBIDDEN a.y.w',
      'FORBIDDEN a.y.z',
    ]);
  });
});
