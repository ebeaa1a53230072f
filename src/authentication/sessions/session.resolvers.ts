import { toGlobalId } from '../../database/ids.ts';
import type { Resolvers } from '../../graphql/resolver-types.ts';
import { deviceOf, lifetimeIn, listSessions } from './session.list.ts';
import { logout, logoutEverywhere, revokeOtherSessions, revokeSession } from './session.revocation.ts';

export const sessionResolvers: Pick<Resolvers, 'Session'> & {
  Query: Pick<NonNullable<Resolvers['Query']>, 'sessions'>;
  Mutation: Pick<
    NonNullable<Resolvers['Mutation']>,
    'logout' | 'revokeSession' | 'revokeOtherSessions' | 'logoutEverywhere'
  >;
} = {
  Query: {
    sessions: (_parent, args, context) => listSessions(context.em, context.viewer, args, lifetimeIn(context)),
  },
  Mutation: {
    logout: (_parent, _args, { em, viewer, authentication, request }) =>
      authentication.sessions.known(logout(em, viewer, request())),

    revokeSession: (_parent, { input }, { em, viewer, authentication, request }) =>
      authentication.sessions.known(revokeSession(em, viewer, input, request())),

    revokeOtherSessions: (_parent, _args, { em, viewer, authentication, request }) =>
      authentication.sessions.known(revokeOtherSessions(em, viewer, request())),

    logoutEverywhere: (_parent, _args, { em, viewer, authentication, request }) =>
      authentication.sessions.known(logoutEverywhere(em, viewer, request())),
  },
  Session: {
    id: ({ id }) => toGlobalId('session', id),
    device: ({ userAgent }) => deviceOf(userAgent),
    current: ({ id }, _args, { viewer }) => id === viewer?.sessionId,
  },
};
