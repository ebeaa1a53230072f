/** How the permission matrix asks for sessions, for changes of accounts and for the security log. */
import { randomBytes } from 'node:crypto';
import { asAnonymous, type SignedIn } from '../support/personas.ts';
import { type Ask, type Field, type Probe, rowOf } from './permission-matrix.probe.ts';
import type { Column, Row } from './permission-matrix.table.ts';
import {
  type Account,
  firstEventAt,
  moment,
  signInto,
  standIn,
  storedRow,
  type World,
} from './permission-matrix.world.ts';

/** Every session is opened by these tests, at one moment; none of these is the one that asks. */
export const sessionFields: Record<string, Field> = {
  'Session.id': ({ sessionId }) => ['id', sessionId],
  'Session.device': () => ['device', 'node'],
  'Session.userAgent': () => ['userAgent', 'node'],
  'Session.address': () => ['address', '127.0.0.1'],
  'Session.createdAt': () => ['createdAt', moment],
  'Session.lastUsedAt': () => ['lastUsedAt', moment],
  'Session.expiresAt': () => ['expiresAt', '2026-05-30T09:30:00.000Z'],
  'Session.current': () => ['current', false],
};

const eventFields: Record<string, (holder: Account) => unknown> = {
  id: ({ eventId }) => eventId,
  type: () => 'REFRESH_TOKEN_REUSED',
  createdAt: () => firstEventAt,
  actorId: ({ userId }) => userId,
  subjectId: ({ userId }) => userId,
  sessionId: ({ sessionId }) => sessionId,
  address: () => '192.0.2.1',
  userAgent: ({ username }) => `Phone of ${username}`,
  requestId: ({ username }) => `Request of ${username}`,
  cause: () => 'LATE_RETRY',
  detail: ({ username }) => `What happened to ${username}`,
};

/** One's own where one finds them; another's in the list of all. */
export function eventProbe(field: string, { target }: Row, holder: Account): Probe {
  const value = eventFields[field];
  if (!value) throw new Error(`There is no probe for SecurityEvent.${field}`);
  const page = { nodes: [{ [field]: value(holder) }] };
  if (target === 'own') {
    return {
      query: `{ me { securityEvents(last: 1) { nodes { ${field} } } } }`,
      variables: {},
      path: ['me', 'securityEvents'],
      data: { me: { securityEvents: page } },
    };
  }
  return {
    query: `query ($subjectId: ID!) { auditEvents(filter: { subjectId: $subjectId }, last: 1) { nodes { ${field} } } }`,
    variables: { subjectId: holder.userId },
    path: ['auditEvents'],
    data: { auditEvents: page },
  };
}

export const accountOperations: Record<string, Ask> = {
  'Query.sessions': (row, column, world) => ({
    query: '{ sessions(last: 1) { nodes { id } pageInfo { hasNextPage } } }',
    variables: {},
    path: ['sessions'],
    data: { sessions: { nodes: [{ id: rowOf(row, column, world).sessionId }], pageInfo: { hasNextPage: false } } },
  }),
  'Query.auditEvents': (row, column, world) => ({
    query: 'query ($id: ID!) { auditEvents(filter: { subjectId: $id }, last: 1) { nodes { id } } }',
    variables: { id: rowOf(row, column, world).userId },
    path: ['auditEvents'],
    data: { auditEvents: { nodes: [{ id: rowOf(row, column, world).eventId }] } },
  }),

  'Mutation.revokeSession': async (row, column, world) => {
    const viewer = await signInto(world.server, rowOf(row, column, world), { ...column, scopes: null });
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
  'Mutation.changePassword': ofStandIn('changePassword { errors { code } }', async (viewer, { server }) => {
    const input = { currentPassword: viewer.password, newPassword: randomBytes(12).toString('base64url') };
    return {
      variables: { input },
      data: { changePassword: { errors: [] } },
      verify: () => login({ server }, viewer.username, input.newPassword),
      done: [],
    };
  }),
  'Mutation.updateProfile': ofStandIn('updateProfile { errors { code } }', async (viewer, world) => ({
    variables: { input: { displayName: 'Another name' } },
    data: { updateProfile: { errors: [] } },
    verify: async () => (await storedRow(world, 'user', viewer.userId))?.display_name,
    done: 'Another name',
  })),
  'Mutation.deleteAccount': ofStandIn('deleteAccount { deletedUserId errors { code } }', async (viewer, world) => ({
    variables: { input: { password: viewer.password } },
    data: { deleteAccount: { deletedUserId: viewer.userId, errors: [] } },
    verify: () => storedRow(world, 'user', viewer.userId),
    done: undefined,
  })),
};

/** Asked by a new account, where a column has one: for ada's and the administrator's, others ask as well. */
function ofStandIn(
  selection: string,
  probe: (viewer: SignedIn, world: World) => Promise<Omit<Probe, 'query' | 'path' | 'variables'> & Partial<Probe>>,
): Ask {
  return async (_row: Row, column: Column, world: World) => {
    const viewer = column.account ? await standIn(world, column) : world.ada;
    const [field = ''] = selection.split(' ');
    const { variables = {}, ...rest } = await probe(viewer, world);
    const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
    const query =
      'input' in variables
        ? `mutation ($input: ${type}!) { ${selection.replace(field, `${field}(input: $input)`)} }`
        : `mutation { ${selection} }`;
    return { query, variables, path: [field], ...rest, ...(column.account && { token: viewer.session.accessToken }) };
  };
}

/** The codes of what is wrong with it. */
async function login({ server }: Pick<World, 'server'>, identifier: string, password: string): Promise<string[]> {
  const query = 'mutation ($input: LoginInput!) { login(input: $input) { errors { code } } }';
  const { data } = await asAnonymous(server).ask(query, { input: { identifier, password } });
  return data.login.errors.map(({ code }: { code: string }) => code);
}
