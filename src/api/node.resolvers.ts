/** Finds any object by its global id. */
import { fromGlobalId, toGlobalId } from '../database/ids.ts';
import { BadUserInputError } from '../errors.ts';
import type { GraphQLContext } from '../graphql/context.ts';
import type { NodeRow } from '../graphql/noun.ts';
import type { Resolvers } from '../graphql/resolver-types.ts';
import { nouns } from './nouns.ts';

type Context = Pick<GraphQLContext, 'em' | 'viewer' | 'authentication' | 'request'>;

const nodeTypes = nouns.flatMap(({ name, idPrefix, find }) =>
  idPrefix !== undefined && find ? [{ prefix: idPrefix, typename: name, find }] : [],
);

/** The types whose objects can be found by a global id. */
export const nodeTypenames = nodeTypes.map(({ typename }) => typename);

const maximumIds = 100;

/** The type of each row that was found here. */
const typenames = new WeakMap<NodeRow, string>();

export const nodeResolvers: Pick<Resolvers, 'Node'> & {
  Query: Pick<NonNullable<Resolvers['Query']>, 'node' | 'nodes'>;
} = {
  Query: {
    node: async (_parent, { id }, context) => (await findNodes([id], context))[0] ?? null,
    nodes: (_parent, { ids }, context) => {
      if (ids.length <= maximumIds) return findNodes(ids, context);
      throw new BadUserInputError(`\`ids\` holds ${ids.length} ids. Ask for at most ${maximumIds} at once.`);
    },
  },
  Node: {
    // The type of `__resolveType` knows the type names of the schema; a list of nouns does not.
    __resolveType: typenameOf as NonNullable<Resolvers['Node']>['__resolveType'],
  },
};

/** The type that a row was found as; null if it was not found here. */
export function typenameOf(row: NodeRow): string | null {
  return typenames.get(row) ?? null;
}

/** As `nodes`, but only for the named types. An id of another type gives null. */
export async function findEntities(
  representations: readonly { readonly __typename: string; readonly id?: unknown }[],
  context: GraphQLContext,
): Promise<(NodeRow | null)[]> {
  const ids = representations.map(({ id }) => (typeof id === 'string' ? id : ''));
  const rows = await findNodes(ids, context);
  return rows.map((row, at) => (row && typenameOf(row) === representations[at]?.__typename ? row : null));
}

/** Rows in the order of the ids. An id that is missing, not visible, malformed or of another type gives null. */
async function findNodes(ids: readonly string[], context: Context): Promise<(NodeRow | null)[]> {
  const { em, viewer } = context;
  const found = new Map<string, NodeRow>();
  for (const { prefix, typename, find } of nodeTypes) {
    const uuids = [...new Set(ids.map((id) => fromGlobalId(prefix, id)))].filter((uuid) => uuid !== null);
    if (uuids.length === 0) continue;
    for (const row of await find(em, viewer, uuids, context)) {
      typenames.set(row, typename);
      found.set(toGlobalId(prefix, row.id), row);
    }
  }
  return ids.map((id) => found.get(id) ?? null);
}
