import { makeExecutableSchema } from '@graphql-tools/schema';
import createFastify from 'fastify';
import { type ExecutionResult, parse } from 'graphql';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { createGuard } from '../../../../src/authorization/guard.ts';
import { directiveTypeDefs } from '../../../../src/authorization/vocabulary/directives.ts';
import { refuseSlow } from '../../../../src/server/http/http-errors.ts';
import { beginNothingGivenUp } from '../../../../src/server/pipeline/given-up.ts';
import { newRequestScope, type RequestScope, requestScope } from '../../../../src/server/request/request-scope.ts';

const log = pino({ level: 'silent' });

describe('an operation whose request is given up while its first field is worked on', () => {
  async function run(source: string, isGivenUp: boolean) {
    const scope = newRequestScope('the-request', log);
    const done: string[] = [];
    const field = async (
      _parent: unknown,
      _args: unknown,
      _context: unknown,
      info: { path: { key: string | number } },
    ) => {
      done.push(`${info.path.key} begins`);
      await Promise.resolve();
      scope.isGivenUp = isGivenUp;
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
    const guard = createGuard(beginNothingGivenUp(schema), { denial: 'filter', viewer: () => null, scopes: [] });
    const document = parse(source);
    const results: ExecutionResult[] = [];
    // More than make a query hot.
    for (let time = 0; time < 5; time++) {
      scope.isGivenUp = false;
      results.push(await requestScope.run(scope, async () => await guard.execute({ document, contextValue: {} })));
    }
    return { results, done: done.slice(-done.length / 5) };
  }

  it.each(['field', 'nullable'])('ends that field of a mutation, and begins no other: %s', async (name) => {
    const { results, done } = await run(`mutation { a: ${name} b: ${name} c: ${name} }`, true);
    expect(done).toEqual(['a begins', 'a ends']);
    for (const { errors } of results) expect(errors?.[0]?.extensions.code).toBe('SERVICE_UNAVAILABLE');
  });

  it.each(['field', 'nullable'])('does all of a mutation that is not given up: %s', async (name) => {
    const { results, done } = await run(`mutation { a: ${name} b: ${name} }`, false);
    expect(done).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
    for (const result of results) expect(result).toEqual({ data: { a: 'done', b: 'done' } });
  });

  it('does all of a query', async () => {
    const { results } = await run('{ a: field b: field }', true);
    for (const result of results) expect(result).toEqual({ data: { a: 'done', b: 'done' } });
  });
});

describe('a request that takes too long', () => {
  async function refused(operationType: RequestScope['operationType']) {
    const fastify = createFastify();
    const scope = { ...newRequestScope('the-request', log), operationType };
    fastify.post('/', (request, reply) => {
      request.scope = scope;
      refuseSlow(request, reply);
    });
    const { statusCode, headers, body } = await fastify.inject({ method: 'POST', url: '/' });
    expect(scope.isGivenUp).toBe(true);
    expect(statusCode).toBe(503);
    expect(JSON.parse(body)).toMatchObject({ errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] });
    return headers['retry-after'];
  }

  it.each(['query', null])('may be sent again: %s', async (type) => {
    expect(await refused(type)).toBe('2');
  });

  it('is not to be sent again blindly, if it is a mutation', async () => {
    expect(await refused('mutation')).toBeUndefined();
  });
});
