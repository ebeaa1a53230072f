import { toGlobalId } from '../database/ids.ts';
import { CodedError } from '../errors.ts';
import type { MutationResolvers } from '../graphql/generated.ts';
import { login, refresh, register } from './authentication.service.ts';
import { endSession } from './session.service.ts';

export const authenticationResolvers = {
  Mutation: {
    register: (_parent, { input }, { em, authentication, now }) => register(em, authentication, input, now()),

    login: (_parent, { input }, { em, authentication, now }) => login(em, authentication, input, now()),

    refresh: (_parent, { input }, { em, authentication, now }) => refresh(em, authentication, input, now()),

    logout: async (_parent, _args, { em, viewer, now }) => {
      // In `report` mode the guard lets everybody through.
      if (!viewer) {
        throw new CodedError('UNAUTHENTICATED', 'Sign in first.', {
          requires: { scopes: [], roles: [], policies: [] },
        });
      }
      await endSession(em, viewer.sessionId, now());
      return { endedSessionId: toGlobalId('session', viewer.sessionId) };
    },
  },
} satisfies { Mutation: MutationResolvers };
