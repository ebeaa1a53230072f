/** The security log: everybody reads their own events, and administrators with scope `audit:read` all. */
import { AuditEvent } from '../../src/audit/audit-event.entity.ts';
import { fromGlobalId, newId, toGlobalId } from '../../src/database/ids.ts';
import type { TestServer } from '../support/server.ts';
import { type Account, type Ask, all, either, type NounTable, owns, scope, signedIn } from './noun-table.ts';

/** The time of the first event in each account's log, before the account registered. */
const firstEventAt = '2026-02-28T23:00:00.000Z';

const fields: Readonly<Record<string, (holder: Account) => unknown>> = {
  id: ({ ids }) => ids.SecurityEvent,
  type: () => 'REFRESH_TOKEN_REUSED',
  createdAt: () => firstEventAt,
  actorId: ({ userId }) => userId,
  subjectId: ({ userId }) => userId,
  sessionId: ({ ids }) => ids.Session,
  address: () => '192.0.2.1',
  userAgent: ({ username }) => `Phone of ${username}`,
  requestId: ({ username }) => `Request of ${username}`,
  cause: () => 'LATE_RETRY',
  detail: ({ username }) => `What happened to ${username}`,
};
const names = Object.keys(fields);

export const table: NounTable = {
  noun: 'SecurityEvent',
  scopes: { 'audit:read': ['ADMIN'] },
  matrix: `
    Query auditEvents               own   | U | F unless ADMIN audit:read | +
    Query auditEvents               other | U | F unless ADMIN audit:read | +
    User securityEvents             own   | U | F unless user:read | +
    User securityEvents             other | U | 0 unless user:read:any | F unless user:read | N
    SecurityEvent ${names.join(' ')} own   | U | F unless user:read | +
    SecurityEvent ${names.join(' ')} other | U | F unless ADMIN audit:read | +
  `,
  make: makeEvent,
  fields: {
    'User.securityEvents': ({ username }) => [
      'securityEvents(last: 1) { nodes { detail } pageInfo { hasNextPage } }',
      { nodes: [{ detail: `What happened to ${username}` }], pageInfo: { hasNextPage: false } },
    ],
  },
  operations: {
    'Query.auditEvents': ({ holder: { userId, ids } }) => ({
      query: 'query ($id: ID!) { auditEvents(filter: { subjectId: $id }, last: 1) { nodes { id } } }',
      variables: { id: userId },
      path: ['auditEvents'],
      data: { auditEvents: { nodes: [{ id: ids.SecurityEvent }] } },
    }),
    ...Object.fromEntries(names.map((name) => [`SecurityEvent.${name}`, eventProbe(name)])),
  },
  reached: {
    SecurityEvent: either(owns, all(signedIn, scope('audit:read'))),
    'SecurityEvent.__typename': signedIn,
    SecurityEventConnection: signedIn,
    SecurityEventEdge: signedIn,
    'User.securityEvents': all(scope('user:read'), owns),
  },
  question: (selection, target) =>
    target === 'other'
      ? { query: `{ auditEvents { nodes { ${selection} } } }`, path: ['auditEvents'] }
      : {
          query: `query ($id: ID!) { node(id: $id) { ... on User { securityEvents { nodes { ${selection} } } } } }`,
          path: ['node', 'securityEvents'],
        },
};

/** One's own where one finds them; another's in the list of all. */
function eventProbe(field: string): Ask {
  return ({ holder, target }) => {
    const page = { nodes: [{ [field]: fields[field]?.(holder) }] };
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
  };
}

/** An event with something in every field. */
async function makeEvent({ userId, username, ids }: Account, server: TestServer): Promise<string> {
  const [account, id] = [fromGlobalId('user', userId) as string, newId()];
  await server.database.fork().insert(AuditEvent, {
    ...{ id, type: 'REFRESH_TOKEN_REUSED', createdAt: new Date(firstEventAt), actorId: account, subjectId: account },
    ...{ sessionId: fromGlobalId('session', ids.Session ?? ''), address: '192.0.2.1' },
    ...{ userAgent: `Phone of ${username}`, requestId: `Request of ${username}`, cause: 'LATE_RETRY' },
    detail: `What happened to ${username}`,
  });
  return toGlobalId('event', id);
}
