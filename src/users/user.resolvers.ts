import { converted } from '../authorization/guard.ts';
import { toGlobalId } from '../database/ids.ts';
import type { Resolvers } from '../graphql/resolver-types.ts';
import { selectedIn } from '../lists/selected.ts';
import { setUserActive, setUserRole } from './user.administration.ts';
import { findUser, findViewer, listUsers } from './user.service.ts';

export const userResolvers: Pick<Resolvers, 'User'> & {
  Query: Pick<NonNullable<Resolvers['Query']>, 'me' | 'user' | 'users'>;
  Mutation: Pick<NonNullable<Resolvers['Mutation']>, 'setUserRole' | 'setUserActive'>;
} = {
  Query: {
    me: (_parent, _args, { em, viewer }, info) => findViewer(em, viewer, selectedIn(info)),
    user: (_parent, { id }, { em, viewer }, info) => findUser(em, viewer, id, selectedIn(info)),
    users: (_parent, args, { em, viewer }, info) => listUsers(em, viewer, args, selectedIn(info)),
  },
  Mutation: {
    setUserRole: async (_parent, { input }, { em, viewer, request, authentication }) =>
      authentication.sessions.known(setUserRole(em, viewer, input, request())),
    setUserActive: async (_parent, { input }, { em, viewer, request, authentication }) =>
      authentication.sessions.known(setUserActive(em, viewer, input, request())),
  },
  User: {
    id: converted((id: string) => toGlobalId('user', id)),
  },
};
