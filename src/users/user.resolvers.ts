import { toGlobalId } from '../database/ids.ts';
import type { Resolvers } from '../graphql/generated.ts';
import { setUserActive, setUserRole } from './user.administration.ts';
import { findUser, findViewer, listUsers } from './user.service.ts';

export const userResolvers: Pick<Resolvers, 'User'> & {
  Query: Pick<NonNullable<Resolvers['Query']>, 'me' | 'user' | 'users'>;
  Mutation: Pick<NonNullable<Resolvers['Mutation']>, 'setUserRole' | 'setUserActive'>;
} = {
  Query: {
    me: (_parent, _args, { em, viewer }) => findViewer(em, viewer),
    user: (_parent, { id }, { em, viewer }) => findUser(em, viewer, id),
    users: (_parent, args, { em, viewer }) => listUsers(em, viewer, args),
  },
  Mutation: {
    setUserRole: (_parent, { input }, { em, viewer, now }) => setUserRole(em, viewer, input, now()),
    setUserActive: (_parent, { input }, { em, viewer, now }) => setUserActive(em, viewer, input, now()),
  },
  User: {
    id: ({ id }) => toGlobalId('user', id),
  },
};
