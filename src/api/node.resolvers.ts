/** Any object by its global id. A new noun adds one line. */
import { findSessions } from '../authentication/sessions/session.list.ts';
import type { EntityManager } from '../database/database.ts';
import { fromGlobalId, type IdPrefix, toGlobalId } from '../database/ids.ts';
import { BadUserInputError } from '../errors.ts';
import type { GraphQLContext } from '../graphql/context.ts';
import type { Resolvers } from '../graphql/resolver-types.ts';
import { findTasks } from '../tasks/task.service.ts';
import { findUsers } from '../users/user.service.ts';
import type { Viewer } from '../users/viewer.ts';
import type { NodeRow } from './node.ts';

type Context = Pick<GraphQLContext, 'em' | 'viewer' | 'authentication' | 'request'>;

interface NodeType {
  prefix: IdPrefix;
  typename: 'Session' | 'Task' | 'User';
  /** Those of the rows with these UUIDs that the viewer may see, in any order. */
  find(em: EntityManager, viewer: Viewer | null, uuids: readonly string[], context: Context): Promise<NodeRow[]>;
}

const nodeTypes: readonly NodeType[] = [
  { prefix: 'session', typename: 'Session', find: findSessions },
  { prefix: 'task', typename: 'Task', find: findTasks },
  { prefix: 'user', typename: 'User', find: findUsers },
];

/** The types of all objects that have a global id by which they are found. */
export const nodeTypenames = nodeTypes.map(({ typename }) => typename);

const maximumIds = 100;

/** Which type a row was found as. */
const typenames = new WeakMap<NodeRow, NodeType['typename']>();

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
    __resolveType: typenameOf,
  },
};

/** Which type a row was found as; null if it was not found here. */
export function typenameOf(row: NodeRow): NodeType['typename'] | null {
  return typenames.get(row) ?? null;
}

/** As `nodes`, of types that are named: an id of another type is missing. */
export async function findEntities(
  representations: readonly { readonly __typename: string; readonly id?: unknown }[],
  context: GraphQLContext,
): Promise<(NodeRow | null)[]> {
  const ids = representations.map(({ id }) => (typeof id === 'string' ? id : ''));
  const rows = await findNodes(ids, context);
  return rows.map((row, at) => (row && typenameOf(row) === representations[at]?.__typename ? row : null));
}

/** In the order asked for; null in the place of what is missing, not visible, malformed or of no such type, alike. */
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
