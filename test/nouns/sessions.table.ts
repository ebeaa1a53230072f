/** Sessions: everybody sees and ends their own, and nobody another's. */
import { all, moment, type NounTable, ofStandIn, owns, scope, signedIn, signInto, storedRow } from './noun-table.ts';

const fields = 'id device userAgent address createdAt lastUsedAt expiresAt current';

export const table: NounTable = {
  noun: 'Session',
  matrix: `
    Query node nodes                                own   | U | +
    Query node nodes                                other | U | 0
    Query sessions                                  own   | U | F unless user:read | +
    Mutation revokeSession                          own   | U | +
    Mutation revokeSession                          other | U | N
    Mutation revokeOtherSessions logoutEverywhere   own   | U | +
    Session ${fields}                               own   | U | F unless user:read | +
    Session ${fields}                               other | U | 0
  `,
  make: async (owner) => (await owner.ask('{ sessions(last: 1) { nodes { id } } }')).data.sessions.nodes[0].id,
  // Every session is opened by these tests, at one moment; none of these is the one that asks.
  fields: {
    'Session.id': ({ ids }) => ['id', ids.Session],
    'Session.device': () => ['device', 'node'],
    'Session.userAgent': () => ['userAgent', 'node'],
    'Session.address': () => ['address', '127.0.0.1'],
    'Session.createdAt': () => ['createdAt', moment],
    'Session.lastUsedAt': () => ['lastUsedAt', moment],
    'Session.expiresAt': () => ['expiresAt', '2026-05-30T09:30:00.000Z'],
    'Session.current': () => ['current', false],
  },
  operations: {
    'Query.sessions': ({ holder: { ids } }) => ({
      query: '{ sessions(last: 1) { nodes { id } pageInfo { hasNextPage } } }',
      variables: {},
      path: ['sessions'],
      data: { sessions: { nodes: [{ id: ids.Session }], pageInfo: { hasNextPage: false } } },
    }),
    'Mutation.revokeSession': async ({ holder, column, world }) => {
      const viewer = await signInto(world.server, holder, { ...column, scopes: null });
      const { data } = await viewer.ask('{ sessions(first: 100) { nodes { id current } } }');
      const sessionId: string = data.sessions.nodes.find(({ current }: { current: boolean }) => current).id;
      return {
        query: 'mutation ($input: RevokeSessionInput!) { revokeSession(input: $input) { revokedSessionId } }',
        variables: { input: { sessionId } },
        path: ['revokeSession'],
        data: { revokeSession: { revokedSessionId: sessionId } },
        verify: async () => (await storedRow(world, 'session', sessionId))?.end_reason,
        done: 'REVOKED',
      };
    },
    'Mutation.revokeOtherSessions': ofStandIn('revokeOtherSessions { revokedCount }', async (viewer) => ({
      data: { revokeOtherSessions: { revokedCount: 1 } },
      verify: async () => (await viewer.ask('{ me { id } }')).status,
      done: 200,
    })),
    'Mutation.logoutEverywhere': ofStandIn('logoutEverywhere { endedCount }', async (viewer) => ({
      data: { logoutEverywhere: { endedCount: 2 } },
      verify: async () => (await viewer.ask('{ me { id } }')).status,
      done: 401,
    })),
  },
  reached: {
    Session: all(scope('user:read'), owns),
    // What a row is called is not the row's own.
    'Session.__typename': scope('user:read'),
    SessionConnection: scope('user:read'),
    SessionEdge: scope('user:read'),
    RevokeSessionPayload: signedIn,
    RevokeOtherSessionsPayload: signedIn,
    LogoutEverywherePayload: signedIn,
  },
};
