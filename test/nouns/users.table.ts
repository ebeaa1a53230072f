/** Accounts: who may see them and change them. */
import { sql } from 'kysely';
import { expect } from 'vitest';
import {
  type Ask,
  admin,
  all,
  either,
  execute,
  moment,
  type NounTable,
  owns,
  scope,
  signedIn,
  storedRow,
} from './noun-table.ts';

export const table: NounTable = {
  noun: 'User',
  scopes: { 'user:read': ['USER', 'ADMIN'], 'user:read:any': ['ADMIN'], 'user:write:any': ['ADMIN'] },
  matrix: `
    Query me                                 own   | U | +
    Query node nodes                         own   | U | +
    Query node nodes                         other | U | 0 unless user:read:any | +
    Query user users                         own   | U | F unless ADMIN user:read:any | +
    Query user users                         other | U | F unless ADMIN user:read:any | +
    Mutation setUserRole setUserActive       other | U | F unless ADMIN user:write:any | +
    User id username displayName role        own   | U | +
    User id username displayName role        other | U | 0 unless user:read:any | +
    User createdAt                           own   | U | +
    User createdAt                           other | U | 0 unless user:read:any | +
    User email                               own   | U | F unless user:read | +
    User email                               other | U | 0 unless user:read:any | F unless user:read | +
    User isActive                            own   | U | F unless ADMIN | +
    User isActive                            other | U | 0 unless user:read:any | F unless ADMIN | +
  `,
  make: async ({ userId }) => userId,
  fields: {
    'User.id': ({ userId }) => ['id', userId],
    'User.username': ({ username }) => ['username', username],
    'User.displayName': ({ username }) => ['displayName', username],
    'User.email': ({ email }) => ['email', email],
    'User.role': ({ role }) => ['role', role],
    'User.isActive': () => ['isActive', true],
    'User.createdAt': () => ['createdAt', moment],
  },
  operations: {
    'Query.me': ({ holder: { username } }) => ({
      query: '{ me { username } }',
      variables: {},
      path: ['me'],
      data: { me: { username } },
    }),
    'Query.user': ({ holder: { userId, username } }) => ({
      query: 'query ($id: ID!) { user(id: $id) { username } }',
      variables: { id: userId },
      path: ['user'],
      data: { user: { username } },
    }),
    'Query.users': ({ holder: { username } }) => ({
      query: 'query ($text: String!) { users(filter: { text: $text }) { totalCount nodes { username } } }',
      variables: { text: username },
      path: ['users'],
      data: { users: { totalCount: 1, nodes: [{ username }] } },
    }),
    'Mutation.setUserRole': changeOfEve('setUserRole', { role: 'ADMIN' }, { role: 'ADMIN' }),
    'Mutation.setUserActive': changeOfEve('setUserActive', { isActive: false }, { is_active: false }),
  },
  reached: {
    User: signedIn,
    'User.email': all(scope('user:read'), either(owns, admin)),
    'User.isActive': admin,
    UserConnection: all(admin, scope('user:read:any')),
    UserEdge: all(admin, scope('user:read:any')),
    SetUserRolePayload: admin,
    SetUserActivePayload: admin,
  },
};

/** @param stored what the row then has. */
function changeOfEve(field: string, change: Record<string, unknown>, stored: Record<string, unknown>): Ask {
  const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
  const selection = `user { ${Object.keys(change)[0]} } errors { code }`;
  return ({ world }) => ({
    query: `mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} } }`,
    variables: { input: { userId: world.eve.userId, ...change } },
    path: [field],
    data: { [field]: { user: change, errors: [] } },
    verify: async () => {
      const row = await storedRow(world, 'user', world.eve.userId);
      await execute(world.server, sql`update users set role = 'USER', is_active = true where username = 'eve'`);
      return row;
    },
    done: expect.objectContaining(stored),
  });
}
