import { type FieldNode, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { selectedBeneath } from '../../../../src/authorization/request/selections.ts';
import { guardOf } from '../harness.ts';

const { schema } = guardOf(`
  type Query { i: I @public }
  interface I { c: I n: Int list: [[I]] }
  type A implements I @public { c: I n: Int list: [[I]] }
  type B implements I @public { c: I! n: Int list: [[I]] }
`);

function selected(query: string): string[] {
  const { definitions } = parse(query);
  const fragments = Object.fromEntries(
    definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  );
  const [operation] = definitions as [OperationDefinitionNode];
  const nodes = operation.selectionSet.selections as FieldNode[];
  const type = schema.getQueryType()?.getFields().i?.type;
  if (!type) throw new Error('no such field');
  return selectedBeneath(nodes, type, ['i'], { schema, fragments, variableValues: {} }).map(
    ({ type, path }) => `${type.name} ${path.join('.')}`,
  );
}

describe('what is selected beneath a field', () => {
  it('is told for each type that may stand there, with list levels', () => {
    expect(selected('{ i { list { n } ... on A { c { n } } } }')).toEqual([
      ...['A i.list', 'A i.list.@.@.n', 'B i.list.@.@.n', 'B i.list'],
      ...['A i.c', 'A i.c.n', 'B i.c.n'],
    ]);
  });

  it('leaves out what is skipped', () => {
    expect(selected('{ i { n @skip(if: true) c { n @include(if: false) } } }')).toEqual(['A i.c', 'B i.c']);
  });

  it('is bounded by the document: types that differ only in being null do not multiply', () => {
    const deep = `{ i ${'{ c '.repeat(60)}{ n }${' }'.repeat(60)} }`;
    expect(selected(deep)).toHaveLength(2 * 61);
  });

  it('is bounded by the document: a fragment spread many times is read once', () => {
    const spreads = Array.from({ length: 300 }, () => 'i { ...F }').join(' ');
    expect(selected(`{ ${spreads} } fragment F on I { n ...G } fragment G on I { n }`)).toHaveLength(4);
  });
});
