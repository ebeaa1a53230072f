/** The answer to an executed operation: a mistake of the client is never a fault of the server. */
import { makeExecutableSchema } from '@graphql-tools/schema';
import fc from 'fast-check';
import { type GraphQLEnumType, GraphQLError, GraphQLScalarType, getOperationAST, parse, validate } from 'graphql';
import { describe, expect, it, vi } from 'vitest';
import { createGuard, directiveTypeDefs, type Guard } from '../../../../src/authorization/guard.ts';
import type { GraphQLContext } from '../../../../src/graphql/context.ts';
import { createLogger } from '../../../../src/server/http/logging.ts';
import {
  checkOperation,
  executeOperation,
  respond,
  wellFormedHooks,
} from '../../../../src/server/pipeline/operation.ts';
import type { OperationRequest } from '../../../../src/server/pipeline/operation-request.ts';
import { type RequestContext, tellAll } from '../../../../src/server/request/hooks.ts';
import { RequestScope } from '../../../../src/server/request/request-scope.ts';

const throwing = (name: string, error: (value: unknown) => Error) =>
  new GraphQLScalarType({
    name,
    parseValue: (value) => {
      if (value === 1) return value;
      throw error(value);
    },
  });

const typeDefs = `
  type Query { find(by: By, coded: Coded, careless: Careless, level: [Level!]): String @public, broken: Int! @public }
  type Mutation { add(by: By!): String @public }
  enum Level { LOW HIGH }
  scalar Coded
  scalar Careless
  input By { id: ID, n: Int! = 1, must: Int!, by: By, one: One, coded: [Coded] }
  input One @oneOf { a: Int, b: String }`;

function guardOf(denial: 'filter' | 'reject'): Guard {
  const resolvers = {
    Query: {
      find: () => 'found',
      broken: () => {
        throw new GraphQLError('Inside.');
      },
    },
    Mutation: { add: () => 'added' },
    Coded: throwing('Coded', () => new GraphQLError('Odd.', { extensions: { code: 'ODD' } })),
    Careless: throwing('Careless', (value) => new TypeError(`Careless of ${JSON.stringify(value)}`)),
  };
  const schema = makeExecutableSchema({ typeDefs: [directiveTypeDefs({ roles: ['USER'] }), typeDefs], resolvers });
  return createGuard<GraphQLContext>(schema, {
    viewer: () => null,
    denial,
    compile: { hotAfter: 1, milliseconds: 1_000_000 },
  });
}

const documents = [
  'query ($by: By, $coded: Coded, $careless: Careless, $level: [Level!]) { find(by: $by, coded: $coded, careless: $careless, level: $level) }',
  'mutation ($by: By!) { add(by: $by) }',
].map((text) => parse(text));

/** The answer, and the highest log level. */
async function answerOf(guard: Guard, request: Partial<OperationRequest> & Pick<OperationRequest, 'document'>) {
  let level = 0;
  const write = (text: string) => {
    level = Math.max(level, Number((JSON.parse(text) as { level: number }).level));
  };
  const scope = new RequestScope('the-request', createLogger({ logLevel: 'info' }, { write }));
  const operation = getOperationAST(request.document) as OperationRequest['operation'];
  const all = { operation, operationName: undefined, variables: undefined, ...request };
  const response = respond(await executeOperation(guard, all, { scope } as RequestContext));
  tellAll([wellFormedHooks]).response(scope, response);
  const { data, errors = [] } = response.body.singleResult;
  const codes = [...new Set(errors.map(({ extensions }) => extensions?.code))];
  return { status: response.http.status, data, errors, codes, level, isWellFormed: scope.refusedWellFormed };
}

