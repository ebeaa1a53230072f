/** How each coordinate of the permission matrix is asked for, and what is served where it is allowed. */
import type { Account, Ask, Asked, Column, Field, Probe, World } from '../nouns/noun-table.ts';
import { tables } from '../nouns/tables.ts';
import type { Row } from './permission-matrix.table.ts';

const operations: Readonly<Record<string, Ask>> = Object.assign({}, ...tables.map((table) => table.operations));
const fields: Readonly<Record<string, Field>> = Object.assign({}, ...tables.map((table) => table.fields));

/** @throws Error if no table says how it is asked for. */
export function probeOf({ noun, coordinate, target }: Row, column: Column, world: World): Probe | Promise<Probe> {
  const holder = target === 'other' ? world.bob : world[column.account ?? 'ada'];
  const asked: Asked = { holder, target, column, world };
  if (coordinate === 'Query.node' || coordinate === 'Query.nodes') return nodeProbe(coordinate, noun, holder);
  const field = fields[coordinate];
  if (field) return fieldProbe(coordinate, field, holder);
  const operation = operations[coordinate];
  if (operation) return operation(asked);
  throw new Error(`Nothing says how ${coordinate} is asked for. Say it in the table of ${noun}, in test/nouns.`);
}

function fieldProbe(coordinate: string, field: Field, holder: Account): Probe {
  const [type = '', name = ''] = coordinate.split('.');
  const [selection, value, empty] = field(holder);
  return {
    query: `query ($id: ID!) { node(id: $id) { ... on ${type} { ${selection} } } }`,
    variables: { id: holder.ids[type] },
    path: ['node', name],
    data: { node: { [name]: value } },
    empty: { node: { [name]: empty } },
    invisible: { node: null },
  };
}

/** Nothing but what is Node's own: the object's fields decide for themselves. */
function nodeProbe(coordinate: string, noun: string, { ids }: Account): Probe {
  const found = { __typename: noun };
  if (coordinate === 'Query.node') {
    return {
      query: 'query ($id: ID!) { node(id: $id) { __typename } }',
      variables: { id: ids[noun] },
      path: ['node'],
      data: { node: found },
      invisible: { node: null },
    };
  }
  return {
    query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename } }',
    variables: { ids: [ids[noun]] },
    path: ['nodes'],
    data: { nodes: [found] },
    invisible: { nodes: [null] },
  };
}
