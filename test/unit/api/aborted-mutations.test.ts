import { makeExecutableSchema } from '@graphql-tools/schema';
import { type ExecutionResult, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { beginNothingAborted } from '../../../src/api/aborted-mutations.ts';
import { createGuard } from '../../../src/authorization/guard.ts';
import { directiveTypeDefs } from '../../../src/authorization/vocabulary/directives.ts';

describe('an operation whose request is aborted during its first field', () => {
  async function run(source: string, isAborted: boolean) {
    let controller = new AbortController();
    const done: string[] = [];
    const field = async (
      _parent: unknown,
      _args: unknown,
      _context: unknown,
      info: { path: { key: string | number } },
    ) => {
      done.push(`${info.path.key} begins`);
      await Promise.resolve();
      if (isAborted) controller.abort();
      done.push(`${info.path.key} ends`);
      return 'done';
    };
    const schema = makeExecutableSchema({
      typeDefs: [
        directiveTypeDefs({ roles: ['USER'] }),
        'type Query { field: String! @public } type Mutation { field: String! @public nullable: String @public }',
      ],
      resolvers: { Query: { field }, Mutation: { field, nullable: field } },
    });
    const guard = createGuard(beginNothingAborted(schema), { denial: 'filter', viewer: () => null, scopes: [] });
    const document = parse(source);
    const results: ExecutionResult[] = [];
    // Enough to make a query hot.
    for (let time = 0; time < 5; time++) {
      controller = new AbortController();
      results.push(await guard.execute({ document, contextValue: { signal: controller.signal } }));
    }
    return { results, done: done.slice(-done.length / 5) };
  }

  it.each(['field', 'nullable'])('ends that field of a mutation, and begins no other: %s', async (name) => {
    const { results, done } = await run(`mutation { a: ${name} b: ${name} c: ${name} }`, true);
    expect(done).toEqual(['a begins', 'a ends']);
    for (const { errors } of results) expect(errors?.[0]?.extensions.code).toBe('SERVICE_UNAVAILABLE');
  });

  it.each(['field', 'nullable'])('does all of a mutation that is not aborted: %s', async (name) => {
    const { results, done } = await run(`mutation { a: ${name} b: ${name} }`, false);
    expect(done).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
    for (const result of results) expect(result).toEqual({ data: { a: 'done', b: 'done' } });
  });

  it('runs all of a query', async () => {
    const { results } = await run('{ a: field b: field }', true);
    for (const result of results) expect(result).toEqual({ data: { a: 'done', b: 'done' } });
  });
});
