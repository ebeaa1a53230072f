/** Executions inside resolvers, of the same document and in the same context, by graphql-js's own `execute`. */
import { type ExecutionResult, execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Guard } from '../../../src/authorization/guard.ts';
import { denialsOf, guardOf, user } from './harness.ts';

const sdl = /* GraphQL */ `
  type Query { list(filter: Filter): String @public, again: String @public }
  input Filter { text: String, everyone: Boolean @settableBy(scopes: [["any"]]) }
`;
const query = 'query ($filter: Filter, $nest: Boolean = false) { list(filter: $filter) again @include(if: $nest) }';

interface Nested {
  outer: object;
  inner: object;
  scopes?: string[];
}

/** The denials of one execution, and of another that its resolver starts with other variables. */
async function denialsOfBoth({ outer, inner, scopes = [] }: Nested): Promise<string[][]> {
  let answered: ExecutionResult | undefined;
  const document = parse(query);
  const contextValue = { viewer: user({ scopes }) };
  const again = async () => {
    const variableValues = { filter: inner };
    answered = await execute({ schema: guard.schema, document, contextValue, variableValues });
    return 'done';
  };
  const guard: Guard = guardOf(sdl, { Query: { list: (_: unknown, args: object) => JSON.stringify(args), again } });
  const result = await guard.execute({ document, contextValue, variableValues: { filter: outer, nest: true } });
  if (!answered) throw new Error('nothing was nested');
  expect(result.data?.again).toBe('done');
  return [denialsOf(result), denialsOf(answered)];
}

describe('an execution within a resolver of another', () => {
  const guarded = { everyone: true };
  const plain = { text: 'a' };

  it('is judged by the variables that it was given itself', async () => {
    const denied = ['FORBIDDEN list'];
    expect(await denialsOfBoth({ outer: plain, inner: guarded })).toEqual([[], denied]);
    expect(await denialsOfBoth({ outer: guarded, inner: plain })).toEqual([denied, []]);
    expect(await denialsOfBoth({ outer: plain, inner: plain })).toEqual([[], []]);
    expect(await denialsOfBoth({ outer: plain, inner: guarded, scopes: ['any'] })).toEqual([[], []]);
  });
});
