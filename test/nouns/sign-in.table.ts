/** Registering, signing in and out, and what people change of their own account. */
import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { asAnonymous, signIn } from '../support/personas.ts';
import { administrator } from '../support/server.ts';
import {
  anyone,
  type NounTable,
  ofStandIn,
  type Probe,
  signedIn,
  signInto,
  storedRow,
  type World,
} from './noun-table.ts';

export const table: NounTable = {
  noun: 'signIn',
  matrix: `
    Mutation register login refresh                              own | +
    Mutation logout changePassword updateProfile deleteAccount   own | U | +
  `,
  operations: {
    'Mutation.register': () => {
      const username = `new-${randomBytes(6).toString('hex')}`;
      const input = { username, email: `${username}@example.com`, password: randomBytes(12).toString('base64url') };
      return sessionProbe('register', 'RegisterInput', input, { username, role: 'USER' });
    },
    'Mutation.login': () => {
      const { username, password } = administrator;
      const input = { identifier: username, password };
      return sessionProbe('login', 'LoginInput', input, { username, role: 'ADMIN' });
    },
    'Mutation.refresh': async ({ world: { server, bob } }) => {
      const { session } = await signIn(server, bob);
      const input = { refreshToken: session.refreshToken };
      return sessionProbe('refresh', 'RefreshInput', input, { username: 'bob', role: 'USER' });
    },
    'Mutation.logout': async ({ holder, column, world }) => {
      const viewer = column.account && (await signInto(world.server, holder, column));
      return {
        query: 'mutation { logout { endedSessionId } }',
        variables: {},
        path: ['logout'],
        data: { logout: { endedSessionId: expect.stringMatching(/^session_/) } },
        ...(viewer && {
          token: viewer.session.accessToken,
          verify: async () => (await viewer.ask('{ me { id } }')).status,
          done: 401,
        }),
      };
    },
    'Mutation.changePassword': ofStandIn('changePassword { errors { code } }', async (viewer, world) => {
      const input = { currentPassword: viewer.password, newPassword: randomBytes(12).toString('base64url') };
      return {
        variables: { input },
        data: { changePassword: { errors: [] } },
        verify: () => login(world, viewer.username, input.newPassword),
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
  },
  reached: {
    AuthSession: anyone,
    RegisterPayload: anyone,
    LoginPayload: anyone,
    RefreshPayload: anyone,
    LogoutPayload: signedIn,
    ChangePasswordPayload: signedIn,
    UpdateProfilePayload: signedIn,
    DeleteAccountPayload: signedIn,
  },
};

function sessionProbe(field: string, type: string, input: unknown, session: object): Probe {
  return {
    query: `mutation ($input: ${type}!) { ${field}(input: $input) { session { username role } errors { code } } }`,
    variables: { input },
    path: [field],
    data: { [field]: { session, errors: [] } },
  };
}

/** The codes of what is wrong with it. */
async function login({ server }: Pick<World, 'server'>, identifier: string, password: string): Promise<string[]> {
  const query = 'mutation ($input: LoginInput!) { login(input: $input) { errors { code } } }';
  const { data } = await asAnonymous(server).ask(query, { input: { identifier, password } });
  return data.login.errors.map(({ code }: { code: string }) => code);
}