// At most three levels of lists, so that fewer than 200,000 values are drawn.
const size = fc.constantFrom(0, 1, 2, 50, 51, 52);
const leaf = fc.constantFrom<unknown>(null, 1, 2 ** 40, 'LOW', 'NOPE', '', true, 'x'.repeat(2000));
const names = fc.constantFrom('id', 'n', 'must', 'by', 'one', 'coded', 'a', 'b', 'nothing');
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.dictionary(names, tie('any'), { maxKeys: 6 }),
    fc.tuple(size, tie('any')).map(([count, item]) => Array(count).fill(item)),
    size.map((count) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]))),
  ),
})).any;

describe.each(['filter', 'reject'] as const)('variables of any kind and size, in mode %s,', (denial) => {
  it('are served or the mistake of the client, cold and hot', { timeout: 120_000 }, async () => {
    const guard = guardOf(denial);
    for (const document of documents) expect(validate(guard.schema, document)).toEqual([]);
    const seen = { served: 0, refused: 0, many: 0 };
    const variable = fc.constantFrom('by', 'coded', 'careless', 'level', 'other');
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...documents), fc.dictionary(variable, value), async (document, given) => {
        const { status, data, errors, codes, level, isWellFormed } = await answerOf(guard, {
          document,
          variables: given,
        });
        // A request that any client can send never logs an error.
        expect(level).toBeLessThan(50);
        if (errors.length === 0) {
          seen.served++;
          return;
        }
        // If the variable's type is right but its place is not, graphql-js has begun to execute.
        if (data !== undefined) return;
        seen.refused++;
        if (errors.length > 50) seen.many++;
        expect({ status, codes, isWellFormed }).toEqual({ status: 400, codes: ['BAD_USER_INPUT'], isWellFormed: true });
        expect(JSON.stringify(errors).length).toBeLessThan(51 * 1000);
      }),
      { numRuns: 120 },
    );
    for (const [what, count] of Object.entries(seen)) expect([what, count > 2]).toEqual([what, true]);
  });
});

it('a wrong variable is compared with nothing, however long its names are', async () => {
  const guard = guardOf('filter');
  const parseValue = vi.spyOn(guard.schema.getType('Level') as GraphQLEnumType, 'parseValue');
  const document = parse('query ($level: [Level!]) { find(level: $level) }');
  const operation = getOperationAST(document) as OperationRequest['operation'];
  const variables = { level: ['LOWW'] };
  checkOperation(guard.schema, { document, operation, variables });
  expect(await answerOf(guard, { document, variables })).toMatchObject({ status: 400, codes: ['BAD_USER_INPUT'] });
  const hidesSuggestions = parseValue.mock.calls.map(([, hides]) => hides);
  expect(hidesSuggestions).toEqual([true, true]);
  expect((await answerOf(guard, { document, variables: { level: ['LOW'] } })).data).toEqual({ find: 'found' });
});

describe('what graphql-js refuses without a code', () => {
  const guard = guardOf('filter');
  const [document] = documents as [(typeof documents)[number]];

  it('is the mistake of the client: an operation that does not exist', async () => {
    const answer = await answerOf(guard, { document, operationName: 'Nobody' });
    expect(answer).toMatchObject({ status: 400, data: undefined, codes: ['BAD_USER_INPUT'], level: 0 });
    expect(await answerOf(guard, { document })).toMatchObject({ data: { find: 'found' }, errors: [] });
  });

  it('is the mistake of the client, whatever code a scalar gives', async () => {
    for (const variables of [{ coded: 2 }, { careless: 'hunter2' }]) {
      const answer = await answerOf(guard, { document, variables });
      expect(answer).toMatchObject({ status: 400, data: undefined, codes: ['BAD_USER_INPUT'], level: 0 });
      expect(JSON.stringify(answer)).not.toContain('hunter2');
    }
  });

  it('is still a fault when a resolver throws it', async () => {
    const answer = await answerOf(guard, { document: parse('{ broken }') });
    expect(answer).toMatchObject({ data: null, codes: ['INTERNAL_SERVER_ERROR'], level: 50 });
  });
});
