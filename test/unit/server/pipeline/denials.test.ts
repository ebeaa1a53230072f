import { makeExecutableSchema } from '@graphql-tools/schema';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createGuard, type DenialMode, directiveTypeDefs, rule } from '../../../../src/authorization/guard.ts';
import type { GraphQLContext } from '../../../../src/graphql/context.ts';
import { createLogger } from '../../../../src/server/http/logging.ts';
import { denialCounter } from '../../../../src/server/pipeline/denials.ts';

const typeDefs = `
  ${directiveTypeDefs({ roles: ['USER', 'ADMIN'] })}
  type Query {
    secret: Int @requiresScopes(scopes: [["read"], ["any"]])
    broken: Int @policy(policies: [["broken"]])
    open: Int @public
  }
`;
const schema = makeExecutableSchema({ typeDefs, resolvers: { Query: { secret: () => 1, broken: () => 2 } } });

/** The log and counts of one query by a viewer without scopes, and its answer. */
async function toldOf(denial: DenialMode, query: string) {
  const written: string[] = [];
  const counter = denialCounter(denial);
  const guard = createGuard<GraphQLContext>(schema, {
    viewer: (context) => context.viewer,
    policies: {
      broken: rule()(() => {
        throw new Error('mislaid');
      }),
    },
    denial,
    onDenial: counter.record,
  });
  const log = createLogger({ logLevel: 'info' }, { write: (line) => void written.push(line) });
  const contextValue = { viewer: { id: 'u1', roles: ['USER'], scopes: [] }, log };
  const result = await guard.execute({ document: parse(query), contextValue });
  return { lines: written.map((line) => JSON.parse(line)), counter, data: { ...result.data } };
}

const line = {
  level: 30,
  time: expect.any(String),
  coordinate: 'Query.secret',
  code: 'FORBIDDEN',
  requirement: 'scope `any`, or scope `read`',
  requires: { scopes: [['any'], ['read']], roles: [], policies: [] },
  viewerId: 'u1',
  operationName: 'Spy',
  operationHash: expect.stringMatching(/^[0-9a-f]{64}$/),
};

describe('the log', () => {
  it.each(['filter', 'reject'] as const)('tells what was denied, with what it requires in words: %s', async (mode) => {
    const { lines, counter } = await toldOf(mode, 'query Spy { secret }');
    expect(lines).toEqual([{ ...line, msg: 'denied' }]);
    expect([counter.total, [...counter.counts]]).toEqual([1, [['Query.secret', 1]]]);
  });

  it('distinguishes what would be denied from what was', async () => {
    const { lines, counter, data } = await toldOf('report', 'query Spy { secret }');
    expect(lines).toEqual([{ ...line, msg: 'would be denied' }]);
    expect([counter.total, data]).toEqual([1, { secret: 1 }]);
  });

  it('reports a rule that fails as an error, and not as a denial', async () => {
    const { lines, counter, data } = await toldOf('report', '{ broken }');
    expect(lines).toEqual([
      {
        level: 50,
        time: expect.any(String),
        err: expect.objectContaining({ type: 'Error', message: 'mislaid' }),
        coordinate: 'Query.broken',
        viewerId: 'u1',
        operationName: null,
        operationHash: line.operationHash,
        msg: 'a rule failed',
      },
    ]);
    expect([counter.total, counter.counts.size, data]).toEqual([0, 0, { broken: 2 }]);
  });

  it.each(['filter', 'reject', 'report'] as const)('tells nothing of what is open to all: %s', async (mode) => {
    const { lines, counter } = await toldOf(mode, '{ open }');
    expect([lines, counter.total]).toEqual([[], 0]);
  });
});
