/** One fragment below fields of different types. Its demands on each type are decided before the mutation runs. */
import { beforeEach, describe, expect, it } from 'vitest';
import { ask, denialsOf, guardOf, user } from './harness.ts';

const sdl = /* GraphQL */ `
  type Query { a: Int @public }
  type Mutation { m: Payload @public }
  type Payload @public { x: Open, y: Guarded }
  interface Named { name: String }
  type Open implements Named @public { name: String }
  type Guarded implements Named @public { name: String @requiresScopes(scopes: [["name"]]) }
`;
let runs: number;
const m = () => {
  runs++;
  return { x: { name: 'x' }, y: { name: 'y' } };
};
beforeEach(() => {
  runs = 0;
});

describe.each(['filter', 'reject'] as const)('a mutation, in mode `%s`,', (denial) => {
  const guard = guardOf(sdl, { Mutation: { m } }, { denial });
  const beneath = ['x { ...F } y { ...F }', 'y { ...F } x { ...F }', 'x { ...F ...F } y { ... on Named { ...F } }'];

  it.each(beneath)('does not run where a fragment is denied on one of its types: %s', async (selected) => {
    const query = `mutation { m { ${selected} } } fragment F on Named { name }`;
    const denied = await ask(guard, user(), query);
    expect([runs, denialsOf(denied)]).toEqual([0, ['FORBIDDEN m.y.name']]);
    const allowed = await ask(guard, user({ scopes: ['name'] }), query);
    expect([runs, allowed]).toEqual([1, { data: { m: { x: { name: 'x' }, y: { name: 'y' } } } }]);
  });

  it('runs where the fragment stands on the type that is open', async () => {
    const query = 'mutation { m { x { ...F } y { __typename } } } fragment F on Named { name }';
    expect([(await ask(guard, user(), query)).errors, runs]).toEqual([undefined, 1]);
  });
});
